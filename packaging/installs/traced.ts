/** Recording programs of other people's with the installed package, in both kinds of package. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { CommandError, run } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { expect_in, new_project, npm_install } from "./site.ts";
import type { Site } from "./site.ts";
import { tools } from "./tools.ts";

interface Traced {
  readonly name: string;
  /** Below those that the system gives to clients. */
  readonly port: number;
  /** The words for the server and the client in it. */
  readonly roles: readonly [string, string];
  readonly prints: string;
  /** System calls that its recording must have. */
  readonly calls: readonly string[];
}

const programs: readonly Traced[] = [
  {
    name: "udp",
    port: 21_411,
    roles: ["serve", "ask"],
    prints: "hello\nagain\n",
    calls: ["poll", "recvfrom", "sendto"],
  },
  {
    name: "chat",
    port: 21_412,
    roles: ["serve", "talk"],
    prints: "welcome welcome\nI am 1 I am 1\nI am 2 I am 2\n",
    calls: ["accept4", "recvfrom", "sendto", "connect"],
  },
  {
    name: "timeouts",
    port: 21_413,
    roles: ["serve", "ask"],
    prints: "timed out\nlate\n",
    calls: ["accept4", "poll", "recvfrom", "sendto", "connect"],
  },
];

/** Records each program, as a script that Node.js takes for one of that type. */
async function trace_in(site: Site, type: "commonjs" | "module"): Promise<string> {
  const cwd = new_project(site, `trace-${type}`, { type });
  await npm_install(site.packed.with_addon, { cwd });
  const format = `--format=${type === "module" ? "esm" : "cjs"}`;
  for (const traced of programs) {
    const script = `${traced.name}.js`;
    const source = `traced/${traced.name}.mjs`;
    await run(tools.esbuild, [source, format, `--outfile=${script}`], { cwd });
    await trace(traced, script, cwd);
  }
  return "works";
}

async function trace({ name, port, roles, prints, calls }: Traced, script: string, cwd: string) {
  const [server, client] = roles.map((role) => [script, role, String(port)]);
  const command = ["--no", "--", "iomux", "trace"];
  const output = await run("npx", [...command, ...server, "--", ...client], { cwd });
  if (!output.includes(prints))
    throw new CommandError(`${name} did not print its words:\n${output}`);
  expect_in(output, /\d+ system calls, \d+ wake-ups;.*\n(.*\n)*.*\d+ system calls, \d+ wake-ups;/);
  const recording = readFileSync(join(cwd, `${name}.jsonl`), "utf8");
  for (const call of calls) {
    expect_in(recording, new RegExp(`"syscall":"${call}".*"stack":`));
  }
  // Lines of the program's own.
  expect_in(recording, new RegExp(`"kind":"source","path":"\\S*\\b${script}"`));
  await run("npx", [...command, "-q", "-o", "it.html", ...server, "--", ...client], { cwd });
  expect_in(readFileSync(join(cwd, "it.html"), "utf8").slice(0, 200), /^<!doctype html>/i);
}

export const traced: readonly Scenario[] = [
  {
    name: "trace-commonjs",
    shows: "`npx iomux trace` of a UDP echo on poll, a chat, and timeouts, in CommonJS.",
    run: (site) => trace_in(site, "commonjs"),
  },
  {
    name: "trace-module",
    shows: "The same as ES modules.",
    run: (site) => trace_in(site, "module"),
  },
];
