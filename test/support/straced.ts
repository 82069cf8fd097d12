/** Programs recorded through strace: how to record them, talk to them, and compare the recordings. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished } from "vitest";

import type { Call, Line } from "../../lib/trace/recording.ts";
import type { PreparedProgram } from "../../tools/record/child.ts";
import { python_command } from "../../tools/record/python.ts";
import { parse as parse_recording } from "../../tools/recording/parse.ts";
import { to_strace } from "../../tools/recording/strace/text.ts";
import { Command } from "./commands.ts";
import type { Ending } from "./commands.ts";
import { is_blocked } from "./proc.ts";
import { on_sockets, parse, renamed, text } from "./strace.ts";
import type { SystemCall } from "./strace.ts";
import { until } from "./waiting.ts";

export const HOST: string = "127.0.0.1";

/** What happens while a program runs. */
export type Scene = (program: Command) => Promise<void>;

export const nothing: Scene = async () => {};

export function new_folder(): string {
  const folder = mkdtempSync(join(tmpdir(), "iomux-recording-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

export function script(source: string, name: string = "script.py"): string {
  const path = join(new_folder(), name);
  writeFileSync(path, source);
  return path;
}

export interface Recorded {
  readonly lines: readonly Line[];
  readonly calls: Call[];
  readonly ending: Ending;
}

export async function record(run: PreparedProgram, scene: Scene = nothing): Promise<Recorded> {
  const program = new Command(run.command);
  await scene(program);
  const ending = await program.ended;
  const lines = [...(await run.recorded())[0]];
  // What is recorded can be read back.
  expect(parse_recording(lines.map((line) => JSON.stringify(line)).join("\n"), "it").lines).toEqual(
    JSON.parse(JSON.stringify(lines)),
  );
  return { lines, calls: lines.filter((line) => line.kind === "call"), ending };
}

export async function record_python(
  path: string,
  args: readonly string[] = [],
  scene: Scene = nothing,
) {
  return record(python_command(path, args, join(new_folder(), "new")), scene);
}

export function of_kind<Kind extends Line["kind"]>(lines: readonly Line[], kind: Kind) {
  return lines.filter((line): line is Extract<Line, { kind: Kind }> => line.kind === kind);
}

/** Without what differs from run to run, and without what no recording can know: where in memory something is. */
export function comparable(calls: readonly SystemCall[]): string[] {
  const own = on_sockets(calls).map(({ name, args, result }) => ({
    name,
    args: args.map((arg) => arg.replace(/^\[\d+ => (\d+)\]$/, "[$1]")),
    result,
  }));
  return renamed(own).map((call) => text(call).replaceAll(/pointer(?:, \[\d+\])?/g, "..."));
}

/** A recording as strace would have printed it. */
export function calls_in(lines: readonly Line[]): SystemCall[] {
  const printed = [...to_strace(lines)].join("").replaceAll(/^\d+ +[\d.]+ | <[\d.]+>$/gm, "");
  return parse(printed).map(({ name, args, result }) => ({
    name,
    args: args.filter((arg, index) => arg !== "..." || args[index - 1] !== "..."),
    result,
  }));
}

/** Sends Ctrl-C to a server that waits for its clients. */
export async function interrupt(server: Command): Promise<void> {
  await until(() => is_blocked(server.pid));
  server.kill("SIGINT");
}

/** A client of a server under test: says something, waits until it comes back, and goes. */
export async function say(port: number, message: string): Promise<void> {
  const peer = connect(port, HOST);
  let received = "";
  peer.on("data", (data) => (received += data.toString()));
  peer.write(message);
  await until(() => received === message);
  peer.end();
  await once(peer, "close");
}

/** A server for a client under test: what it says comes back. */
export async function echoing(port: number): Promise<void> {
  const server = createServer((peer) => peer.pipe(peer));
  server.listen(port, HOST);
  await once(server, "listening");
  onTestFinished(() => void server.close());
}

/** Where the echo programs meet. */
export const ECHO_PORT: number = 65432;

/** The lines of the program that make each system call, in the order of the calls. */
export function lines_of(lines: readonly Line[]): Record<string, string[]> {
  const sources = new Map(of_kind(lines, "source").map(({ path, text: all }) => [path, all]));
  const stacks = new Map(of_kind(lines, "stack").map((line) => [line.stack, line.frames]));
  const places: Record<string, Set<string>> = {};
  for (const { syscall, stack } of of_kind(lines, "call")) {
    const frame = stacks.get(stack ?? -1)?.[0];
    if (frame === undefined) continue;
    const [, path, number] = frame;
    const line = sources.get(path)!.split("\n")[number - 1].trim();
    (places[syscall!] ??= new Set()).add(line);
  }
  return Object.fromEntries(Object.entries(places).map(([name, all]) => [name, [...all]]));
}
