/**
 * Runs the tutorial: each chapter's server and client on real sockets, side by side.
 *
 * Usage: npm start -- [chapter...] [--server python] [--client python]
 */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Argument, Command, Option } from "commander";
import picocolors from "picocolors";
import wrap from "wrap-ansi";

type Language = "typescript" | "python";

interface Chapter {
  readonly name: string;
  readonly title: string;
  readonly port: number;
  /** The arguments of the server, and of each client in turn. */
  readonly server: readonly string[];
  readonly clients: readonly (readonly string[])[];
  /** Whether the server sets SO_REUSEADDR, and need not wait for its predecessor's connections. */
  readonly reuses: boolean;
  /** Whether the server goes on until Ctrl-C; the echo server leaves with its only client. */
  readonly endless: boolean;
}

// Colours on a terminal, or where somebody asked for them; picocolors would also paint the log of
// every machine that says it is a CI.
const colors = picocolors.createColors(
  picocolors.isColorSupported && (process.stdout.isTTY || "FORCE_COLOR" in process.env),
);

const HOST = "127.0.0.1";

// Ports that the system gives to no client by itself.
const chapters: readonly Chapter[] = [
  {
    name: "echo",
    title: "Echo Client and Server",
    port: 65432,
    server: [],
    clients: [[]],
    reuses: false,
    endless: false,
  },
  {
    name: "multiconn",
    title: "Multi-Connection Client and Server",
    port: 65433,
    server: [HOST, "65433"],
    clients: [[HOST, "65433", "3"]],
    reuses: false,
    endless: true,
  },
  {
    name: "app",
    title: "Application Client and Server",
    port: 65434,
    server: [HOST, "65434"],
    clients: [
      [HOST, "65434", "search", "morpheus"],
      [HOST, "65434", "double", "hello 🐶"],
    ],
    reuses: true,
    endless: true,
  },
];

/** What the terminal has, but never more than a page that can be quoted. */
const width = Math.min(process.stdout.columns ?? 80, 80);

async function play(names: string[], options: { server: Language; client: Language }) {
  const chosen =
    names.length === 0 ? chapters : chapters.filter(({ name }) => names.includes(name));
  const summary: string[] = [];
  for (const [index, chapter] of chosen.entries()) {
    heading(`${index + 1}/${chosen.length} ${chapter.title}`);
    summary.push(await playChapter(chapter, options));
  }
  heading("Summary");
  for (const line of summary) console.log(line);
}

/** Plays one chapter and returns its line of the summary; what goes wrong sets the exit status. */
async function playChapter(chapter: Chapter, options: { server: Language; client: Language }) {
  await portFree(chapter);
  const server = new Program("server", `${chapter.name}-server`, options.server, chapter.server);
  await server.ready(chapter.port);
  const clients: Program[] = [];
  for (const args of chapter.clients) {
    const client = new Program("client", `${chapter.name}-client`, options.client, args);
    clients.push(client);
    await client.ended;
  }
  if (chapter.endless) {
    // Interrupted now, the server might not get to say good-bye to its last client.
    while (hasConnections(chapter.port)) await sleep(20);
    server.interrupt();
  }
  await server.ended;

  const failed = [server, ...clients].filter(({ status }) => status !== "0");
  if (failed.length > 0) process.exitCode = 1;
  const mark = failed.length === 0 ? colors.green("ok    ") : colors.red("FAILED");
  const runs = clients.length === 1 ? "client ended" : `${clients.length} clients ended`;
  const end = chapter.endless ? "server ended by Ctrl-C" : "server ended";
  const statuses = clients.map(({ status }) => status).join(" and ");
  return `${mark} ${chapter.name.padEnd(10)} ${runs} with ${statuses}, ${end} with ${server.status}`;
}

