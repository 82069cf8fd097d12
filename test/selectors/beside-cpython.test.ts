/**
 * lib/selectors.ts reads beside CPython's Lib/selectors.py: the same functions and classes with the
 * same members, in the same order under the same names. The tables below say what differs.
 */
import { readFileSync } from "node:fs";

import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";

import { PYTHON, ask_python } from "../support/python.ts";

const RENAMED: readonly (readonly [why: string, theirs: string, ours: string])[] = [
  ["JavaScript's name", "_SelectorMapping.__init__", "_SelectorMapping.constructor"],
  ["JavaScript's name", "_SelectorMapping.__len__", "_SelectorMapping.size"],
  ["JavaScript's name", "_SelectorMapping.__iter__", "_SelectorMapping.[Symbol.iterator]"],
  ["JavaScript's name", "BaseSelector.__exit__", "BaseSelector.[Symbol.dispose]"],
  ["a Map returns undefined", "_SelectorMapping.__getitem__", "_SelectorMapping.get"],
];

/** What only Python has: of one class, or of any. */
const ONLY_THERE: readonly (readonly [why: string, names: string])[] = [
  ["Node does not run on Solaris", "DevpollSelector"],
  ["`using` calls nothing at its beginning", "__enter__"],
  ["fields are initialized where they are declared", "__init__"],
  ["each subclass makes the `_selector` itself", "_selector_cls"],
];

/** What is only here. */
const ONLY_HERE: readonly (readonly [why: string, names: string])[] = [
  ["Python calls namedtuple()", "SelectorKey"],
  ["Python inherits them from Mapping", "has keys values entries"],
  ["waits in Node's event loop", "select_async [Symbol.asyncIterator]"],
  ["Python's object has one", "_BaseSelectorImpl.__repr__"],
  ["the loop that Python has in poll's and in epoll's select()", "_PollLikeSelector._ready"],
  ["Python has it in two methods", "filters_of"],
  ["each makes its own", "PollSelector._selector EpollSelector._selector"],
  ["also asks IOMUX_SELECTOR", "chosen_selector"],
  ["3.13 looks in the dict itself", "_key_from_fd"],
  ["3.11.2 counts descriptors", "_max_events"],
  ["the class is called EpollSelectorClass", "EpollSelector.name"],
  ["the class is called KqueueSelectorClass", "KqueueSelector.name"],
];

/** Functions, classes and `Class.method` in their order; `Class.attribute` sorted. */
interface Outline {
  readonly definitions: readonly string[];
  readonly attributes: readonly string[];
}

const program = `
import ast, selectors

definitions, attributes = [], []

def walk(body, prefix=""):
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            definitions.append(prefix + node.name)
        if isinstance(node, ast.ClassDef):
            walk(node.body, node.name + ".")
        elif isinstance(node, ast.If):
            walk(node.orelse if prefix else node.body, prefix)
        elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
            walk(node.body, prefix)
        elif isinstance(node, ast.Assign) and prefix:
            attributes.extend(prefix + getattr(to, "attr", getattr(to, "id", ""))
                              for to in node.targets)

with open(selectors.__file__) as file:
    walk(ast.parse(file.read()).body)
answers = {"definitions": definitions, "attributes": sorted(set(attributes))}
`;

function outline(path: string): Outline {
  const text = readFileSync(path, "utf8");
  const definitions: string[] = [];
  const attributes: string[] = [];
  for (const statement of parseSync(path, text).program.body) {
    const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (node?.type !== "ClassDeclaration" && node?.type !== "FunctionDeclaration") continue;
    // Two classes stand behind constants, which may be undefined.
    const name = node.id?.name.replace(/Class$/, "") ?? "";
    definitions.push(name);
    for (const member of node.type === "ClassDeclaration" ? node.body.body : []) {
      if (!("key" in member)) continue;
      const key = text.slice(member.key.start, member.key.end);
      const list = member.type.endsWith("MethodDefinition") ? definitions : attributes;
      list.push(`${name}.${member.computed ? `[${key}]` : key}`);
    }
  }
  return { definitions, attributes: attributes.toSorted() };
}

const theirs = ask_python(program, null) as () => Outline;
const ours = outline("lib/selectors.ts");

/** Whether a table has a name: itself, its class, or its last part. */
function is_in(table: readonly (readonly [why: string, names: string])[], name: string): boolean {
  const [owner, member] = name.split(/\.(.*)/);
  const names = new Set(table.flatMap(([, listed]) => listed.split(" ")));
  return names.has(name) || names.has(owner) || names.has(member);
}

function renamed(name: string): string {
  return RENAMED.find(([, from]) => from === name)?.[2] ?? name;
}

describe(`${PYTHON}'s Lib/selectors.py and lib/selectors.ts`, () => {
  test.each(["definitions", "attributes"] as const)("have the same %s", (part) => {
    const all = new Set(theirs()[part].map(renamed));
    const in_python = [...all].filter((name) => !is_in(ONLY_THERE, name));
    const here = ours[part].filter((name) => all.has(name) || !is_in(ONLY_HERE, name));
    expect(in_python.length).toBeGreaterThan(10);
    expect(here).toEqual(in_python);
  });

  test("no table has a name without need", () => {
    const here = [...ours.definitions, ...ours.attributes];
    expect(here.filter((name) => is_in(ONLY_THERE, name))).toEqual([]);
    const only_here = ONLY_HERE.flatMap(([, names]) => names.split(" "));
    const unused = only_here.filter((name) => !here.some((one) => is_in([["", name]], one)));
    expect(unused).toEqual([]);
    expect(RENAMED.filter(([, , name]) => !here.includes(name))).toEqual([]);
  });
});
