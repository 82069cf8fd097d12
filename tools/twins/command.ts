/** `iomux twins`: shows and compares a program of the tutorial in Python and in TypeScript. */
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";

import { Command } from "commander";

import { write_file } from "../record/output.ts";
import { PACKAGE } from "../record/package.ts";
import { is_listening, until_reusable } from "../record/processes.ts";
import { prepare } from "../record/program.ts";
import { shown_path } from "../record/strace.ts";
import { say } from "../record/summary.ts";
import { UsageError } from "../usage-error.ts";
import { compare, is_same } from "./compare.ts";
import type { Comparison, TwinRun } from "./compare.ts";
import { as_page } from "./page.ts";
import { HOST, PeerServer } from "./peers.ts";
import { free_port, run } from "./run.ts";
import { scenarios } from "./scenarios.ts";
import type { Scenario } from "./scenarios.ts";
import { as_text, outcome } from "./terminal.ts";

interface TwinsOptions {
  /** Whether to show the program on node:net, too. */
  readonly net: boolean;
  /** The page's name; true to name it after the program. */
  readonly html?: string | true;
}

/** The chapters of the tutorial, and their programs. */
const chapters: ReadonlyMap<string, readonly string[]> = new Map([
  ["echo", ["echo-server", "echo-client"]],
  ["multiconn", ["multiconn-server", "multiconn-client"]],
  ["app", ["app-server", "app-client"]],
]);

/** The programs that use a library. */
const programs_of: ReadonlyMap<string, string> = new Map([
  ["libserver", "app-server"],
  ["libclient", "app-client"],
]);

const names = [...Object.keys(scenarios), ...programs_of.keys()];

export function twins_command(): Command {
  return new Command("twins")
    .summary("compare a Python program with its TypeScript twin")
    .description(
      "Run a program in Python and in TypeScript, show both side by side with the system calls of each line, and report the first difference.",
    )
    .argument(
      "<name>",
      "a program or chapter of the tutorial, or a TypeScript program with a Python program of the same name beside it",
    )
    .option("--net", "also show the same program on node:net", false)
    .option("--html [file]", "write a page instead (default: NAME-twins.html)")
    .addHelpText("after", help)
    .action(twins);
}

const help = `
Programs:
  ${names.slice(0, 4).join(" ")}
  ${names.slice(4).join(" ")}
Chapters:
  ${[...chapters.keys()].join(" ")}

Examples:
  iomux twins echo-server
  iomux twins multiconn --net --html multiconn.html

The exit status is 0 if both do the same, 1 if they differ, 2 if nothing could
be compared.`;

/** Shows the twins of a name, and sets the exit status if they differ. Throws UsageError. */
async function twins(name: string, { net, html }: TwinsOptions): Promise<void> {
  const comparisons: Comparison[] = [];
  const width = Math.max(60, process.stdout.columns ?? 80);
  for (const one of chapters.get(name) ?? [name]) {
    const comparison = await comparison_of(one, net);
    comparisons.push(comparison);
    for (const line of html === undefined
      ? as_text(comparison, width)
      : outcome(comparison, width)) {
      console.log(line);
    }
  }
  if (html !== undefined) {
    const file = html === true ? `${basename(name, extname(name))}-twins.html` : html;
    await write_file(file, [as_page(name, comparisons)]);
    say(`written to ${file}`);
  }
  if (!comparisons.every(is_same)) process.exitCode = 1;
}

async function comparison_of(name: string, with_net: boolean): Promise<Comparison> {
  const shown = find(name);
  const own = basename(shown, ".ts");
  const program = programs_of.get(own) ?? own;
  const script = join(dirname(shown), `${program}.ts`);
  const scenario = scenarios[program] ?? null;
  const net = join(dirname(shown), "net", `${program}.ts`);
  if (with_net && !existsSync(net)) {
    throw new UsageError(`--net needs ${net}, the same program on node:net: no such file.`);
  }
  const folder = await mkdtemp(join(tmpdir(), "iomux-twins-"));
  try {
    const part = async (file: string, main: string): Promise<TwinRun> => {
      const { result, port } = await play(main, scenario, folder);
      return { path: file, text: readFileSync(file, "utf8"), result, port };
    };
    const typescript = await part(shown, script);
    const python = await part(twin(shown), twin(script));
    const beside = with_net ? await part(net, net) : null;
    return compare(own, scenario?.sentence ?? null, typescript, python, beside);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The TypeScript file of a name, which is a path or a program of the tutorial. */
function find(name: string): string {
  if (/^[\w-]+$/.test(name)) {
    if (!names.includes(name)) {
      throw new UsageError(
        `Unknown twins ${name}: use ${[...names, ...chapters.keys()].join(", ")}, or the path of a TypeScript program.`,
      );
    }
    const found = folders().find((folder) => has_twins(join(folder, `${name}.ts`)));
    if (found === undefined) {
      throw new UsageError(
        `The tutorial's programs are not here: give the path of ${name}, or run this where scripts/ is.`,
      );
    }
    return join(found, `${name}.ts`);
  }
  const path = name.replace(/\.py$/, ".ts");
  if (extname(path) !== ".ts")
    throw new UsageError(`${name} is not a TypeScript program: its name does not end with .ts.`);
  if (!existsSync(path)) throw new UsageError(`No such file: ${path}.`);
  if (!existsSync(twin(path)))
    throw new UsageError(`No such file: ${twin(path)}. Put the Python program beside ${path}.`);
  return shown_path(path);
}

/** Where the tutorial's programs may be: in the working directory, or in this package. */
function folders(): string[] {
  return [resolve("scripts"), join(PACKAGE, "scripts")].map(shown_path);
}

function has_twins(path: string): boolean {
  return existsSync(path) && existsSync(twin(path));
}

function twin(path: string): string {
  return path.replace(/\.ts$/, ".py");
}

/** To record calls only. */
const PLAIN = { why: false, watch: [], faults: [] };

let number_of_runs = 0;

/** Host and port if the program takes them, and the scenario's arguments. */
function arguments_of(scenario: Scenario | null, port: number): readonly string[] {
  if (scenario === null) return [];
  return scenario.port === undefined ? [HOST, String(port), ...scenario.args] : scenario.args;
}

async function until_free(port: number): Promise<void> {
  if (is_listening(port)) {
    throw new UsageError(
      `Port ${port} is in use: stop the process that listens there (see \`ss -ltnp\`) and try again.`,
    );
  }
  await until_reusable(port, () =>
    say(`port ${port} had a server just now: the system frees it within a minute`),
  );
}

/** Runs one of the twins, on an unused port if it takes one. */
async function play(
  script: string,
  scenario: Scenario | null,
  folder: string,
): Promise<Pick<TwinRun, "result" | "port">> {
  const peer_server = new PeerServer();
  try {
    if (scenario?.port !== undefined) await until_free(scenario.port);
    const wanted = scenario?.port ?? (scenario?.listens ? 0 : free_port());
    const port = scenario?.listens ? await peer_server.listen(wanted) : wanted;
    const args = arguments_of(scenario, port);
    const prepared = prepare({ script, args }, PLAIN, folder, ++number_of_runs);
    const typed = [extname(script) === ".py" ? "python3" : "npx tsx", script, ...args].join(" ");
    const result = await run(typed, prepared, scenario, port, peer_server);
    return { result, port: scenario?.port === undefined ? port : null };
  } finally {
    peer_server.close();
  }
}
