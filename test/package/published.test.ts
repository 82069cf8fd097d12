/** What is published: the files in the tarball, and the names that each of its modules exports. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { parseSync } from "oxc-parser";
import { afterAll, beforeAll, expect, test } from "vitest";

import packageJson from "../../package.json" with { type: "json" };

const folder = mkdtempSync(join(tmpdir(), "iomux-published-"));
const unpacked = join(folder, "node_modules/iomux");
afterAll(() => rmSync(folder, { recursive: true }));

let files: readonly string[] = [];

beforeAll(() => {
  const options = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [packed] = JSON.parse(execFileSync("npm", options, { encoding: "utf8" })) as {
    filename: string;
    files: { path: string }[];
  }[];
  files = packed.files.map(({ path }) => path);
  mkdirSync(unpacked, { recursive: true });
  execFileSync("tar", ["-xf", join(folder, packed.filename), "-C", unpacked, "--strip=1"]);
});

/** The names that a module's declarations export, as values or as types. */
function declared(file: string): string[] {
  const { module } = parseSync(file, readFileSync(file, "utf8"));
  const entries = module.staticExports.flatMap((statement) => statement.entries);
  return entries.flatMap(({ exportName, moduleRequest }) => {
    if (exportName.name !== null) return exportName.name;
    if (moduleRequest === null) return [];
    return declared(join(dirname(file), moduleRequest.value.replace(/\.[jt]s$/, ".d.ts")));
  });
}

/** The names of the values that a module has at run time. */
function values(subpath: string): string[] {
  const name = join("iomux", subpath);
  const program = `console.log(JSON.stringify(Object.keys(await import("${name}"))))`;
  const text = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: folder,
    encoding: "utf8",
    env: {
      ...process.env,
      IOMUX_ADDON: process.env.IOMUX_ADDON ?? resolve("build/Release/iomux.node"),
    },
  });
  return JSON.parse(text) as string[];
}

test("every name is exported that was exported before, and no other", () => {
  const lines = Object.entries(packageJson.exports).flatMap(([subpath, { types }]) => {
    const at_run_time = new Set(values(subpath));
    const names = new Set([...declared(join(unpacked, types)), ...at_run_time]);
    return [...names].map(
      (name) => `${subpath} ${at_run_time.has(name) ? "value" : "type"} ${name}`,
    );
  });
  // A line is added or taken away together with the name: this file is what users rely on.
  const surface = readFileSync("test/package/surface.txt", "utf8").trimEnd().split("\n");
  expect(lines.toSorted()).toEqual(surface);
});

test("every file that package.json names is in the tarball", () => {
  const named = Object.values(packageJson.exports).flatMap((entry) => Object.values(entry));
  const all = [...named, ...Object.values(packageJson.bin)].map((file) => file.replace("./", ""));
  expect(all.filter((file) => !files.includes(file))).toEqual([]);
});

test("the tarball has what users need, and nothing of what makes or tests it", () => {
  expect(files).toEqual(
    expect.arrayContaining([
      "LICENSE",
      "README.md",
      "binding.gyp",
      "dist/tools/register.js",
      "dist/tools/viewer.html",
      "dist/tools/bench/bench/servers/iomux.js",
      "dist/tools/programs/net/echo-server.js",
      "docs/recording.md",
      "examples/chat.ts",
      "native/addon.cc",
      "native/bench/load.cc",
      "native/call.h",
      "scripts/echo-server.py",
      "scripts/net/echo-server.ts",
    ]),
  );
  expect(
    files.filter((file) =>
      /^(?:test|tools|docs\/images|packaging|\.)|tsbuildinfo|CMake/.test(file),
    ),
  ).toEqual([]);
});

test("every source that a map leads to is published", () => {
  const maps = files.filter((file) => file.endsWith(".map"));
  const sources = maps.flatMap((file) => {
    const map = JSON.parse(readFileSync(join(unpacked, file), "utf8")) as { sources: string[] };
    return map.sources.map((source) => join(dirname(file), source));
  });
  expect(new Set(sources).size).toBeGreaterThan(40);
  expect(sources.filter((file) => !files.includes(file) && !file.includes("rolldown"))).toEqual([]);
});

test("every file that a compiled module imports is published", () => {
  // The programs import each other as TypeScript, which precompiled.js answers.
  const compiled = files.filter((file) => /^dist\/(?!tools\/programs).*\.js$/.test(file));
  const imported = compiled.flatMap((file) => {
    const { module } = parseSync(file, readFileSync(join(unpacked, file), "utf8"));
    const requests = [
      ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
      ...module.staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
      ),
    ];
    const own = requests.filter((name) => name.startsWith("."));
    return own.map((name) => join(dirname(file), name));
  });
  expect(imported).toContain("dist/trace/replay.js");
  expect(imported.filter((file) => !files.includes(file))).toEqual([]);
});
