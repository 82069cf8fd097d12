/** The house: dependencies only point down, nothing goes in circles, and no file is long without a reason. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";

/**
 * The floors of each house, from the bottom up, by how the paths of their files begin. A file may need
 * files of its own room and of the floors below, but of no other room on its floor.
 */
const HOUSES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  lib: [
    ["lib/native/"],
    ["lib/native.ts"],
    ["lib/core/"],
    ["lib/io/", "lib/select/", "lib/signal/", "lib/protocol/", "lib/builtins.ts", "lib/bytes.ts"],
    ["lib/struct/"],
    ["lib/signal.ts", "lib/struct.ts", "lib/sys.ts"],
    ["lib/socket/", "lib/selectors/", "lib/select.ts", "lib/protocol.ts"],
    ["lib/socket.ts", "lib/selectors.ts"],
    ["lib/socketserver/"],
    ["lib/socketserver.ts"],
    ["lib/trace/"],
    ["lib/trace.ts"],
    ["lib/index.ts"],
  ],
  tools: [
    ["lib/"],
    [
      "tools/browser.ts",
      "tools/words.ts",
      "tools/html.ts",
      "tools/colors.ts",
      "tools/progress.ts",
      "tools/terminal.ts",
      "tools/usage-error.ts",
      "tools/bundle-lib.ts",
    ],
    ["tools/source/", "tools/recording/"],
    ["tools/record/", "tools/viewer/"],
    ["tools/twins/", "tools/tutorial/", "tools/course/", "tools/bench/", "tools/doctor/"],
    ["tools/iomux.ts", "tools/build.ts", "tools/screenshots.ts"],
  ],
  "tools/viewer": [
    ["lib/", "tools/recording/", "tools/source/", "tools/words.ts"],
    ["tools/viewer/dom.ts"],
    ["tools/viewer/glossary.ts", "tools/viewer/style/", "tools/viewer/inputs.ts"],
    ["tools/viewer/data/"],
    ["tools/viewer/stage/"],
    ["tools/viewer/lanes/", "tools/viewer/panels/"],
    ["tools/viewer/"],
  ],
  native: [
    ["native/descriptors.h", "native/values.h", "native/thread.h"],
    ["native/platform"],
    ["native/databases", "native/libuv."],
    ["native/call.", "native/signal-libuv.", "native/signal-state.h"],
    ["native/interrupt.", "native/watch.", "native/address.", "native/constants.h"],
    ["native/"],
    ["native/addon.cc"],
  ],
};

/** All files below a folder that end so. */
function files_below(folder: string, ending: RegExp): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.map((file) => join(folder, file)).filter((file) => ending.test(file));
}

/** The files of the project that a file imports or includes, types too. */
function needs(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const { module } = parseSync("file.ts", file.endsWith(".ts") ? text : "");
  const names = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...Array.from(text.matchAll(/^#include "(.*)"$/gm), ([, name]) => `./${name}`),
  ];
  names.push(...Array.from(text.matchAll(/\bimport\("(\.[^"]+)"\)/g), ([, name]) => name));
  const own = names.filter((name) => name.startsWith(".")).map((name) => join(file, "..", name));
  return [...new Set(own)].filter((path) => path !== file);
}

/** The floor and the room of a file: the longest beginning of its path that is one. */
function place_of(file: string, house: readonly (readonly string[])[]) {
  const rooms = house.flatMap((names, floor) => names.map((room) => ({ floor, room })));
  const found = rooms.filter(({ room }) => file.startsWith(room));
  return found.toSorted((a, b) => b.room.length - a.room.length).at(0);
}

/** Files each of which needs the next, and the last the first; empty where there is no circle. */
function circle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const follow = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return path.slice(path.indexOf(file));
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const found = follow(next, [...path, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  return [...graph.keys()].map((file) => follow(file, [])).find(({ length }) => length > 0) ?? [];
}

describe.each(Object.keys(HOUSES))("%s", (name) => {
  const house = HOUSES[name];
  const graph = new Map(files_below(name, /\.(?:ts|cc|h)$/).map((file) => [file, needs(file)]));

  test("each file needs only its own room and the floors below", () => {
    expect(graph.size).toBeGreaterThan(25);
    const wrong = [...graph].flatMap(([file, all]) => {
      const from = place_of(file, house);
      const up = all.filter((path) => {
        const to = place_of(path, house);
        return (
          from === undefined ||
          to === undefined ||
          to.floor > from.floor ||
          (to.floor === from.floor && to.room !== from.room)
        );
      });
      return up.map((path) => `${file} needs ${path}`);
    });
    expect(wrong).toEqual([]);
  });

  test("no files go in a circle", () => {
    expect(circle(graph)).toEqual([]);
  });
});

test("lib/ and tools/ name their own files, not the package", () => {
  const files = ["lib", "tools"].flatMap((folder) => files_below(folder, /\.ts$/));
  const asking = files.filter((file) =>
    /^(?:import|export|\}).* from "iomux[/"]/m.test(readFileSync(file, "utf8")),
  );
  expect(asking).toEqual([]);
});

test("a circle is found, also of imports of types", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", []],
    ["d", ["b"]],
  ]);
  expect(circle(graph)).toEqual(["b", "d"]);
  expect(needs("lib/trace/calls.ts")).toContain("lib/native.ts");
});

test("every room is there", () => {
  const rooms = Object.values(HOUSES).flat(2);
  const files = Object.keys(HOUSES).flatMap((name) => files_below(name, /./));
  // A room is a folder, a file, or what the names of several files begin with.
  const missing = rooms.filter((room) => !files.some((file) => file.startsWith(room)));
  expect(missing).toEqual([]);
});

test("a program of the tutorial needs nothing but the package", () => {
  const programs = readdirSync("scripts").filter((file) =>
    /^(?:echo|multi|app|lib).*\.ts$/.test(file),
  );
  const needed = programs.flatMap((file) => needs(`scripts/${file}`));
  expect(new Set(needed)).toEqual(new Set(["scripts/libserver.ts", "scripts/libclient.ts"]));
});

const lines_of = (file: string): string[] => readFileSync(file, "utf8").trimEnd().split("\n");

test("no file is long without a reason at its head", () => {
  const sources = ["lib", "tools", "native", "scripts", "packaging", "test"].flatMap((folder) =>
    files_below(folder, /\.(?:ts|mts|cc|h|py|css)$/),
  );
  const long = sources.filter((file) => {
    return lines_of(file).length > (file.startsWith("test/") ? 500 : 400);
  });
  expect(long).not.toEqual([]);
  const heads = long.map((file) => [file, lines_of(file).slice(0, 10).join(" ")] as const);
  expect(heads.filter(([, head]) => !head.includes("long because"))).toEqual([]);
});
