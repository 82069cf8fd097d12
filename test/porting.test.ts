/** docs/porting.md: each of its programs prints what stands below it. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";

import { transform } from "esbuild";
import type { Linter } from "eslint";
import { afterAll, expect, test } from "vitest";

import { needs } from "./support/tools.ts";

// Inside the project, so that the package's own name resolves.
mkdirSync("build", { recursive: true });
const folder = mkdtempSync("build/porting-");
afterAll(() => rmSync(folder, { recursive: true }));

function make_certificate(): void {
  needs("openssl");
  const request = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj";
  execFileSync("openssl", [...request.split(" "), "/CN=localhost"], {
    cwd: folder,
    stdio: "ignore",
  });
}

const guide = readFileSync("docs/porting.md", "utf8");
const programs = [
  ...guide.matchAll(/^## (.*)\n(?:(?!^## )[^])*?```ts\n([^]*?)```\n\n```\n([^]*?)```/gm),
].map(([, title, code, printed]) => ({ title, code, printed }));

test("every program of the guide is found", () => {
  expect(programs).toHaveLength(guide.split("```ts\n").length - 1);
});

test.each(programs)("$title", async ({ title, code, printed }) => {
  const file = `${title.replaceAll(/\W+/g, "-")}.mjs`;
  // Compiled, as workers of Node 20 cannot be TypeScript.
  const { code: compiled } = await transform(code, { loader: "ts", target: "node20" });
  writeFileSync(join(folder, file), compiled);
  if (code.includes("key.pem")) make_certificate();
  const program = spawn(process.execPath, [file], { cwd: folder });
  program.stdin.end();
  const [stdout, stderr] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    once(program, "close"),
  ]);
  expect({ stdout, stderr: stderr.replace("a warning\n", "") }).toEqual({
    stdout: printed,
    stderr: "",
  });
});

/** The slips that "What a linter finds" names. */
const slips = `import { b } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
const [sock] = socket.socketpair();
const sel = new selectors.DefaultSelector();
if (sock.recv(10)) sock.close();
while (sel.get_map()) sel.select();
if (sock.recv(10) === b\`x\`) sock.close();
`;

function written(language: string): string {
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(guide)![1];
}

test("oxlint finds truth tests of objects by the rules that the guide names", async () => {
  writeFileSync(join(folder, "slips.ts"), slips);
  writeFileSync(join(folder, "oxlint.json"), written("json"));
  const compilerOptions = { strict: true, module: "nodenext", target: "es2023", types: ["node"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const oxlint = ["--type-aware", "--no-ignore", "--format", "unix", "-c", "oxlint.json"];
  const { status, stdout } = spawnSync(
    resolve("node_modules/.bin/oxlint"),
    [...oxlint, "slips.ts"],
    {
      cwd: folder,
    },
  );
  const lines = [...String(stdout).matchAll(/^\S*slips\.ts:(\d+):.*strict-boolean/gm)];
  expect([status, lines.map(([, line]) => Number(line))]).toEqual([1, [6, 7]]);
});

test("ESLint finds bytes compared by === by the rule that the guide names", async () => {
  const { ESLint } = await import("eslint");
  const configured = (await import(
    `data:text/javascript,${encodeURIComponent(written("js"))}`
  )) as {
    default: Linter.Config[];
  };
  const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: configured.default });
  const [{ messages }] = await eslint.lintText(slips, { filePath: "slips.js" });
  expect(messages.map(({ line, ruleId }) => [line, ruleId])).toEqual([[8, "no-restricted-syntax"]]);
});
