/**
 * Attacks the tutorial's app-server and the hardened one, in both languages, and says who survives.
 *
 * Usage: npm run attacks -- [options] [name...]
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";

import * as socket from "iomux/socket";

import { attacks } from "../test/support/attacks.ts";
import { besiege } from "../test/support/siege.ts";
import type { Siege } from "../test/support/siege.ts";
import { end_progress, say } from "../tools/progress.ts";
import { UsageError } from "../tools/usage-error.ts";
import { write_readme_table } from "./readme-table.ts";

interface Options {
  readonly seconds: number;
  readonly list?: true;
  readonly docs?: true;
}

/** How Node runs TypeScript in the process itself, which is measured. */
const NODE = [process.execPath, "--conditions=iomux-source", "--import", "tsx"];
const PYTHON = process.env.PYTHON ?? "python3";
const DOCS = new URL("../docs/hardening.md", import.meta.url).pathname;

/** Who is attacked, and by which command line each is started; the port comes last. */
const SERVERS: readonly (readonly [title: string, command: readonly string[]])[] = [
  ["tutorial, TypeScript", [...NODE, "scripts/app-server.ts", "127.0.0.1"]],
  ["tutorial, Python", [PYTHON, "-u", "scripts/app-server.py", "127.0.0.1"]],
  ["hardened, TypeScript", [...NODE, "scripts/hardened/app-server.ts", "127.0.0.1"]],
  ["hardened, Python", [PYTHON, "-u", "scripts/hardened/app-server.py", "127.0.0.1"]],
];
/** How soon the hardened server must serve a good client, in seconds. */
const SOON = 1;

/** A port that nobody has at the moment. */
function free_port(): number {
  using sock = new socket.socket();
  sock.bind(["127.0.0.1", 0]);
  return (sock.getsockname() as socket.InetAddress)[1];
}

async function siege_of(name: string, command: readonly string[], seconds: number): Promise<Siege> {
  const port = free_port();
  const [file, ...args] = [...command, String(port)];
  const server: ChildProcess = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  try {
    await Promise.race([once(server.stdout!, "data"), once(server, "close")]);
    if (server.exitCode !== null) throw new Error(`cannot be started: ${command.join(" ")}`);
    server.stdout!.resume();
    server.stderr!.resume();
    const attacker = [...NODE, "test/support/programs/attacker.ts"];
    return await besiege(name, { pid: server.pid!, port }, attacker, seconds);
  } finally {
    server.kill("SIGKILL");
  }
}

/** In so many words: how it went, the time to serve a good client, and the memory that it took. */
function words({ has_ended, slowest, memory, is_busy }: Siege): string {
  if (has_ended) return "ends";
  const served = slowest === Infinity ? "fails a client" : `${slowest.toFixed(2)} s`;
  const grown = `${Math.round(memory / 2 ** 20)} MiB`;
  return [served, grown, ...(is_busy ? ["busy for ever"] : [])].join(", ");
}

function withstands({ has_ended, slowest, is_busy }: Siege): boolean {
  return !has_ended && !is_busy && slowest < SOON;
}

function chosen(names: readonly string[]): string[] {
  const all = Object.keys(attacks);
  for (const name of names) {
    if (!all.includes(name)) throw new UsageError(`unknown attack "${name}": see --list.`);
  }
  return all.filter((name) => names.length === 0 || names.includes(name));
}

async function run(names: readonly string[], options: Options): Promise<void> {
  const some = chosen(names);
  if (options.list) return console.log(some.join("\n"));
  if (process.platform !== "linux") throw new UsageError("this needs /proc, as on Linux.");
  if (options.docs && names.length > 0) {
    throw new UsageError("--docs needs all attacks: leave out the names.");
  }
  const heads = ["", ...SERVERS.map(([title]) => title)];
  const rows: string[][] = [];
  const fallen: string[] = [];
  for (const name of some) {
    const row = [name];
    for (const [title, command] of SERVERS) {
      say(`${title}: ${name}`);
      const siege = await siege_of(name, command, options.seconds);
      row.push(words(siege));
      if (title.startsWith("hardened") && !withstands(siege)) fallen.push(`${title}: ${name}`);
    }
    rows.push(row);
  }
  end_progress();
  const table = new Table({ head: heads, style: { head: [], border: [] }, wordWrap: true });
  table.push(...rows);
  console.log(table.toString());
  for (const what of fallen) console.log(`does not withstand: ${what}`);
  if (fallen.length > 0) process.exitCode = 1;
  else if (options.docs) write_readme_table("npm run attacks", heads, rows, DOCS);
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("It must be a positive number.");
  return number;
}

const command = new Command("npm run attacks --")
  .description("Attacks the tutorial's app-server and the hardened one, and says who survives.")
  .argument("[name...]", "which attacks; all, if there is none")
  .option("--seconds <number>", "how long each takes", positive, 2)
  .option("--list", "list the attacks, and exit")
  .option("--docs", "write the table into docs/hardening.md, if the hardened ones withstand all")
  .action(run);

try {
  await command.parseAsync();
} catch (error) {
  end_progress();
  if (!(error instanceof UsageError)) throw error;
  console.error(`attacks: ${error.message}`);
  process.exitCode = 2;
}
