/** What is public has a doc comment, and what is not is not published. */
import { spawnSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import packageJson from "../../package.json" with { type: "json" };
import { parse } from "../../tools/recording/parse.ts";
import { FINDERS } from "../../tools/recording/troubles.ts";
import { has_head, surface } from "../support/declarations.ts";

const modules = Object.values(packageJson.exports).map((entry) => entry["iomux-source"].slice(2));
// It has the others as namespaces, and nothing of its own.
const index = "lib/index.ts";

describe.each(modules)("%s", (path) => {
  test("says at its head what it is", () => {
    expect(has_head(path)).toBe(true);
  });

  test.skipIf(path === index)("documents every public name and member", () => {
    const all = surface(path);
    expect(all.length).toBeGreaterThan(5);
    expect(all.filter(({ documented }) => !documented).map(({ what }) => what)).toEqual([]);
  });
});

describe("the search", () => {
  test("finds names, their members, and those of the classes behind them", () => {
    const names = modules.flatMap((path) => surface(path)).map(({ what }) => what.split(" ")[1]);
    expect(names).toEqual(
      expect.arrayContaining([
        "AF_INET",
        "ALG_SET_KEY",
        "BaseSelector.register",
        "BaseSocket.[Symbol.dispose]",
        "BaseSocket.settimeout",
        "Kevent.ident",
        "KeyError.key",
        "SelectorKey._fields",
        "ServerOptions.backlog",
        "encode",
        "socket.bind",
      ]),
    );
  });

  test("tells what has no doc comment", () => {
    const folder = mkdtempSync(join(tmpdir(), "iomux-docs-"));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    writeFileSync(
      join(folder, "base.ts"),
      `
        export class Base { of_base() {} /** Yes. */ get documented() { return 1; } }
        export type Missing = number;
        // No doc comment.
        export function plain() {}
        export const NOT_EXPORTED_THERE: number = 1;
      `,
    );
    const path = join(folder, "module.ts");
    writeFileSync(
      path,
      `
        import { Base } from "./base.ts";
        export { plain as renamed, type Missing } from "./base.ts";

        // A group.
        export const ONE: number = 1;
        export const TWO: number = 2;

        export const ALONE: number = 3;

        /** Yes. */
        export function overloaded(): void;
        export function overloaded(x: number): void;
        export function overloaded(x?: number) {}

        /** Yes. */
        export class Derived extends Base {
          #private = 1;
          private hidden = 1;
          /** @internal */
          _internal = 1;
          static member = 1;
          override of_base() {}
          overloaded(): void;
          overloaded(x?: number): void {}
          /** Yes. */

          apart() {}
        }
      `,
    );
    const lacking = surface(path).filter(({ documented }) => !documented);
    expect(lacking.map(({ what }) => what.split(" ")[1]).toSorted()).toEqual([
      "ALONE",
      "Base.of_base",
      "Derived.apart",
      "Derived.member",
      "Derived.overloaded",
      "Missing",
      "renamed",
    ]);
  });
});

/** Compiles with the compiler that the project has; throws with what it says. */
function compile(...args: readonly string[]): void {
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(stdout);
}

describe("the published types", () => {
  test("have nothing internal, and stand by themselves", () => {
    const folder = mkdtempSync(join(tmpdir(), "iomux-types-"));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    compile(
      "-p",
      "lib",
      "--emitDeclarationOnly",
      "--outDir",
      folder,
      "--tsBuildInfoFile",
      join(folder, "info"),
    );
    const files = readdirSync(folder).filter((name) => name.endsWith(".d.ts"));
    expect(files).toContain("socket.d.ts");
    for (const name of files) {
      expect(readFileSync(join(folder, name), "utf8"), name).not.toContain("@internal");
    }
    // What the compiler took away may be what something public is made of.
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    const options = {
      extends: resolve("tsconfig.base.json"),
      compilerOptions: { skipLibCheck: false, noEmit: true },
      files,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
    compile("-p", folder);
  });
});

test("docs/viewer.md lists every kind of trouble that is looked for, and no other", () => {
  const rows = readFileSync("docs/viewer.md", "utf8").matchAll(/^\| (`[^|]*`) +\|.*\|$/gm);
  const kinds = Array.from(rows, ([, cell]) => cell.replaceAll("`", "").trim().split(", "));
  expect(kinds.flat().toSorted()).toEqual(Object.keys(FINDERS).toSorted());
});

test("docs/doctor.md has every field of the JSON", () => {
  const text = readFileSync("docs/doctor.md", "utf8");
  const fields = surface("tools/doctor/report.ts").flatMap(({ what }) => {
    return /\.(\w+)$/.exec(what)?.[1] ?? [];
  });
  expect(fields.length).toBeGreaterThan(20);
  expect(fields.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

describe("docs/recording.md", () => {
  const text = readFileSync("docs/recording.md", "utf8");

  test("has every field of the format, and every kind of line", () => {
    const fields = surface("lib/trace/recording.ts")
      .map(({ what }) => /\.(\w+)$/.exec(what)?.[1])
      .filter((name) => name !== undefined);
    expect(fields.length).toBeGreaterThan(40);
    const kinds = ["header", "source", "stack", "call", "print", "fault", "end"];
    expect([...fields, ...kinds].filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual(
      [],
    );
  });

  test("has examples that a reader takes", () => {
    const examples = [...text.matchAll(/```jsonl\n(.*?)```/gs)].flatMap(([, lines]) =>
      lines.trim().split("\n"),
    );
    const lines = examples.filter((line) => line.includes('"kind"'));
    expect(parse(lines.join("\n"), "the examples").lines).toHaveLength(lines.length);
    expect(lines.length).toBeGreaterThan(5);
  });
});
