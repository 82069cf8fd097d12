/** Runs a program with its scenario, and keeps what was recorded and what it printed. */
import type { Line } from "../../lib/trace/recording.ts";
import { Child } from "../record/child.ts";
import type { PreparedProgram } from "../record/child.ts";
import { is_unused } from "../record/processes.ts";
import type { PeerServer } from "./peers.ts";
import type { Scenario } from "./scenarios.ts";

/** What came of a run. */
export interface RunResult {
  /** The program and its arguments, as one would type them. */
  readonly typed: string;
  readonly lines: readonly Line[];
  /** What it wrote to its standard output and standard error. */
  readonly printed: string;
  /** How it ended: "ended with exit status 0", "was stopped: it did not exit within 20 seconds". */
  readonly ended: string;
}

/** A program that waits for nothing but its peer ends sooner, on any machine. */
const LONGEST_MS = 20_000;

/** Runs a program to its end, with its scenario if it has one. */
export async function run(
  typed: string,
  prepared: PreparedProgram,
  scenario: Scenario | null,
  port: number,
  peer_server: PeerServer,
): Promise<RunResult> {
  // CPython tells nobody of a socket that is lost, and Node does when it collects one.
  const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --disable-warning=ResourceWarning`;
  const env = { ...prepared.env, FORCE_COLOR: undefined, NO_COLOR: "1", NODE_OPTIONS };
  const program = new Child({ ...prepared, env }, ["ignore", "pipe", "pipe"]);
  let printed = "";
  for (const output of program.outputs) {
    output.setEncoding("utf8").on("data", (text: string) => (printed += text));
  }
  let stopped: string | null = null;
  const stop = (why: string): void => {
    // The peer of a program that has ended may fail as well.
    if (program.has_ended) return;
    stopped = `was stopped: ${why}`;
    program.kill();
  };
  const late = setTimeout(
    () => stop(`it did not exit within ${LONGEST_MS / 1000} seconds`),
    LONGEST_MS,
  );
  void scenario?.play(program, port, peer_server).catch((error: unknown) => {
    stop(`its peer failed (${(error as Error).message})`);
  });
  await program.ended;
  clearTimeout(late);
  const ended = stopped ?? `ended with ${program.signal ?? `exit status ${program.status}`}`;
  const [main = []] = await prepared.recorded();
  return { typed, lines: [...main], printed, ended };
}

/** Below the ports that the system gives to clients, so that no client gets one of these. */
const [FIRST_PORT, LAST_PORT] = [10_000, 20_000];

const used = new Set<number>();

/** A port for a server that takes one. */
export function free_port(): number {
  const start = FIRST_PORT + (process.pid % (LAST_PORT - FIRST_PORT));
  for (let port = start; ; port = port === LAST_PORT ? FIRST_PORT : port + 1) {
    if (!used.has(port) && is_unused(port)) {
      used.add(port);
      return port;
    }
  }
}