/** One of the tutorial's programs, running, with its lines printed as they come. */
class Program {
  readonly #role: "server" | "client";
  readonly #child: ChildProcess;
  /** Settles when the program has ended and all its lines are printed. */
  readonly ended: Promise<void>;
  /** The exit status, or the signal that ended it. */
  status = "";

  constructor(role: "server" | "client", name: string, written: Language, args: readonly string[]) {
    this.#role = role;
    const file = fileURLToPath(
      new URL(`${name}.${written === "python" ? "py" : "ts"}`, import.meta.url),
    );
    const shown = [
      relative("", file),
      ...args.map((arg) => (arg.includes(" ") ? `"${arg}"` : arg)),
    ];
    this.#print(colors.dim(`$ ${written === "python" ? "python3" : "npx tsx"} ${shown.join(" ")}`));
    const [command, first] =
      written === "python"
        ? ["python3", ["-u", file]]
        : [process.execPath, ["--import", "tsx", file]];
    this.#child = spawn(command, [...first, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.#child.on("error", () => fail(`cannot start ${command}: is it installed?`));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream! }).on("line", (line) => this.#print(line));
    }
    this.ended = this.#wait();
    running.add(this.#child);
  }

  async #wait(): Promise<void> {
    const [status, signal] = await once(this.#child, "close");
    this.status = String(signal ?? status);
    running.delete(this.#child);
  }

  /** Waits until the program accepts connections. */
  async ready(port: number): Promise<void> {
    while (!isListening(port)) {
      if (this.#child.exitCode !== null) fail("the server exited before it listened.");
      await sleep(20);
    }
  }

  interrupt(): void {
    this.#print("^C");
    this.#child.kill("SIGINT");
  }

  #print(line: string): void {
    const color = this.#role === "server" ? colors.cyan : colors.yellow;
    const label = `${this.#role} │ `;
    const folded = wrap(line, width - label.length, { hard: true, trim: false });
    for (const part of folded.split("\n")) console.log(`${color(label)}${part}`);
  }
}

const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Waits until the chapter's server can have its port, as long as that is a matter of waiting. */
async function portFree({ port, reuses }: Chapter): Promise<void> {
  const TIME_WAIT = "06";
  if (isListening(port)) {
    fail(
      `port ${port} is in use: stop the process that listens there (see \`ss -ltnp\`) and try again.`,
    );
  }
  if (reuses || !socketStates(port).includes(TIME_WAIT)) return;
  console.log(`Port ${port} is in TIME_WAIT: the system frees it within a minute.`);
  while (socketStates(port).includes(TIME_WAIT)) await sleep(250);
}

/** Whether somebody listens on the port: asking by connecting would use up the echo server. */
function isListening(port: number): boolean {
  return socketStates(port).includes("0A");
}

/** Whether the server still has a connection that it has not closed. */
function hasConnections(port: number): boolean {
  const [ESTABLISHED, CLOSE_WAIT] = ["01", "08"];
  return socketStates(port).some((state) => state === ESTABLISHED || state === CLOSE_WAIT);
}

/** The states of the sockets bound to a port of the loopback interface. proc_net_tcp(5) */
function socketStates(port: number): string[] {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local]) => local === address)
    .map(([, , , state]) => state);
}

function heading(text: string): void {
  console.log(`\n${colors.bold(`── ${text} ${"─".repeat(Math.max(0, width - text.length - 4))}`)}`);
}

function fail(message: string): never {
  console.error(`npm start: ${message}`);
  process.exit(1);
}

function language(flags: string, description: string): Option {
  return new Option(flags, description).choices(["typescript", "python"]).default("typescript");
}

await new Command("npm start --")
  .description("Run the sockets tutorial: its servers and clients, on real sockets.")
  .addArgument(
    new Argument("[chapters...]", "chapters to run (default: all)").choices(
      chapters.map((chapter) => chapter.name),
    ),
  )
  .addOption(language("--server <language>", "language of the servers"))
  .addOption(language("--client <language>", "language of the clients"))
  .action(play)
  .parseAsync();
