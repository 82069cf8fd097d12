/** A comparison on a terminal, in columns side by side. */
import width_of from "string-width";
import wrap from "wrap-ansi";

import { colors_for } from "../colors.ts";
import type { Piece } from "../source/highlight.ts";
import type { Comparison, Difference, TwinColumn } from "./compare.ts";
import {
  about_net,
  circumstances,
  commands,
  count_of,
  kinds_of_calls,
  verdicts,
  with_times,
} from "./verdicts.ts";
import type { Verdict } from "./verdicts.ts";
import { wrap_code } from "./wrap-code.ts";

const colors = colors_for(process.stdout);

type Paint = (text: string) => string;

/** Colours by highlight.js's scopes. */
const paints: ReadonlyMap<string, Paint> = new Map([
  ["keyword", colors.magenta],
  ["built_in", colors.cyan],
  ["title", colors.blue],
  ["string", colors.green],
  ["literal", colors.yellow],
  ["number", colors.yellow],
  ["comment", colors.dim],
  ["variable", colors.magenta],
]);

/** The least width for a third column; on a narrower terminal, it goes below the other two. */
const WIDE = 140;

const GAP = colors.dim(" │ ");

/** The comparison as lines of at most `width` columns. */
export function as_text(comparison: Comparison, width: number): string[] {
  const { python, typescript, net } = comparison;
  const has_third = net !== null && width >= WIDE;
  const rows: (readonly (readonly [TwinColumn, number | null])[])[] = comparison.pairs.map(
    (pair) => [
      [python, pair.python],
      [typescript, pair.typescript],
    ],
  );
  if (has_third) {
    for (let index = 0; index < Math.max(rows.length, net.lines.length); index++) {
      const cells = rows[index] ?? [
        [python, null],
        [typescript, null],
      ];
      rows[index] = [...cells, [net, index < net.lines.length ? index + 1 : null]];
    }
  }
  const columns = has_third ? [python, typescript, net] : [python, typescript];
  return [
    colors.bold(
      `── ${comparison.name} ${"─".repeat(Math.max(0, width - comparison.name.length - 4))}`,
    ),
    "",
    ...table(columns, rows, width),
    "",
    ...(net === null || has_third ? [] : [...single(net, width), ""]),
    ...(net === null
      ? []
      : [...wrapped(about_net(comparison), width), ...totals(comparison, width), ""]),
    ...outcome(comparison, width),
  ];
}

/** The verdicts, with the commands, the scenario and what was not compared. */
export function outcome(comparison: Comparison, width: number): string[] {
  return [
    ...commands(comparison).flatMap((line) => wrapped(line, width).map(colors.dim)),
    ...wrapped(circumstances(comparison), width).map(colors.dim),
    "",
    ...verdicts(comparison).flatMap((verdict) => verdict_lines(verdict, width)),
    ...(comparison.left_out.length === 0 ? [] : [colors.dim("Not compared:")]),
    ...comparison.left_out.flatMap((rule) => hanging(`- ${rule}`, 2, width).map(colors.dim)),
    "",
  ];
}

function table(
  columns: readonly TwinColumn[],
  rows: readonly (readonly (readonly [TwinColumn, number | null])[])[],
  width: number,
): string[] {
  const each = Math.floor((width - 3 * (columns.length - 1)) / columns.length);
  const heads = columns.map(({ title, path }) =>
    wrapped(`${title}: ${path}`, each).map(colors.bold),
  );
  return [
    ...side_by_side(heads, each),
    ...rows.flatMap((cells) => [
      ...side_by_side(
        cells.map(([column, line]) => code(column, line, each)),
        each,
      ),
      ...side_by_side(
        cells.map(([column, line]) => calls_under(column, line, each)),
        each,
      ),
    ]),
  ];
}

/** One program, without its calls. */
function single(column: TwinColumn, width: number): string[] {
  return table(
    [column],
    column.lines.map((_, index) => [[column, index + 1]]),
    width,
  );
}

