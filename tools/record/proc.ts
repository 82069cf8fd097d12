/** What Linux says about processes and TCP ports. proc(5), proc_net_tcp(5) */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Where to connect to. */
export interface ListeningAddress {
  readonly host: string;
  readonly port: number;
}

const LISTEN = "0A";
const TIME_WAIT = "06";
/** Established, and closed by the peer alone. */
const CONNECTED = new Set(["01", "08"]);

interface TcpSocket {
  readonly local: string;
  readonly state: string;
  readonly inode: string;
}

function tcp_sockets(file: "tcp" | "tcp6"): TcpSocket[] {
  const rows = readFileSync(`/proc/net/${file}`, "latin1").trim().split("\n").slice(1);
  return rows.map((row) => {
    const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
    return { local, state, inode };
  });
}

/** The first TCP socket that a process listens on; null if there is none, or the process has ended. */
export function listening_address(pid: number): ListeningAddress | null {
  const inodes = socket_inodes(pid);
  for (const [file, any, loopback] of [
    ["tcp", "0.0.0.0", "127.0.0.1"],
    ["tcp6", "::", "::1"],
  ] as const) {
    for (const { local, state, inode } of tcp_sockets(file)) {
      if (state !== LISTEN || !inodes.has(inode)) continue;
      const [address, port] = local.split(":");
      const host = to_host(address);
      return { host: host === any ? loopback : host, port: Number.parseInt(port, 16) };
    }
  }
  return null;
}

function socket_inodes(pid: number): Set<string> {
  const inodes = new Set<string>();
  let fds: string[] = [];
  try {
    fds = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // It has ended.
  }
  for (const fd of fds) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed since.
    }
  }
  return inodes;
}

/** An address as the kernel prints it: 32-bit words, each in the machine's byte order. */
function to_host(hex: string): string {
  const bytes = Buffer.from(hex, "hex").swap32();
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    bytes.readUInt16BE(2 * index).toString(16),
  );
  return groups.every((group) => group === "0") ? "::" : groups.join(":");
}

/** The states of the sockets bound to a port of 127.0.0.1. */
function socket_states(port: number): string[] {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return tcp_sockets("tcp").flatMap(({ local, state }) => (local === address ? [state] : []));
}

/** Whether a server listens on a port. Connecting to find out would use up a server for one client. */
export function is_listening(port: number): boolean {
  return socket_states(port).includes(LISTEN);
}

/** Whether a server has a connection that it has not closed. */
export function has_connections(port: number): boolean {
  return socket_states(port).some((state) => CONNECTED.has(state));
}

/** Whether no socket is bound to a port. */
export function is_unused(port: number): boolean {
  return socket_states(port).length === 0;
}

/** Waits until a former server's connections have left TIME_WAIT; calls `waiting` if there are any. */
export async function until_reusable(port: number, waiting: () => void): Promise<void> {
  if (!socket_states(port).includes(TIME_WAIT)) return;
  waiting();
  while (socket_states(port).includes(TIME_WAIT)) await sleep(250);
}

/** The fields of a process's stat file, from its state on; null when the process has ended. */
function stat_of(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return null;
  }
}

/** The processor time of a process in ticks; -1 when it has ended. */
export function cpu_time(pid: number): number {
  const stat = stat_of(pid);
  return stat === null ? -1 : Number(stat[11]) + Number(stat[12]);
}

/** Whether a process sleeps in a system call, or has ended. */
export function is_asleep(pid: number): boolean {
  return (stat_of(pid)?.[0] ?? "S") === "S";
}
