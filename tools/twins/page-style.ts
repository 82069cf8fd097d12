/** The page's style sheet, light or dark as the reader prefers. */
export const style = `
:root {
  --paper: #fcfbf8;
  --raised: #f2f0ea;
  --ink: #1f2328;
  --quiet: #5c6370;
  --rule: #e2dfd6;
  --call: #1f5fae;
  --same: #18804a;
  --differs: #c4262e;
  --tie: #b9b4a6;
  --keyword: #8a2fa8;
  --string: #18704a;
  --number: #a4510a;
  --comment: #6b717c;
  --title: #1f56b3;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  --sans: system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181d;
    --raised: #20242b;
    --ink: #e4e6ea;
    --quiet: #9ba3b0;
    --rule: #2b2f37;
    --call: #7fb2ff;
    --same: #56c48a;
    --differs: #ff6f6f;
    --tie: #4d5461;
    --keyword: #d89af0;
    --string: #8fd3a5;
    --number: #f0b072;
    --comment: #8b93a1;
    --title: #8ab8ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  padding: 28px 24px 64px;
  max-width: 1500px;
  background: var(--paper);
  color: var(--ink);
  font: 14px/1.5 var(--sans);
}
h1 { margin: 0 0 4px; font-size: 22px; font-weight: 600; }
h2 { margin: 40px 0 12px; font-size: 18px; font-weight: 600; }
h3 { margin: 24px 0 8px; font-size: 13px; font-weight: 600; color: var(--quiet); }
p { margin: 0 0 8px; max-width: 48rem; }
a { color: var(--call); }
nav { display: flex; gap: 16px; }
pre, code, td { font: 12.5px/1.5 var(--mono); }
pre { margin: 0 0 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.verdicts { margin: 12px 0; padding: 0; list-style: none; }
.verdicts li { padding-left: 22px; text-indent: -22px; }
.verdicts li > * { text-indent: 0; }
.verdicts b { display: inline-block; width: 22px; text-indent: 0; font-family: var(--mono); }
.same > b { color: var(--same); }
.differs > b { color: var(--differs); }
.difference { margin: 6px 0 12px 22px; border-left: 2px solid var(--differs); border-collapse: collapse; }
.difference td, .difference th { padding: 1px 12px; text-align: left; vertical-align: top; text-indent: 0; font-weight: 400; }
.difference th { font: 12.5px/1.5 var(--sans); white-space: nowrap; color: var(--quiet); }
.difference .here td { color: var(--differs); }
.notes { margin: 8px 0 0; padding: 0 0 0 22px; font-size: 13px; color: var(--quiet); }
.listing { display: grid; gap: 24px; align-items: start; }
.listing.with-net { grid-template-columns: minmax(0, 5fr) minmax(0, 2fr); }
.twins { width: 100%; border-collapse: collapse; table-layout: fixed; border: 1px solid var(--rule); }
.twins .number-column { width: 38px; }
.twins .tie-column { width: 22px; }
.twins th {
  padding: 6px 10px;
  background: var(--raised);
  border-bottom: 1px solid var(--rule);
  font: 600 13px/1.4 var(--sans);
  text-align: left;
}
.twins td { padding: 0 8px 0 0; vertical-align: top; overflow-wrap: anywhere; white-space: pre-wrap; }
.twins .number { padding: 0 8px 0 0; text-align: right; color: var(--quiet); user-select: none; opacity: 0.75; }
.twins .tie { padding: 0; background: linear-gradient(var(--tie), var(--tie)) center 9px / 100% 1px no-repeat; }
.twins .gap { background: var(--raised); }
.call { color: var(--call); font-size: 11.5px; }
.twins tbody tr:first-child td { padding-top: 6px; }
.twins tbody tr:last-child td { padding-bottom: 6px; }
.call { display: block; padding-left: 2ch; text-indent: -2ch; }
.beside pre { padding: 8px 10px; border: 1px solid var(--rule); }
.totals { width: 100%; margin: 0 0 16px; border-collapse: collapse; }
.totals th, .totals td { padding: 1px 8px 1px 0; text-align: right; border-bottom: 1px solid var(--rule); font-weight: 400; }
.totals th:first-child, .totals td:first-child { text-align: left; }
.totals thead th { color: var(--quiet); font-size: 12px; }
details { margin-top: 16px; }
summary { cursor: pointer; color: var(--quiet); }
.printed { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 16px; margin-top: 8px; }
.printed pre { padding: 8px 10px; border: 1px solid var(--rule); }
.keyword, .variable { color: var(--keyword); }
.string { color: var(--string); }
.number-literal, .literal { color: var(--number); }
.comment { color: var(--comment); }
.title, .built_in { color: var(--title); }
@media (max-width: 1000px) {
  .listing.with-net { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 720px) {
  body { padding: 16px 10px 40px; }
  .twins .number-column { width: 28px; }
  .twins .tie-column { width: 10px; }
  .twins td, .call { font-size: 11px; }
}
`;
