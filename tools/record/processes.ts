/** What the system says of processes and TCP ports. */
import { setTimeout as sleep } from "node:timers/promises";

import * as linux from "./system/linux.ts";
import * as unix from "./system/unix.ts";
import type { TcpState } from "./system/unix.ts";

export type { ListeningAddress } from "./system/unix.ts";

const { is_serving, listening_address, process_of, tcp_states } =
  process.platform === "linux" ? linux : unix;

export { is_serving, listening_address };

/** Established, and closed by the peer alone. */
const CONNECTED: ReadonlySet<TcpState> = new Set(["ESTABLISHED", "CLOSE_WAIT"]);

/** Whether a server listens on a port. Connecting to find out would use up a server for one client. */
export function is_listening(port: number): boolean {
  return tcp_states(port).includes("LISTEN");
}

/** Whether a server has a connection that it has not closed. */
export function has_connections(port: number): boolean {
  return tcp_states(port).some((state) => CONNECTED.has(state));
}

/** Whether no socket is bound to a port. */
export function is_unused(port: number): boolean {
  return tcp_states(port).length === 0;
}

/** Waits until a former server's connections have left TIME_WAIT; calls `waiting` if there are any. */
export async function until_reusable(port: number, waiting: () => void): Promise<void> {
  if (!tcp_states(port).includes("TIME_WAIT")) return;
  waiting();
  while (tcp_states(port).includes("TIME_WAIT")) await sleep(250);
}

/** The processor time of a process, to compare with a later one; empty when it has ended. */
export function cpu_time(pid: number): string {
  return process_of(pid)?.time ?? "";
}

/** Whether a process sleeps in a system call, or has ended. */
export function is_asleep(pid: number): boolean {
  return process_of(pid)?.is_asleep ?? true;
}