/** Joins cells of several lines side by side. */
function side_by_side(cells: readonly (readonly string[])[], width: number): string[] {
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    cells
      .map((lines) => lines[row] ?? "")
      .map((line, index) =>
        index === cells.length - 1 ? line : line + " ".repeat(Math.max(0, width - width_of(line))),
      )
      .join(GAP)
      .trimEnd(),
  );
}

/** The width of a line number. */
const NUMBER = 4;

function code(column: TwinColumn, line: number | null, width: number): string[] {
  if (line === null) return [];
  const is_narrow = column.language === "python" && width < ROOMY;
  const pieces = is_narrow ? narrower(column.lines[line - 1]) : column.lines[line - 1];
  return wrap_code(pieces, width - NUMBER, 2).map((part, index) => {
    const number = (index === 0 ? String(line) : "").padStart(NUMBER - 1);
    return `${colors.dim(number)} ${part.map(paint).join("")}`;
  });
}

/** The least width of a column for Python's indentation of four spaces. */
const ROOMY = 60;

/** The same line, indented by two spaces a level like TypeScript. */
function narrower(pieces: readonly Piece[]): readonly Piece[] {
  const [first, ...rest] = pieces;
  if (first === undefined) return pieces;
  return [
    { ...first, text: first.text.replace(/^(?: {4})+/, (all) => all.slice(all.length / 2)) },
    ...rest,
  ];
}

function paint({ kind, text }: Piece): string {
  const painted = paints.get(kind.split(" ")[0]);
  return painted === undefined || text.trim() === "" ? text : painted(text);
}

function calls_under(column: TwinColumn, line: number | null, width: number): string[] {
  return (column.calls.get(line ?? 0) ?? []).flatMap((call) =>
    hanging(`→ ${with_times(call)}`, 1, width - NUMBER).map(
      (part) => " ".repeat(NUMBER) + colors.cyan(part),
    ),
  );
}

/** Wraps a text; its first line is indented by `indent`, the others by two more. */
function hanging(text: string, indent: number, width: number): string[] {
  const pieces = [{ kind: "", text: " ".repeat(indent) + text }];
  return wrap_code(pieces, width, 2).map((line) => line.map((piece) => piece.text).join(""));
}

function wrapped(text: string, width: number): string[] {
  return wrap(text, width, { hard: true, trim: true }).split("\n");
}

function totals(comparison: Comparison, width: number): string[] {
  const columns = [comparison.python, comparison.typescript, comparison.net!];
  const room = Math.min(16, Math.floor((width - 20) / 3));
  const heads = ["Python", "TypeScript", "node:net"];
  return [
    " ".repeat(20) + heads.map((head) => head.padStart(room)).join(""),
    ...kinds_of_calls(comparison).map(
      (name) =>
        name.padEnd(20) + columns.map((column) => count_of(column, name).padStart(room)).join(""),
    ),
  ];
}

function verdict_lines({ is_same, sentence, difference }: Verdict, width: number): string[] {
  const mark = is_same ? colors.green("= ") : colors.red("≠ ");
  const [first, ...rest] = wrapped(sentence, width - 2);
  const lines = [mark + first, ...rest.map((line) => `  ${line}`)];
  return difference === null ? lines : [...lines, ...difference_lines(difference, width)];
}

function side(title: string, text: string | null, where: string | null): string {
  return `${title.padEnd(10)} ${text ?? "(nothing more)"}${where === null ? "" : `   ${where}`}`;
}

function difference_lines({ before, python, typescript, at }: Difference, width: number): string[] {
  const line = (mark: string, text: string, style: Paint): string[] =>
    hanging(`${mark} ${text}`, 2, width).map(style);
  return [
    ...before.flatMap((text) => line("=", text, colors.dim)),
    ...line("≠", side("Python", python, at.python), colors.red),
    ...line("≠", side("TypeScript", typescript, at.typescript), colors.red),
  ];
}
