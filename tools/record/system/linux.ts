/** What Linux says of processes and TCP ports. proc(5), proc_net_tcp(5) */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

import type { ListeningAddress, ProcessNow, TcpState } from "./unix.ts";

const LISTEN = "0A";

const STATES: Readonly<Record<string, TcpState>> = {
  "01": "ESTABLISHED",
  "06": "TIME_WAIT",
  "08": "CLOSE_WAIT",
  [LISTEN]: "LISTEN",
};

interface InetSocket {
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly inode: string;
}

function rows_of(file: "tcp" | "tcp6" | "udp" | "udp6" | "unix"): string[][] {
  const path = `/proc/net/${file}`;
  // Without IPv6 there are no tables of it.
  if (!existsSync(path)) return [];
  const rows = readFileSync(path, "latin1").trim().split("\n").slice(1);
  return rows.map((row) => row.trim().split(/\s+/));
}

function inet_sockets(file: "tcp" | "tcp6" | "udp" | "udp6"): InetSocket[] {
  return rows_of(file).map(([, local, remote, state, , , , , , inode]) => {
    return { local, remote, state, inode };
  });
}

/** The first TCP socket that a process listens on; null if there is none, or the process has ended. */
export function listening_address(pid: number): ListeningAddress | null {
  return address_among(socket_inodes(pid));
}

function address_among(inodes: ReadonlySet<string>): ListeningAddress | null {
  for (const [file, any, loopback] of [
    ["tcp", "0.0.0.0", "127.0.0.1"],
    ["tcp6", "::", "::1"],
  ] as const) {
    for (const { local, state, inode } of inet_sockets(file)) {
      if (state !== LISTEN || !inodes.has(inode)) continue;
      const [address, port] = local.split(":");
      const host = to_host(address);
      return { host: host === any ? loopback : host, port: Number.parseInt(port, 16) };
    }
  }
  return null;
}

/** The flag of a Unix socket that listens, in hexadecimal. */
const ACCEPTS = "00010000";

/** Whether clients can reach a process: it listens, or has a UDP socket with a port. */
export function is_serving(pid: number): boolean {
  const inodes = socket_inodes(pid);
  if (address_among(inodes) !== null) return true;
  const udp = [...inet_sockets("udp"), ...inet_sockets("udp6")];
  const has_port = udp.some(({ local, remote, inode }) => {
    return inodes.has(inode) && !local.endsWith(":0000") && remote.endsWith(":0000");
  });
  return has_port || rows_of("unix").some((row) => row[3] === ACCEPTS && inodes.has(row[6]));
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
export function tcp_states(port: number): TcpState[] {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const bound = inet_sockets("tcp").filter(({ local }) => local === address);
  return bound.map(({ state }) => STATES[state] ?? "other");
}

/** How a process is; null when it has ended. */
export function process_of(pid: number): ProcessNow | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...fields] = stat.replace(/^.*\) /s, "").split(" ");
    return { is_asleep: state === "S", time: `${fields[10]} ${fields[11]}` };
  } catch {
    return null;
  }
}
