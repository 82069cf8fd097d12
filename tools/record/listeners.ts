/** Which TCP ports a process listens on, as the system tells. proc(5) */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Where to connect to. */
export interface ListeningAddress {
  readonly host: string;
  readonly port: number;
}

const LISTEN = "0A";

/** The first TCP socket that a process listens on; null if there is none, or the process is gone. */
export function listening_address(pid: number): ListeningAddress | null {
  const inodes = sockets_of(pid);
  for (const [file, any, own] of [
    ["tcp", "0.0.0.0", "127.0.0.1"],
    ["tcp6", "::", "::1"],
  ]) {
    for (const row of readFileSync(`/proc/net/${file}`, "latin1").trim().split("\n").slice(1)) {
      const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
      if (state !== LISTEN || !inodes.has(inode)) continue;
      const [address, port] = local.split(":");
      const host = to_host(address);
      return { host: host === any ? own : host, port: Number.parseInt(port, 16) };
    }
  }
  return null;
}

function sockets_of(pid: number): Set<string> {
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

/** An address as the kernel prints it: words of 32 bits, each in the machine's order of bytes. */
function to_host(hex: string): string {
  const bytes = Buffer.from(hex, "hex").swap32();
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    bytes.readUInt16BE(2 * index).toString(16),
  );
  return groups.every((group) => group === "0") ? "::" : groups.join(":");
}
