/**
 * What an echo costs: the same server in C++, with iomux, with Python's selectors and on node:net, under
 * the same load, in one run.
 *
 * Usage: npm run bench -- [options]
 */

import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Command, InvalidArgumentError } from "commander";

interface Options {
  readonly connections: number;
  readonly size: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly json?: true;
}

/** What the load generator prints. */
interface Result {
  readonly per_second: number;
  readonly p50_us: number;
  readonly p99_us: number;
  readonly cpu_us_per_echo: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const build = `${root}build-bench`;

/** The servers, the limit first. */
const servers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "C++ epoll": [`${build}/echo-epoll`],
  iomux: [process.execPath, "--import", "tsx", `${here}echo-iomux.ts`],
  "Python selectors": ["python3", `${here}echo-selectors.py`],
  "node:net": [process.execPath, "--import", "tsx", `${here}echo-net.ts`],
};

async function bench(options: Options) {
  buildPrograms();
  const results = new Map<string, Result[]>(Object.keys(servers).map((name) => [name, []]));
  for (let round = 0; round < options.rounds; round++) {
    // Each round begins with another server: what the machine does meanwhile hits all alike.
    const names = Object.keys(servers);
    for (const name of [...names.slice(round), ...names.slice(0, round)]) {
      process.stderr.write(`round ${round + 1} of ${options.rounds}: ${name}\n`);
      results.get(name)!.push(await measure(name, options));
    }
  }
  const medians = [...results].map(([name, runs]) => [name, medianOf(runs)] as const);
  if (options.json) console.log(JSON.stringify(Object.fromEntries(medians), null, 2));
  else printTable(medians, options);
}

/** Builds the two C++ programs, unless they are up to date. */
function buildPrograms(): void {
  const configured = existsSync(`${build}/CMakeCache.txt`);
  const steps = [
    ...(configured ? [] : [["-S", `${root}native/bench`, "-B", build]]),
    ["--build", build],
  ];
  for (const step of steps) {
    const { status, error, stdout, stderr } = spawnSync("cmake", step, { encoding: "utf8" });
    if (error !== undefined) fail("cmake does not start: is it installed?");
    if (status !== 0) fail(`cmake ${step.join(" ")} failed:\n${stdout}${stderr}`);
  }
}

/** One server in a process of its own, under load once. */
async function measure(name: string, options: Options): Promise<Result> {
  const [command, ...args] = servers[name];
  const server = spawn(command, [...args, "127.0.0.1", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  server.on("error", () => fail(`${command} does not start: is it installed?`));
  try {
    const lines = createInterface({ input: server.stdout });
    const [line] = (await Promise.race([once(lines, "line"), once(lines, "close")])) as [string?];
    const port = /(\d+)\)$/.exec(line ?? "")?.[1] ?? fail(`${name} ended before it listened`);
    const { connections, size, seconds } = options;
    const flags = { connections, size, seconds, pid: server.pid };
    const { stdout } = await promisify(execFile)(`${build}/load`, [
      "127.0.0.1",
      port,
      ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
    ]);
    return JSON.parse(stdout) as Result;
  } finally {
    server.kill("SIGKILL");
  }
}

/** Each figure's median over the rounds. */
function medianOf(runs: readonly Result[]): Result {
  const median = (figure: keyof Result) => {
    const sorted = runs.map((run) => run[figure]).toSorted((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  };
  return {
    per_second: median("per_second"),
    p50_us: median("p50_us"),
    p99_us: median("p99_us"),
    cpu_us_per_echo: median("cpu_us_per_echo"),
  };
}

function printTable(medians: readonly (readonly [string, Result])[], options: Options): void {
  const { connections, size, seconds, rounds } = options;
  const [[, limit]] = medians;
  const net = medians.find(([name]) => name === "node:net")![1];
  const rows = medians.map(([name, result]) => [
    name,
    Math.round(result.per_second).toLocaleString("en"),
    (result.per_second / net.per_second).toFixed(2),
    result.cpu_us_per_echo.toFixed(2),
    (result.cpu_us_per_echo - limit.cpu_us_per_echo).toFixed(2),
    result.p50_us.toFixed(0),
    result.p99_us.toFixed(0),
  ]);
  const heads = ["server", "echoes/s", "x net", "CPU us/echo", "over C++", "p50 us", "p99 us"];
  const table = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const [first] = widths;
  console.log(
    `\n${size}-byte echoes over ${connections} connections, ${rounds} x ${seconds} s each:\n`,
  );
  for (const [name, ...figures] of table) {
    const cells = figures.map((figure, index) => figure.padStart(widths[index + 1]));
    console.log([name.padEnd(first), ...cells].join("  "));
  }
}

function fail(message: string): never {
  console.error(`bench: ${message}`);
  process.exit(1);
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return number;
}

await new Command("npm run bench --")
  .description("Measures what an echo costs: C++, iomux, Python's selectors, node:net.")
  .option("--connections <number>", "how many at a time", positive, 50)
  .option("--size <bytes>", "of one message", positive, 64)
  .option("--seconds <number>", "to measure each server in each round", positive, 3)
  .option("--rounds <number>", "how often; the medians are shown", positive, 5)
  .option("--json", "print JSON instead of a table")
  .action(bench)
  .parseAsync();
