/** The system, and its limits for servers. */
import { release, type } from "node:os";

import { amount, digits } from "../words.ts";
import { output_of, text_of } from "./output.ts";
import type { Limit, System } from "./report.ts";

export function system(): System {
  return {
    platform: process.platform,
    arch: process.arch,
    kernel: `${type()} ${release()}`,
    distribution: distribution(),
    libc: process.platform === "linux" ? libc() : null,
  };
}

/** "Node.js v24.21.0", "Bun 1.4.5". */
export function runtime(): string {
  const { bun, deno } = process.versions;
  if (bun !== undefined) return `Bun ${bun}`;
  return deno === undefined ? `Node.js ${process.version}` : `Deno ${deno}`;
}

function distribution(): string | null {
  if (process.platform === "darwin") {
    const version = output_of("sw_vers", "-productVersion");
    return version === null ? null : `macOS ${version}`;
  }
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text_of("/etc/os-release") ?? "")?.[1] ?? null;
}

/** "glibc 2.36", "musl 1.2.5"; null for any other. */
function libc(): string | null {
  const glibc = output_of("getconf", "GNU_LIBC_VERSION");
  if (glibc !== null) return glibc;
  // musl's fails, and says its version in doing so.
  const said = output_of("sh", "-c", "ldd --version 2>&1 || true") ?? "";
  const version = /^Version (.*)$/m.exec(said)?.[1];
  return said.startsWith("musl") && version !== undefined ? `musl ${version}` : null;
}

/** The limits; `fd_setsize` is null where the addon, which knows it, does not load. */
export function limits(fd_setsize: number | null): Limit[] {
  const ports = port_range();
  return [
    {
      name: "open files",
      value: open_files(),
      meaning:
        "a process's descriptors: each connection is one. Node.js raises the soft limit to the hard one",
    },
    {
      name: "FD_SETSIZE",
      value: fd_setsize === null ? null : digits(fd_setsize),
      meaning: "select() and SelectSelector take only descriptors below this",
    },
    {
      name: "somaxconn",
      value: numbers(setting("net.core.somaxconn", "kern.ipc.somaxconn")),
      meaning: "connections that wait for accept(): listen(backlog) gets no more",
    },
    {
      name: "client ports",
      value: ports === null ? null : ports.join("–"),
      meaning:
        ports === null
          ? "the ports that the system gives to clients"
          : `${amount(ports[1] - ports[0] + 1, "connection")} at most from here to one server's port. Let servers listen outside this range`,
    },
  ];
}

/** "1,024 (soft), 524,288 (hard)"; null where there is no shell to ask. */
function open_files(): string | null {
  const said = output_of("sh", "-c", "ulimit -Sn; ulimit -Hn")?.split("\n");
  if (said?.length !== 2) return null;
  const [soft, hard] = said.map((text) => numbers(text));
  return `${soft} soft, ${hard} hard`;
}

function port_range(): readonly [first: number, last: number] | null {
  const range =
    text_of("/proc/sys/net/ipv4/ip_local_port_range") ??
    output_of("sysctl", "-n", "net.inet.ip.portrange.first", "net.inet.ip.portrange.last");
  const [first, last] = (range ?? "").split(/\s+/).map(Number);
  return last > 0 ? [first, last] : null;
}

/** A setting of the kernel's, by its names on Linux and on macOS and the BSDs. */
function setting(linux: string, bsd: string): string | null {
  return process.platform === "linux"
    ? text_of(`/proc/sys/${linux.replaceAll(".", "/")}`)
    : output_of("sysctl", "-n", bsd);
}

/** A number with commas; words, such as "unlimited", as they are. */
function numbers(text: string): string;
function numbers(text: string | null): string | null;
function numbers(text: string | null): string | null {
  return text !== null && /^\d+$/.test(text) ? digits(Number(text)) : text;
}
