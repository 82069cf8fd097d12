/** What macOS and the BSDs say of processes and TCP ports. netstat(1), lsof(8), ps(1) */
import { spawnSync } from "node:child_process";

/** Where to connect to. */
export interface ListeningAddress {
  readonly host: string;
  readonly port: number;
}

export type TcpState = "LISTEN" | "ESTABLISHED" | "CLOSE_WAIT" | "TIME_WAIT" | "other";

export interface ProcessNow {
  /** Whether it sleeps in a system call. */
  readonly is_asleep: boolean;
  /** The processor time that it has used, to compare with a later one. */
  readonly time: string;
}

/** The states of the sockets bound to a port of 127.0.0.1. */
export function tcp_states(port: number): TcpState[] {
  return states_in(output_of("netstat", "-an", "-p", "tcp"), port);
}

/** The first TCP socket that a process listens on; null if there is none, or the process has ended. */
export function listening_address(pid: number): ListeningAddress | null {
  const options = ["-nP", "-a", "-p", String(pid), "-iTCP", "-sTCP:LISTEN", "-Fn"];
  return address_in(output_of("lsof", ...options));
}

/** Whether clients can reach a process: it listens, or has a UDP socket with a port. */
export function is_serving(pid: number): boolean {
  if (listening_address(pid) !== null) return true;
  return has_port_in(output_of("lsof", "-nP", "-a", "-p", String(pid), "-iUDP", "-Fn"));
}

/** How a process is; null when it has ended. */
export function process_of(pid: number): ProcessNow | null {
  return process_in(output_of("ps", "-o", "state=,time=", "-p", String(pid)));
}

function output_of(command: string, ...args: readonly string[]): string {
  return spawnSync(command, args, { encoding: "utf8" }).stdout ?? "";
}

const STATES: ReadonlySet<string> = new Set(["LISTEN", "ESTABLISHED", "CLOSE_WAIT", "TIME_WAIT"]);

/** tcp4  0  0  127.0.0.1.65432  *.*  LISTEN */
export function states_in(netstat: string, port: number): TcpState[] {
  const rows = netstat.split("\n").map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([protocol, , , local, , state]) => {
    if (!protocol.startsWith("tcp") || local !== `127.0.0.1.${port}`) return [];
    return STATES.has(state) ? (state as TcpState) : "other";
  });
}

/** Lines such as n127.0.0.1:65432, n*:8080 and n[::1]:80 */
export function address_in(lsof: string): ListeningAddress | null {
  const found = /^n(.*):(\d+)$/m.exec(lsof);
  if (found === null) return null;
  const [, host, port] = found;
  return { host: host === "*" ? "127.0.0.1" : host.replaceAll(/[[\]]/g, ""), port: Number(port) };
}

/** Lines such as n*:65432; n127.0.0.1:50000->127.0.0.1:53 is connected, and n*:* has no port. */
export function has_port_in(lsof: string): boolean {
  return /^n(?!.*->).*:\d+$/m.test(lsof);
}

/** S+  0:00.05; one that has slept for long is I, for idle. */
export function process_in(ps: string): ProcessNow | null {
  const [state, time] = ps.trim().split(/\s+/);
  return time === undefined ? null : { is_asleep: /^[SI]/.test(state), time };
}
