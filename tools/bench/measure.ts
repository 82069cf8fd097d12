/** One server in its own process, under one load. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { cpus } from "node:os";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

import { SEARCH } from "../record/message.ts";
import { command_of } from "./arms.ts";
import type { Arm, Mode } from "./arms.ts";
import { BUILD } from "./build.ts";
import type { Workload } from "./workloads.ts";

export const HOST = "127.0.0.1";

/** The result of one run. */
export interface Measured {
  readonly messages: number;
  readonly seconds: number;
  /** Seconds of CPU time that the server and the load used. */
  readonly server_cpu: number;
  readonly load_cpu: number;
  /** [nanoseconds, count], ascending. */
  readonly latencies: readonly (readonly [number, number])[];
}

/** Seconds to measure, and before that. */
export interface Times {
  readonly seconds: number;
  readonly warmup: number;
}

/** Pins a server (0) and the load (1) to different processors, where there are two. */
export function pinned(processor: 0 | 1, command: readonly string[]): readonly string[] {
  return cpus().length < 2 ? command : ["taskset", "-c", String(processor), ...command];
}

/** The same for a server, which may use all processors but the load's if it can use several. */
function pinned_server({ is_parallel }: Arm, command: readonly string[]): readonly string[] {
  const count = cpus().length;
  if (is_parallel !== true || count < 3) return pinned(0, command);
  return ["taskset", "-c", `0,2-${count - 1}`, ...command];
}

export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Ends it, and waits until it has ended. */
  stop(): Promise<void>;
}

/** Starts a server; `wrap` changes its command, to add options of node. */
export async function start(
  arm: Arm,
  mode: Mode,
  wrap: (command: readonly string[]) => readonly string[] = (command) => command,
): Promise<Server> {
  const port = await free_port();
  const [command, ...args] = pinned_server(arm, wrap(command_of(arm, mode, HOST, port)));
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const ended = once(child, "close");
  const protocol = mode === "udp" ? "udp" : "tcp";
  while (!is_bound(port, protocol)) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Error(`${arm.name} exited before it listened: ${errors.trim().split("\n")[0]}`);
    }
    await setTimeout(1);
  }
  return {
    pid: child.pid!,
    port,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Below the ports that the system gives to clients, so that none of them takes it first. */
const [FIRST_PORT, LAST_PORT] = [10_000, 19_999];
let next_port = FIRST_PORT + ((process.pid * 31) % (LAST_PORT - FIRST_PORT));

/** A port that nobody uses at the moment. */
export async function free_port(): Promise<number> {
  const port = next_port++;
  if (next_port > LAST_PORT) next_port = FIRST_PORT;
  const probe = createServer().listen(port, HOST);
  try {
    await once(probe, "listening");
  } catch {
    return free_port();
  }
  probe.close();
  await once(probe, "close");
  return port;
}

/** Whether somebody listens on a port, or receives datagrams there. proc_net_tcp(5) */
function is_bound(port: number, protocol: "tcp" | "udp"): boolean {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const state = protocol === "tcp" ? "0A" : "07";
  return readFileSync(`/proc/net/${protocol}`, "latin1")
    .split("\n")
    .some((line) => {
      const fields = line.trim().split(/\s+/);
      return fields[1] === local && fields[3] === state;
    });
}

/** Puts a server under load, and returns what the load reports. */
export async function put_under_load(
  { load, options }: Workload,
  { pid, port }: Server,
  times: Times,
): Promise<Measured> {
  const request = load === "exchange" ? { send: await request_file() } : {};
  const flags = Object.entries({ ...options, ...request, ...times, pid });
  const words = flags.flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const [command, ...args] = pinned(1, [`${BUILD}load`, load, HOST, String(port), ...words]);
  // Accepting ten thousand connections takes a while.
  const most = Math.ceil(times.seconds + times.warmup + 120);
  try {
    const limits = { maxBuffer: 2 ** 26, timeout: most * 1e3 };
    const { stdout } = await promisify(execFile)(command, args, limits);
    return JSON.parse(stdout) as Measured;
  } catch (error) {
    const { killed, stderr, message } = error as Error & { killed?: boolean; stderr?: string };
    if (killed === true) throw new Error(`timed out after ${most} seconds`, { cause: error });
    throw new Error(stderr?.trim() || message, { cause: error });
  }
}

/** One search, as app-client sends it. */
async function request_file(): Promise<string> {
  const path = `${BUILD}request.bin`;
  await writeFile(path, SEARCH);
  return path;
}

export async function measure(workload: Workload, arm: Arm, times: Times): Promise<Measured> {
  const server = await start(arm, workload.mode);
  try {
    return await put_under_load(workload, server, times);
  } finally {
    await server.stop();
  }
}
