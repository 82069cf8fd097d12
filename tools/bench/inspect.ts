/**
 * What is measured in separate runs, because measuring it would disturb the others: system calls,
 * garbage collection, memory, start-up.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";

import { command_of } from "./arms.ts";
import type { Arm } from "./arms.ts";
import { BUILD } from "./build.ts";
import { free_port, HOST, pinned, put_under_load, start } from "./measure.ts";
import type { Server, Times } from "./measure.ts";
import type { Workload } from "./workloads.ts";

const TIMES: Times = { seconds: 1, warmup: 0.5 };

export function has_strace(): boolean {
  return spawnSync("strace", ["--version"]).status === 0;
}

/** Gives `work` a folder of its own, which goes with it. */
export async function in_folder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "iomux-bench-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** System calls per message, by name, while a server is under load. strace(1) */
export async function system_calls(
  workload: Workload,
  arm: Arm,
): Promise<Readonly<Record<string, number>>> {
  return in_folder(async (folder) => {
    const server = await start(arm, workload.mode);
    try {
      const counts = join(folder, "counts");
      const args = ["-f", "-c", "-U", "name,calls", "-o", counts, "-p", String(server.pid)];
      const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
      // "Process 123 attached": from here on it counts.
      await once(strace.stderr, "data");
      // strace counts all that the load does, so there is no warm-up.
      const { messages } = await put_under_load(workload, server, { ...TIMES, warmup: 0 });
      strace.kill("SIGINT");
      await once(strace, "close");
      return calls_in(await readFile(counts, "utf8"), messages);
    } finally {
      await server.stop();
    }
  });
}

function calls_in(table: string, messages: number): Readonly<Record<string, number>> {
  const rows = table.matchAll(/^(\w+)\s+(\d+)$/gm);
  const calls = [...rows].map(([, name, count]) => [name, Number(count) / messages] as const);
  return Object.fromEntries(calls.filter(([name, each]) => name !== "total" && each >= 0.005));
}

/** Milliseconds of garbage collection for each second under load. */
export async function collection_time(workload: Workload, arm: Arm): Promise<number> {
  return in_folder(async (folder) => {
    const log = join(folder, "gc");
    // The trace goes to standard output, which nobody reads.
    const server = await start(arm, workload.mode, ([node, ...rest]) => {
      return ["sh", "-c", `exec "$0" --trace-gc "$@" > ${log}`, node, ...rest];
    });
    await put_under_load(workload, server, TIMES).finally(() => server.stop());
    // [123:0x1] 456 ms: Scavenge 5.0 (6.0) -> 4.0 (7.0) MB, 0.81 / 0.00 ms ...
    const pauses = (await readFile(log, "utf8")).matchAll(/MB, ([\d.]+) \/ /g);
    const total = [...pauses].reduce((sum, [, milliseconds]) => sum + Number(milliseconds), 0);
    return total / (TIMES.seconds + TIMES.warmup);
  });
}

/** Connections before those whose memory is measured, to leave out what a server sets up once. */
const FIRST_CONNECTIONS = 1000;

/** Bytes of memory that an idle connection costs a server. */
export async function memory_per_connection(arm: Arm, connections: number): Promise<number> {
  const server = await start(arm, "echo");
  try {
    const first = await connect_idle(server, FIRST_CONNECTIONS);
    const before = resident(server.pid);
    const others = await connect_idle(server, connections);
    const after = resident(server.pid);
    await Promise.all([first.end(), others.end()]);
    return (after - before) / connections;
  } finally {
    await server.stop();
  }
}

/** Opens connections that do nothing until they end. */
async function connect_idle({ port }: Server, connections: number) {
  const args = ["idle", HOST, String(port), "--connections", String(connections)];
  const [command, ...words] = pinned(1, [`${BUILD}load`, ...args]);
  const load = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  await first_output(load.stdout, "the load");
  // The server may still be accepting.
  await setTimeout(1000);
  return {
    async end() {
      load.stdin.end();
      await once(load, "close");
    },
  };
}

/** Waits until a program prints something, and throws if it ends before. */
async function first_output(output: Readable, name: string): Promise<void> {
  const text = await Promise.race([once(output, "data"), once(output, "end")]);
  if (text.length === 0) throw new Error(`${name} exited before it was ready`);
}

/** The memory of a process, with its share of what others map too, in bytes. proc_pid_smaps(5) */
function resident(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)![1]) * 1024;
}

/** Milliseconds from the start of a server until it says that it listens. */
export async function start_up(arm: Arm): Promise<number> {
  const [command, ...args] = pinned(0, command_of(arm, "echo", HOST, await free_port()));
  const begin = performance.now();
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, PYTHONUNBUFFERED: "1" },
  });
  await first_output(child.stdout, arm.name);
  const milliseconds = performance.now() - begin;
  child.kill("SIGKILL");
  await once(child, "close");
  return milliseconds;
}
