/** `iomux tutorial`: runs the tutorial, each chapter's server and client on real sockets, side by side. */
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { Argument, Command, Option } from "commander";
import wrap from "wrap-ansi";

import { colors_for } from "../colors.ts";
import { Child } from "../record/child.ts";
import { PACKAGE } from "../record/package.ts";
import { has_connections, is_listening, until_reusable } from "../record/processes.ts";
import { shown_path } from "../record/strace.ts";
import { loaders_for } from "../record/typescript.ts";
import { width_of } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

type Language = "typescript" | "python";

interface Chapter {
  readonly name: string;
  readonly title: string;
  readonly port: number;
  /** The arguments of the server, and of each client in turn. */
  readonly server: readonly string[];
  readonly clients: readonly (readonly string[])[];
  /** Whether the server sets SO_REUSEADDR, and can bind while old connections are in TIME_WAIT. */
  readonly reuses: boolean;
  /** Whether the server runs until Ctrl-C; the echo server ends after its only client. */
  readonly endless: boolean;
}

const colors = colors_for(process.stdout);

const HOST = "127.0.0.1";

// The ports are above those that the system gives to clients.
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

const width = width_of(process.stdout);

async function play(names: string[], options: { server: Language; client: Language }) {
  const chosen =
    names.length === 0 ? chapters : chapters.filter(({ name }) => names.includes(name));
  process.on("exit", () => {
    for (const child of children) child.kill();
  });
  const summary: string[] = [];
  for (const [index, chapter] of chosen.entries()) {
    heading(`${index + 1}/${chosen.length} ${chapter.title}`);
    summary.push(await play_chapter(chapter, options));
  }
  heading("Summary");
  for (const line of summary) console.log(line);
}

/** Plays one chapter and returns its line of the summary; a failure sets the exit status. */
async function play_chapter(chapter: Chapter, options: { server: Language; client: Language }) {
  await port_free(chapter);
  const server = new TutorialProgram(
    "server",
    `${chapter.name}-server`,
    options.server,
    chapter.server,
  );
  await server.ready(chapter.port);
  const clients: TutorialProgram[] = [];
  for (const args of chapter.clients) {
    const client = new TutorialProgram("client", `${chapter.name}-client`, options.client, args);
    clients.push(client);
    await client.ended;
  }
  if (chapter.endless) {
    // Interrupted earlier, the server might not see the end of its last client.
    while (has_connections(chapter.port)) await sleep(20);
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

/** One of the tutorial's programs, whose lines are printed as they come. */
class TutorialProgram {
  readonly #role: "server" | "client";
  readonly #child: Child;

  constructor(role: "server" | "client", name: string, written: Language, args: readonly string[]) {
    this.#role = role;
    const is_python = written === "python";
    const file = shown_path(`${PACKAGE}scripts/${name}.${is_python ? "py" : "ts"}`);
    const shown = [file, ...args.map((arg) => (arg.includes(" ") ? `"${arg}"` : arg))];
    this.#print(colors.dim(`$ ${is_python ? "python3" : "npx tsx"} ${shown.join(" ")}`));
    const command = is_python ? ["python3", "-u"] : typescript(file);
    this.#child = new Child({ command: [...command, file, ...args] }, ["ignore", "pipe", "pipe"]);
    for (const output of this.#child.outputs) {
      createInterface({ input: output }).on("line", (line) => this.#print(line));
    }
    children.push(this.#child);
  }

  get ended(): Promise<void> {
    return this.#child.ended;
  }

  /** The exit status, or the signal that ended it. */
  get status(): string {
    return String(this.#child.signal ?? this.#child.status);
  }

  /** Waits until the program accepts connections. */
  async ready(port: number): Promise<void> {
    await this.#child.until(() => is_listening(port));
    if (this.#child.has_ended) throw new UsageError("The server exited before it listened.");
  }

  interrupt(): void {
    this.#print("^C");
    this.#child.interrupt();
  }

  #print(line: string): void {
    const color = this.#role === "server" ? colors.cyan : colors.yellow;
    const label = `${this.#role} │ `;
    const folded = wrap(line, width - label.length, { hard: true, trim: false });
    for (const part of folded.split("\n")) console.log(`${color(label)}${part}`);
  }
}

function typescript(file: string): string[] {
  return [process.execPath, ...loaders_for(file)];
}

const children: Child[] = [];

/** Waits until the chapter's server can bind to its port. */
async function port_free({ port, reuses }: Chapter): Promise<void> {
  if (is_listening(port)) {
    throw new UsageError(
      `Port ${port} is in use: stop the process that listens there (see \`ss -ltnp\`) and try again.`,
    );
  }
  if (reuses) return;
  await until_reusable(port, () =>
    console.log(`Port ${port} is in TIME_WAIT: the system frees it within a minute.`),
  );
}

function heading(text: string): void {
  console.log(`\n${colors.bold(`── ${text} ${"─".repeat(Math.max(0, width - text.length - 4))}`)}`);
}

function language(flags: string, description: string): Option {
  return new Option(flags, description).choices(["typescript", "python"]).default("typescript");
}

export function tutorial_command(): Command {
  return new Command("tutorial")
    .summary("run the sockets tutorial, its servers and clients side by side")
    .description("Run the sockets tutorial: its servers and clients, on real sockets.")
    .addArgument(
      new Argument("[chapters...]", "chapters to run (default: all)").choices(
        chapters.map((chapter) => chapter.name),
      ),
    )
    .addOption(language("--server <language>", "language of the servers"))
    .addOption(language("--client <language>", "language of the clients"))
    .addHelpText("after", help)
    .action(play);
}

const help = `
Examples:
  iomux tutorial
  iomux tutorial multiconn --server python

The exit status is 0 if all programs end well, 1 if one fails, 2 if the tutorial
cannot run.`;
