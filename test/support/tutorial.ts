/**
 * The programs in scripts/, running: in TypeScript and in Python, each with a port that nobody else
 * has, and with what they print.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout } from "node:timers/promises";

import { onTestFinished } from "vitest";

import { OSError } from "iomux/builtins";
import * as socket from "iomux/socket";

import { compiled, until } from "./helpers.ts";
import { PYTHON } from "./python.ts";

/** "net": the same programs in TypeScript, on node:net. */
export type Language = "TypeScript" | "Python" | "net";

/** Server and client in all combinations; the last one is what the others are compared with. */
export const pairings: readonly (readonly [server: Language, client: Language])[] = [
  ["TypeScript", "TypeScript"],
  ["TypeScript", "Python"],
  ["Python", "TypeScript"],
  ["net", "net"],
  ["net", "Python"],
  ["Python", "net"],
  ["Python", "Python"],
];

/** The command line of one of the tutorial's programs. */
export function command(name: string, language: Language, args: readonly string[]): string[] {
  // -u: what it prints is to be there at once, as TypeScript's is.
  if (language === "Python") return [PYTHON, "-u", `scripts/${name}.py`, ...args];
  return [...compiled(`scripts/${language === "net" ? "net/" : ""}${name}.ts`), ...args];
}

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs, in a process group of its own; what is left of it when the test is over is killed. */
export class Program {
  readonly #child;
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ending>;

  constructor([file, ...args]: readonly string[]) {
    this.#child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      // Some libraries paint for every machine that says it is a CI.
      env: { ...process.env, CI: "true", FORCE_COLOR: undefined },
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = once(this.#child, "close").then(([status, signal]): Ending => {
      return { status, signal, stdout: this.stdout, stderr: this.stderr };
    });
    onTestFinished(async () => {
      try {
        process.kill(-this.pid, "SIGKILL");
      } catch {
        // The whole group has ended.
      }
      await this.ended;
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get has_ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until it has printed a text so many times. */
  async printed(text: string, times: number = 1): Promise<void> {
    await this.#until(() => this.stdout.split(text).length > times, `printed ${text}`);
  }

  /** Waits until it listens. */
  async listening(port: number): Promise<void> {
    await this.#until(() => is_listening(port), `listened on port ${port}`);
  }

  async #until(is_so: () => boolean, what: string): Promise<void> {
    await until(() => is_so() || this.has_ended);
    if (is_so()) return;
    // The last of its output may still be on its way.
    const ending = await this.ended;
    if (!is_so()) throw new Error(`the program ended before it ${what}: ${JSON.stringify(ending)}`);
  }

  /** Sends Ctrl-C, and waits for the end. */
  async interrupt(): Promise<Ending> {
    this.kill("SIGINT");
    return this.ended;
  }
}

export function start(name: string, language: Language, args: readonly string[] = []): Program {
  return new Program(command(name, language, args));
}

/** Starts a server that takes host and port, on a port of its own, and waits until it listens. */
export async function serve(
  name: string,
  language: Language,
): Promise<readonly [server: Program, port: number]> {
  const port = await reserve();
  const server = start(name, language, ["127.0.0.1", String(port)]);
  await server.printed("Listening on");
  return [server, port];
}

/** Runs a program to its end. */
export async function run(
  name: string,
  language: Language,
  args: readonly string[] = [],
): Promise<Ending> {
  return start(name, language, args).ended;
}

/** The state of a listening socket. proc_net_tcp(5) */
const LISTEN = "0A";

export function is_listening(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .some(([, local, , state]) => local === address && state === LISTEN);
}

/** Below the ports that the system gives to clients. */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000];
let next = FIRST_PORT + ((process.pid * 31) % (LAST_PORT - FIRST_PORT));

/**
 * A port for a server, until the end of the test: this one when it is free, or any. A server that
 * sets SO_REUSEADDR need not wait for the connections of the one before to be forgotten.
 */
export async function reserve(wanted?: number, reuses: boolean = false): Promise<number> {
  while (true) {
    const port = wanted ?? next++;
    if (next > LAST_PORT) next = FIRST_PORT;
    if (is_reserved(port, reuses)) return port;
    if (wanted !== undefined) await setTimeout(10);
  }
}

/**
 * Takes a port away from all other tests, those of other processes too: a name in the abstract
 * namespace is gone when its socket is. Then the port must be free.
 */
function is_reserved(port: number, reuses: boolean): boolean {
  const lock = new socket.socket(socket.AF_UNIX);
  using probe = new socket.socket();
  try {
    lock.bind(Buffer.from(`\0iomux-test-port-${port}`));
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuses);
    probe.bind(["127.0.0.1", port]);
  } catch (error) {
    lock.close();
    if (error instanceof OSError) return false;
    throw error;
  }
  onTestFinished(() => lock.close());
  return true;
}

/** What went over one connection, in both directions. */
export interface Exchange {
  readonly sent: Buffer;
  readonly received: Buffer;
}

export interface Recorder {
  readonly port: number;
  /** The exchanges so far, by the order of their connections. */
  exchanges(): Exchange[];
}

/** Stands between the clients and a server, and writes down every byte that passes. */
export async function record(server_port: number): Promise<Recorder> {
  const all: { sent: Buffer[]; received: Buffer[] }[] = [];
  const server = createServer({ allowHalfOpen: true }, (client: Socket) => {
    const exchange = { sent: [] as Buffer[], received: [] as Buffer[] };
    all.push(exchange);
    const upstream = connect({ port: server_port, host: "127.0.0.1", allowHalfOpen: true });
    client.on("data", (data: Buffer) => exchange.sent.push(data)).pipe(upstream);
    upstream.on("data", (data: Buffer) => exchange.received.push(data)).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  server.listen({ port: 0, host: "127.0.0.1", backlog: 512 });
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return {
    port: (server.address() as AddressInfo).port,
    exchanges: () =>
      all.map(({ sent, received }) => ({
        sent: Buffer.concat(sent),
        received: Buffer.concat(received),
      })),
  };
}

/**
 * A transcript without what differs from run to run: ports are named in the order in which they
 * appear. A server that accepts a connection has met a new client, even where the system gave it
 * the port of one long gone.
 */
export function without_ports(transcript: string): string {
  const names = new Map<string, string>();
  let count = 0;
  return transcript.replaceAll(
    /(^Accepted connection from )?\('127\.0\.0\.1', (\d+)\)/gm,
    (_, accepted: string | undefined, port: string) => {
      if (accepted !== undefined || !names.has(port)) names.set(port, `port${++count}`);
      return `${accepted ?? ""}('127.0.0.1', ${names.get(port)})`;
    },
  );
}
