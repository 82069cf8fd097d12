/** Puts what a command has found out into README.md, between two comments that name the command. */
import { readFileSync, writeFileSync } from "node:fs";

/** Writes a Markdown table between `<!-- COMMAND -->` and `<!-- end -->`. */
export function write_readme_table(
  command: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  file: string = new URL("../README.md", import.meta.url).pathname,
): void {
  const text = readFileSync(file, "utf8");
  const begin = `<!-- ${command} -->\n`;
  const from = text.indexOf(begin);
  const to = text.indexOf("<!-- end -->", from);
  if (from < 0 || to < 0) {
    throw new Error(`${file} has no "${begin.trim()}" with an "<!-- end -->" after it.`);
  }
  const table = markdown_table(heads, rows);
  writeFileSync(file, `${text.slice(0, from)}${begin}\n${table}\n\n${text.slice(to)}`);
}

/** Columns as wide as their longest text, as the formatter wants them. */
function markdown_table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) => cell.padEnd(widths[column]));
    return `| ${padded.join(" | ")} |`;
  };
  return [line(heads), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}
