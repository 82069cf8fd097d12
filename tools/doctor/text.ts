/** The report for a terminal. */
import wrap from "wrap-ansi";

import type { colors_for } from "../colors.ts";
import { listed } from "../words.ts";
import { output_of } from "./output.ts";
import { is_well, PACKAGE_MANAGERS } from "./report.ts";
import type { PackageManager, Program, Report, Selectors } from "./report.ts";

type Colors = ReturnType<typeof colors_for>;
/** A row: whether all is well (null where that is no question), its name, and what there is to say. */
type Row = readonly [mark: "ok" | "no" | "--" | null, name: string, text: string];

const WIDTH = 80;
/** Two for the mark, with a blank on either side of it, and the name. */
const INDENT = 18;

/** The lines, each of at most 80 columns. */
export function as_text(report: Report, colors: Colors): string[] {
  const sections: readonly (readonly [title: string, rows: readonly Row[]])[] = [
    ["Machine", machine(report)],
    ["Addon", addon(report)],
    ["Limits, for a server", limits(report)],
    ["Programs", report.programs.map(program)],
  ];
  const text = [colors.bold(`iomux ${report.iomux} on ${report.runtime}`)];
  for (const [title, rows] of sections) {
    text.push("", colors.bold(title), ...rows.flatMap((row) => lines(row, colors)));
  }
  return text.concat("", wrap(advice(report).join("\n"), WIDTH).split("\n"));
}

function lines([mark, name, text]: Row, colors: Colors): string[] {
  const paint = { ok: colors.green, no: colors.red, "--": colors.yellow };
  const shown = mark === null ? "  " : paint[mark](mark);
  const [first, ...rest] = wrap(text, WIDTH - INDENT, { hard: true }).split("\n");
  return [
    `${shown} ${name.padEnd(INDENT - 3)}${first}`,
    ...rest.map((line) => `${" ".repeat(INDENT)}${line}`),
  ];
}

function machine({ system }: Report): Row[] {
  const { kernel, arch, distribution, libc } = system;
  return [
    [null, "kernel", `${kernel}, ${arch}`],
    ...(distribution === null ? [] : [[null, "system", distribution] as const]),
    ...(libc === null ? [] : [[null, "C library", libc] as const]),
  ];
}

const BACKENDS = {
  linux: "linux: epoll, and the system calls that CPython makes here",
  darwin: "darwin: kqueue, and what else macOS has of its own",
  posix: "posix: the portable one, which needs only POSIX",
} as const;

function addon({ addon: found, selectors, sockets }: Report): Row[] {
  if ("errors" in found) {
    return found.errors.map((text, index) => [
      index === 0 ? "no" : null,
      index === 0 ? "not loaded" : "because",
      text,
    ]);
  }
  const { path, why, backend } = found;
  return [
    ["ok", "binary", path],
    [null, "", why],
    [null, "backend", BACKENDS[backend]],
    ...(selectors === null ? [] : selector_rows(selectors)),
    ...sockets.map(({ what, error, optional }): Row => {
      if (error === null) return ["ok", what, "a message arrived"];
      return [optional ? "--" : "no", what, error];
    }),
  ];
}

function selector_rows({ available, default: chosen }: Selectors): Row[] {
  return [
    [null, "selectors", listed(available)],
    [null, "", `DefaultSelector is ${chosen}`],
  ];
}

function limits({ limits: all }: Report): Row[] {
  return all.flatMap(({ name, value, meaning }): Row[] => [
    [null, name, value ?? "unknown"],
    [null, "", meaning],
  ]);
}

function program({ name, version, problem, needed_for }: Program): Row {
  if (version === null) return ["--", name, `not installed; needed for ${needed_for}`];
  return problem === null ? ["ok", name, version] : ["no", name, problem];
}

/** What to do about what is missing. */
function advice(report: Report): string[] {
  const missing = report.programs.filter(({ version }) => version === null);
  const result = is_well(report)
    ? "Sockets work here."
    : "Sockets do not work here: see what is marked no.";
  if (missing.length === 0) return [result];
  const manager = PACKAGE_MANAGERS.find((name) => output_of("sh", "-c", `command -v ${name}`));
  const packages = missing.flatMap(({ packages: names }) => names[manager!] ?? []);
  if (manager === undefined || packages.length === 0) {
    return [result, `Not installed: ${listed(missing.map(({ name }) => name))}.`];
  }
  return [result, `For what is missing: ${INSTALL[manager]} ${packages.join(" ")}`];
}

const INSTALL: Readonly<Record<PackageManager, string>> = {
  apt: "apt install",
  apk: "apk add",
  dnf: "dnf install",
  pacman: "pacman -S",
  brew: "brew install",
  pkg: "pkg install",
};
