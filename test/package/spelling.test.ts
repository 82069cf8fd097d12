/** Functions and methods in lib/ and tools/ are spelt as in Python: snake_case. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parseSync, Visitor } from "oxc-parser";
import type { Node } from "oxc-parser";
import { expect, test } from "vitest";

/** Python's own names for what are functions here or in C, and names that JavaScript, a browser, commander or rolldown calls. */
const EXCEPTIONS =
  /^(CMSG_LEN|CMSG_SPACE|ThreadingMixIn|constructor|toString|valueOf|ownKeys|getOwnPropertyDescriptor|connectedCallback|subcommandTerm|resolveId)$/;

/** The names that a file gives to functions and methods. */
function function_names(text: string): string[] {
  const names: string[] = [];
  const see = (name: Node | null, value: Node | null): void => {
    const is_function = value !== null && /Function/.test(value.type);
    if (is_function && (name?.type === "Identifier" || name?.type === "PrivateIdentifier"))
      names.push(name.name);
  };
  new Visitor({
    FunctionDeclaration: (node) => see(node.id, node),
    VariableDeclarator: (node) => see(node.id, node.init),
    MethodDefinition: (node) => see(node.key, node.value),
    PropertyDefinition: (node) => see(node.key, node.value),
    Property: (node) => see(node.key, node.value),
  }).visit(parseSync("file.ts", text).program);
  return names;
}

test.each(["lib", "tools"])("%s: every function is in snake_case", (folder) => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const found = files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const names = function_names(readFileSync(join(folder, file), "utf8"));
      return names.map((name) => ({ file, name }));
    });
  expect(found.length).toBeGreaterThan(300);
  const wrong = found.filter(({ name }) => !/^_*[a-z][a-z0-9_]*$/.test(name));
  expect(wrong.filter(({ name }) => !EXCEPTIONS.test(name))).toEqual([]);
});

test("a name of each kind of function is found", () => {
  const text = `
    function one() {}
    const two = () => {};
    class Three { four() {} #five = () => {}; six = function () {}; }
    export default { seven() {}, eight: () => {}, nine: 9 };`;
  expect(function_names(text)).toEqual(["one", "two", "four", "five", "six", "seven", "eight"]);
});
