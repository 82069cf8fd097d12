/** How a server fares under an attack, as a good client and the system see it. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";

import { Decoder } from "iomux/protocol";

import { attacks } from "./attacks.ts";
import { request, search } from "./frames.ts";
import { stat_of, ticks_in } from "./process-stat.ts";

/** What became of a server. */
export interface Siege {
  /** Whether the attack has ended it. */
  readonly has_ended: boolean;
  /** The longest that a good client has waited for its answer, in seconds; Infinity if it got none. */
  readonly slowest: number;
  /** By how much its memory has grown at most, in bytes. */
  readonly memory: number;
  /** Whether it goes on computing when the attack is over. */
  readonly is_busy: boolean;
}

/** How long a good client waits for an answer, in seconds. */
const PATIENCE = 5;
/** How much of its time a server may compute when nobody is there. */
const AT_REST = 0.2;

/** Null when the process has ended, of which a zombie is left for a while. */
function stat(pid: number): readonly string[] | null {
  try {
    const fields = stat_of(pid);
    return fields[0] === "Z" ? null : fields;
  } catch {
    return null;
  }
}

/** The memory that a process has, in bytes. */
function resident(pid: number): number {
  const pages = stat(pid)?.[21] ?? 0;
  return Number(pages) * 4096;
}

/** How long a process has computed, in seconds. The system counts hundredths. */
function computed(pid: number): number {
  const fields = stat(pid);
  return fields === null ? 0 : ticks_in(fields) / 100;
}

/** How long a good client waits for its answer. It blocks nobody: what the server prints must be read meanwhile. */
async function ask(port: number): Promise<number> {
  const begin = performance.now();
  const client = connect(port, "127.0.0.1");
  const late = AbortSignal.timeout(PATIENCE * 1000);
  const give_up = (): unknown => client.destroy(new Error("no answer"));
  late.addEventListener("abort", give_up);
  try {
    client.write(request(search));
    const decoder = new Decoder();
    for await (const data of client as AsyncIterable<Buffer>) {
      if (decoder.push(data).length > 0) return (performance.now() - begin) / 1000;
    }
    return Infinity;
  } catch {
    return Infinity;
  } finally {
    late.removeEventListener("abort", give_up);
    client.destroy();
  }
}

/** Waits until a process computes no more, for as long as a good client waits. */
async function comes_to_rest(pid: number): Promise<boolean> {
  for (let waited = 0; waited < PATIENCE; waited += 0.5) {
    const before = computed(pid);
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    await setTimeout(500);
    if (computed(pid) - before < AT_REST * 0.5) return true;
  }
  return false;
}

/** Attacks a running app-server for some seconds; `attacker` is the command line of programs/attacker.ts. */
export async function besiege(
  name: string,
  { pid, port }: { readonly pid: number; readonly port: number },
  attacker: readonly string[],
  seconds: number,
): Promise<Siege> {
  const { descriptors } = attacks[name];
  if (descriptors !== undefined) {
    spawnSync("prlimit", ["--pid", String(pid), `--nofile=${descriptors}:${descriptors}`]);
  }
  const before = resident(pid);
  let [slowest, memory] = [0, 0];
  const [file, ...args] = [...attacker, name, String(port)];
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end && stat(pid) !== null && slowest < PATIENCE) {
      // oxlint-disable-next-line no-await-in-loop -- one client after the other
      slowest = Math.max(slowest, await ask(port));
      memory = Math.max(memory, resident(pid) - before);
      // oxlint-disable-next-line no-await-in-loop -- not all at once
      await setTimeout(20);
    }
    if (child.exitCode !== null) throw new Error(`the attacker has ended: ${name}`);
  } finally {
    child.kill("SIGKILL");
  }
  const has_ended = stat(pid) === null;
  return { has_ended, slowest, memory, is_busy: !has_ended && !(await comes_to_rest(pid)) };
}
