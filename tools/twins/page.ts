/** Comparisons as one self-contained page. */
import { html_text } from "../html.ts";
import type { Piece } from "../source/highlight.ts";
import type { Comparison, Difference, TwinColumn } from "./compare.ts";
import { style } from "./page-style.ts";
import {
  about_net,
  circumstances,
  commands,
  count_of,
  kinds_of_calls,
  verdicts,
  with_times,
} from "./verdicts.ts";

/** The page of a program or a chapter, with a section for each program. */
export function as_page(name: string, comparisons: readonly Comparison[]): string {
  const sections = comparisons.map((comparison) => section(comparison));
  const links = comparisons.map(
    (each) => `<a href="#${html_text(each.name)}">${html_text(each.name)}</a>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html_text(name)}: Python and TypeScript side by side</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${html_text(name)}: Python and TypeScript side by side</h1>
<p class="quiet">Both were run and recorded. Each line is followed by the system calls that it made.</p>
${links.length > 1 ? `<nav>${links.join("\n")}</nav>` : ""}
</header>
<main>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

function section(comparison: Comparison): string {
  const { name, python, typescript, net } = comparison;
  return `<section id="${html_text(name)}">
<h2>${html_text(name)}</h2>
<pre class="quiet">${commands(comparison).map(html_text).join("\n")}</pre>
<p class="quiet">${html_text(circumstances(comparison))}</p>
<ul class="verdicts">
${verdicts(comparison)
  .map(
    ({ is_same, sentence, difference }) =>
      `<li class="${is_same ? "same" : "differs"}"><b>${is_same ? "=" : "≠"}</b>${html_text(sentence)}${difference === null ? "" : difference_table(difference)}</li>`,
  )
  .join("\n")}
</ul>
${left_out(comparison)}
<details>
<summary>What they printed</summary>
<div class="printed">
${[python, typescript, net].map((column) => (column === null ? "" : printed(column))).join("\n")}
</div>
</details>
<h3>Line by line</h3>
<div class="listing${net === null ? "" : " with-net"}">
${listing(comparison)}
${net === null ? "" : beside(comparison, net)}
</div>
</section>`;
}

function left_out({ left_out: rules }: Comparison): string {
  if (rules.length === 0) return "";
  return `<p class="quiet">Not compared:</p>
<ul class="notes">
${rules.map((rule) => `<li>${html_text(rule)}</li>`).join("\n")}
</ul>`;
}

function listing({ pairs, python, typescript }: Comparison): string {
  const rows = pairs.map((pair) => {
    const is_pair = pair.python !== null && pair.typescript !== null;
    const is_blank = is_pair && plain(python, pair.python) === "";
    const tie = `<td class="${is_pair && !is_blank ? "tie" : ""}"></td>`;
    const calls = [calls_cell(python, pair.python), calls_cell(typescript, pair.typescript)];
    const code = `<tr>${code_cells(python, pair.python)}${tie}${code_cells(typescript, pair.typescript)}</tr>`;
    if (calls.every((cell) => cell === "")) return code;
    const [left, right] = [pair.python, pair.typescript].map((line, index) => {
      const gap = line === null ? ' class="gap"' : "";
      return `<td${gap}></td><td${gap}>${calls[index]}</td>`;
    });
    return `${code}\n<tr class="calls">${left}<td></td>${right}</tr>`;
  });
  return `<table class="twins">
<colgroup><col class="number-column"><col><col class="tie-column"><col class="number-column"><col></colgroup>
<thead><tr>${heading(python)}<th></th>${heading(typescript)}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

function heading({ title, path }: TwinColumn): string {
  return `<th colspan="2" scope="col">${html_text(title)} <code class="quiet">${html_text(path)}</code></th>`;
}

/** The number of a line and its text; two empty cells if there is no such line. */
function code_cells(column: TwinColumn, line: number | null): string {
  if (line === null) return '<td class="gap"></td><td class="gap"></td>';
  // A wrapped line is indented further.
  const hang = `padding-left:${indent_of(column, line) + 2}ch;text-indent:-2ch`;
  const [first, ...rest] = column.lines[line - 1];
  const pieces = first === undefined ? [] : [{ ...first, text: first.text.trimStart() }, ...rest];
  return `<td class="number">${line}</td><td style="${hang}">${painted(pieces)}</td>`;
}

function plain({ lines }: TwinColumn, line: number | null): string {
  return (lines[(line ?? 0) - 1] ?? []).map(({ text }) => text).join("");
}

function indent_of(column: TwinColumn, line: number | null): number {
  const text = plain(column, line);
  return text.length - text.trimStart().length;
}

function painted(pieces: readonly Piece[]): string {
  return pieces
    .map(({ kind, text }) => {
      const [name] = kind.split(" ");
      // The class "number" is that of line numbers.
      const look = name === "number" ? "number-literal" : name;
      return look === "" ? html_text(text) : `<span class="${look}">${html_text(text)}</span>`;
    })
    .join("");
}

function calls_cell(column: TwinColumn, line: number | null): string {
  const calls = column.calls.get(line ?? 0) ?? [];
  const texts = calls.map((call) => `<span class="call">→ ${html_text(with_times(call))}</span>`);
  if (texts.length === 0) return "";
  return `<div style="margin-left:${indent_of(column, line)}ch">${texts.join("")}</div>`;
}

function printed({ title, result }: TwinColumn): string {
  return `<div><h3>${html_text(title)}</h3><pre>${html_text(result.printed)}</pre></div>`;
}

function side(title: string, text: string | null, where: string | null): string {
  const cells = [text ?? "(nothing more)", where ?? ""].map(
    (each) => `<td>${html_text(each)}</td>`,
  );
  return `<tr class="here"><th scope="row">${title}</th>${cells.join("")}</tr>`;
}

function difference_table({ before, python, typescript, at }: Difference): string {
  return `<table class="difference">
${before.map((text) => `<tr><th scope="row">both</th><td>${html_text(text)}</td><td></td></tr>`).join("\n")}
${side("Python", python, at.python)}
${side("TypeScript", typescript, at.typescript)}
</table>`;
}

/** The program on node:net, and the totals of its calls. */
function beside(comparison: Comparison, net: TwinColumn): string {
  const { python, typescript } = comparison;
  const rows = kinds_of_calls(comparison).map(
    (name) =>
      `<tr><td>${html_text(name)}</td>${[python, typescript, net].map((column) => `<td>${count_of(column, name)}</td>`).join("")}</tr>`,
  );
  return `<aside class="beside">
<h3>node:net</h3>
<p>${html_text(about_net(comparison))}</p>
<table class="totals">
<thead><tr><th></th><th>Python</th><th>TypeScript</th><th>node:net</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
<h3>${html_text(net.path)}</h3>
<pre>${net.lines.map(painted).join("\n")}</pre>
</aside>`;
}
