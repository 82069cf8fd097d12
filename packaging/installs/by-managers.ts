/** Installing: with each package manager, with and without a compiler, as anybody, anywhere. */
import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { CommandError, outside, run } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { echo, expect_in, new_project, npm_install } from "./site.ts";
import type { Site } from "./site.ts";
import { tools } from "./tools.ts";

const NOBODY = 65_534;
const node = process.execPath;

/** Insists that the prebuilt addon is used, as nothing was compiled. */
function not_compiled(folder: string): void {
  const built = join(folder, "node_modules/iomux/build");
  if (existsSync(built)) throw new CommandError(`${built} is there: the addon was compiled`);
}

/** What Yarn reads: it runs in CI too, where it would otherwise insist on a lock file. */
function new_yarn_project(site: Site, name: string, linker: "node-modules" | "pnp"): string {
  const cwd = new_project(site, name);
  writeFileSync(join(cwd, "yarn.lock"), "");
  writeFileSync(
    join(cwd, ".yarnrc.yml"),
    [`nodeLinker: ${linker}`, "enableImmutableInstalls: false", "enableTelemetry: false", ""].join(
      "\n",
    ),
  );
  return cwd;
}

export const by_managers: readonly Scenario[] = [
  {
    name: "npm",
    shows: "The prebuilt addon fits: no compiler is needed. `npx iomux` runs.",
    async run(site) {
      const cwd = new_project(site, "npm");
      await npm_install(site.packed.with_addon, { cwd, env: site.no_compiler });
      not_compiled(cwd);
      await echo(node, ["echo.mjs"], { cwd });
      expect_in(await run("npx", ["--no", "--", "iomux", "--help"], { cwd }), /trace/);
      return "works";
    },
  },
  {
    name: "npm-source",
    shows: "None fits: it is compiled, without make, Python or node-gyp.",
    async run(site) {
      const cwd = new_project(site, "npm-source");
      await npm_install(site.packed.without_addon, { cwd, env: site.only_compiler });
      await echo(node, ["echo.mjs"], { cwd });
      return "works";
    },
  },
  {
    name: "npm-nothing",
    shows: "Neither: the error says what to install.",
    async run(site) {
      const cwd = new_project(site, "npm-nothing");
      const where = { cwd, env: site.no_compiler, fails: true } as const;
      const output = await npm_install(site.packed.without_addon, where);
      expect_in(output, /it must be compiled \(there is no addon .*: install a C\+\+20 compiler/);
      return "clear error";
    },
  },
  {
    name: "ignore-scripts",
    shows: "npm --ignore-scripts: the prebuilt addon needs none.",
    async run(site) {
      const cwd = new_project(site, "ignore-scripts");
      await npm_install(site.packed.with_addon, { cwd }, ["--ignore-scripts"]);
      await echo(node, ["echo.mjs"], { cwd });
      return "works";
    },
  },
  {
    name: "ignore-scripts-source",
    shows: "The same where no addon fits: the import says what to do, and that helps.",
    async run(site) {
      const cwd = new_project(site, "ignore-scripts-source");
      await npm_install(site.packed.without_addon, { cwd }, ["--ignore-scripts"]);
      const output = await run(node, ["echo.mjs"], { cwd, fails: true });
      expect_in(
        output,
        /build\/Release\/iomux\.node: not there\n(.*prebuilds\/.*: not there\n)+.*npm rebuild iomux/,
      );
      await run("npm", ["rebuild", "iomux"], { cwd });
      await echo(node, ["echo.mjs"], { cwd });
      return "clear error";
    },
  },
  {
    name: "offline",
    shows: "npm --offline, with what it depends on in its cache.",
    async run(site) {
      const cache = { npm_config_cache: join(site.folder, "cache") };
      const first = new_project(site, "online");
      await npm_install(site.packed.with_addon, { cwd: first, env: cache });
      const cwd = new_project(site, "offline");
      const env = { ...cache, npm_config_https_proxy: "http://127.0.0.1:9/" };
      await npm_install(site.packed.with_addon, { cwd, env }, ["--offline"]);
      await echo(node, ["echo.mjs"], { cwd });
      return "works";
    },
  },
  {
    name: "dependency",
    shows: "As the dependency of a dependency.",
    async run(site) {
      const dependencies = { iomux: `file:${site.packed.with_addon}` };
      const middle = new_project(site, "middle", { name: "middle", private: false, dependencies });
      await run("npm", ["pack"], { cwd: middle });
      const cwd = new_project(site, "dependency");
      await npm_install(join(middle, "middle-1.0.0.tgz"), { cwd });
      await echo(node, ["node_modules/middle/echo.mjs"], { cwd });
      return "works";
    },
  },
  {
    name: "pnpm",
    shows: "pnpm, which runs no install script unless allowed.",
    async run(site) {
      const cwd = new_project(site, "pnpm");
      const store = join(site.folder, "pnpm-store");
      await run(tools.pnpm, ["add", `--store-dir=${store}`, site.packed.with_addon], { cwd });
      await echo(node, ["echo.mjs"], { cwd });
      return "works";
    },
  },
  {
    name: "yarn",
    shows: "Yarn 4 with node_modules.",
    async run(site) {
      const cwd = new_yarn_project(site, "yarn", "node-modules");
      await run(node, [tools.yarn, "add", `iomux@file:${site.packed.with_addon}`], { cwd });
      await echo(node, ["echo.mjs"], { cwd });
      return "works";
    },
  },
  {
    name: "yarn-pnp",
    shows: "Yarn 4 with Plug'n'Play: no node_modules at all.",
    async run(site) {
      const cwd = new_yarn_project(site, "yarn-pnp", "pnp");
      await run(node, [tools.yarn, "add", `iomux@file:${site.packed.with_addon}`], { cwd });
      if (existsSync(join(cwd, "node_modules"))) throw new CommandError("node_modules is there");
      await echo(node, [tools.yarn, "node", "echo.mjs"], { cwd });
      return "works";
    },
  },
  {
    name: "yarn-classic",
    shows: "Yarn 1.",
    async run(site) {
      const cwd = new_project(site, "yarn-classic");
      const cache = `--cache-folder=${join(site.folder, "yarn-cache")}`;
      await run(node, [tools.yarn_classic, "add", cache, site.packed.with_addon], { cwd });
      await echo(node, ["echo.mjs"], { cwd });
      return "works";
    },
  },
  {
    name: "bun",
    shows: "Bun, which runs no install script unless allowed; the program in Node.js and Bun.",
    async run(site) {
      const cwd = new_project(site, "bun");
      await run(tools.bun, ["add", site.packed.with_addon], { cwd });
      await echo(node, ["echo.mjs"], { cwd });
      await echo(tools.bun, ["echo.mjs"], { cwd });
      return "works";
    },
  },
  {
    name: "npm-12",
    shows: "npm 12, which runs no install script unless allowed, on Node.js 22.",
    async run(site) {
      const cwd = new_project(site, "npm-12");
      const env = { PATH: [tools.node_22, outside().PATH].join(delimiter) };
      await run(tools.npm_12, ["install", site.packed.with_addon], { cwd, env });
      await echo(node, ["echo.mjs"], { cwd, env });
      return "works";
    },
  },
  {
    name: "user",
    shows: "As a user who is not root.",
    async run(site) {
      const cwd = new_project(site, "user");
      const env = { HOME: cwd, npm_config_cache: join(cwd, "cache") };
      const is_root = process.getuid?.() === 0;
      const where = { cwd, env, ...(is_root ? { uid: NOBODY } : {}) };
      if (is_root) await run("chown", ["-R", `${NOBODY}:${NOBODY}`, "."], { cwd });
      await npm_install(site.packed.with_addon, where);
      await echo(node, ["echo.mjs"], where);
      return "works";
    },
  },
  {
    name: "path",
    shows: "In a folder with blanks and umlauts; prebuilt, and compiled there.",
    async run(site) {
      const cwd = new_project(site, "Größe & Übermut");
      await npm_install(site.packed.with_addon, { cwd });
      await echo(node, ["echo.mjs"], { cwd });
      const again = new_project(site, "Größe & Übermut 2");
      await npm_install(site.packed.without_addon, { cwd: again });
      await echo(node, ["echo.mjs"], { cwd: again });
      return "works";
    },
  },
];
