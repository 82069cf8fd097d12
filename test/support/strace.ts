/**
 * Programs under strace: which system calls they make, in which order and with which arguments. Two
 * programs that do the same are compared so:
 *
 *     const names = ["socket", "bind", "listen", "accept4", "epoll_create1", "epoll_wait", "close"];
 *     const theirs = await trace(["python3", "echo.py"], names);
 *     const ours = await trace([process.execPath, ..., "echo.ts"], names);
 *     expect(renamed(on_sockets(ours)).map(text)).toEqual(renamed(on_sockets(theirs)).map(text));
 *
 * A program that has to be talked to, or ended by a signal, is started by the test itself, with the
 * command line that `traced` makes. Node and Python have descriptors of their own, and calls on
 * them: `between` cuts out what a program does between two lines that it prints, `on_sockets` keeps
 * what it does with its sockets and the selectors that watch them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as text_of } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

import { needs } from "./tools.ts";

/** A system call as strace prints it: `name(args[0], args[1] ...) = result`. */
export interface SystemCall {
  readonly name: string;
  readonly args: readonly string[];
  /** With the errno and its text, and what strace says of the descriptors that are ready. */
  readonly result: string;
}

export interface Traced {
  /** What to start instead of the program; signals to the process reach the program itself. */
  readonly command: readonly [string, ...string[]];
  /** The calls of its main thread. To be called once, when the program has ended or is about to. */
  calls(): Promise<SystemCall[]>;
}

/**
 * The command line that runs a program under strace, which writes down its calls of these names.
 * Names that this system does not have do no harm.
 */
export function traced(command: readonly string[], names: readonly string[]): Traced {
  needs("strace");
  const folder = mkdtempSync(join(tmpdir(), "iomux-strace-"));
  const log = join(folder, "log");
  const filter = `trace=${names.map((name) => `?${name}`).join(",")}`;
  return {
    // Without -f: the other threads are none of the program's. With -D the program is our child and
    // strace is not, with -s texts are whole.
    command: ["strace", "-D", "-o", log, "-s", "100000", "-e", filter, "--", ...command],
    async calls(): Promise<SystemCall[]> {
      try {
        let lines = readFileSync(log, "latin1");
        // strace ends a little later than the program does.
        while (!/^\+\+\+ .* \+\+\+\n$/m.test(lines)) {
          await setTimeout(1);
          lines = readFileSync(log, "latin1");
        }
        return parse(lines);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}

/** Runs a program to its end, and returns the calls of these names that its main thread has made. */
export async function trace(
  command: readonly string[],
  names: readonly string[],
): Promise<SystemCall[]> {
  const run = traced(command, names);
  const [file, ...args] = run.command;
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
  const [stderr, [status]] = await Promise.all([text_of(child.stderr), once(child, "exit")]);
  const calls = await run.calls();
  if (status === 0) return calls;
  throw new Error(`${command.join(" ")} ended with status ${status}:\n${stderr}`);
}

/** A call on one line, as strace prints it. */
export function text({ name, args, result }: SystemCall): string {
  return `${name}(${args.join(", ")}) = ${result}`;
}

/** The calls in strace's output; signals are left out. */
export function parse(lines: string): SystemCall[] {
  return lines.split("\n").flatMap((line) => {
    const name = /^\w+(?=\()/.exec(line)?.[0];
    if (name === undefined) return [];
    const [args, end] = split(line, name.length + 1);
    return { name, args, result: line.slice(end).replace(/^\s*=\s*/, "") };
  });
}

/** The arguments that begin at `start` in a line, and where the line goes on behind them. */
function split(line: string, start: number): readonly [args: string[], end: number] {
  const args: string[] = [];
  let depth = 0;
  let begin = start;
  // A whole text, or one character.
  const token = /"(?:[^"\\]|\\.)*"|./gs;
  token.lastIndex = start;
  for (let match = token.exec(line); match !== null; match = token.exec(line)) {
    const [part] = match;
    if (depth === 0 && (part === "," || part === ")")) {
      args.push(line.slice(begin, match.index).trim());
      begin = token.lastIndex;
      if (part === ")") break;
    } else if ("([{".includes(part)) depth++;
    else if (")]}".includes(part)) depth--;
  }
  return [args.length === 1 && args[0] === "" ? [] : args, begin];
}

/** How libuv wakes another thread, which Node's main thread does at any time. eventfd(2) */
const WAKE_UP = String.raw`"\1\0\0\0\0\0\0\0"`;

/** The calls between the `write` of a text that has `begin` in it and the `write` of one with `end`. */
export function between(calls: readonly SystemCall[], begin: string, end: string): SystemCall[] {
  const start = place(calls, begin, 0) + 1;
  const all = calls.slice(start, place(calls, end, start));
  return all.filter(({ name, args }) => name !== "write" || args[1] !== WAKE_UP);
}

function place(calls: readonly SystemCall[], marker: string, from: number): number {
  const index = calls.findIndex(
    ({ name, args }, at) => at >= from && name === "write" && args[1].includes(marker),
  );
  if (index === -1) throw new Error(`the program never wrote ${JSON.stringify(marker)}`);
  return index;
}

/**
 * The same calls without what differs from run to run: descriptors and ports are named by their
 * first appearance (`fd1`, `port1`; 0, 1 and 2 and port 0 stay), pointers are `pointer`, and what
 * select says of the time left is gone. A descriptor that is made (its number may have been used
 * before) gets a new name: so trace `socket` and its like as well.
 */
export function renamed(calls: readonly SystemCall[]): SystemCall[] {
  const fds = new Map(["0", "1", "2"].map((fd) => [fd, fd]));
  const ports = new Map([["0", "0"]]);
  let made = 0;
  return calls.map((call) => {
    const { name, args, result } = with_descriptors(call, (fd, is_new) => {
      if (is_new || !fds.has(fd)) fds.set(fd, `fd${++made}`);
      return fds.get(fd)!;
    });
    const clean = args.map((arg) =>
      arg.replace(/^0x[0-9a-f]{6,}$/, "pointer").replaceAll(/(?<=_port=htons\()\d+/g, (port) => {
        if (!ports.has(port)) ports.set(port, `port${ports.size}`);
        return ports.get(port)!;
      }),
    );
    return { name, args: clean, result: result.replace(/(?:, | \()left \{[^}]*\}(\)?)/, close_of) };
  });
}

/** Of "(in [3], left {...})" the parenthesis stays, of "(left {...})" nothing. */
function close_of(match: string, parenthesis: string): string {
  return match.startsWith(",") ? parenthesis : "";
}

/**
 * Only the calls on sockets that the program has made, and on the selectors and lists in which it
 * waits for them. What Node or Python do with other descriptors is left out, and their own epoll
 * descriptors with it. Node makes its own sockets with SOCK_NONBLOCK, this package and Python do not
 * unless told to: such a socket is left out too.
 */
export function on_sockets(calls: readonly SystemCall[]): SystemCall[] {
  // Every descriptor gets an id for good: its number is used again after close, perhaps by a file.
  const ids = new Map<string, number>();
  let next = 0;
  const own = new Set<number>();
  const used = calls.map((call) => {
    const { name, args } = call;
    const on: number[] = [];
    with_descriptors(call, (fd, is_new) => {
      if (is_new || !ids.has(fd)) ids.set(fd, next++);
      const id = ids.get(fd)!;
      on.push(id);
      const is_socket = sockets.has(name) && !args[1].includes("SOCK_NONBLOCK");
      // accept's and dup's descriptors are made of a socket.
      if (is_new && (is_socket || own.has(on[0]))) own.add(id);
      return fd;
    });
    if (name === "epoll_ctl" && on.slice(1).some((id) => own.has(id))) own.add(on[0]);
    if (name === "close") ids.delete(args[0]);
    return on;
  });
  return calls.filter((_, index) => used[index].some((id) => own.has(id)));
}

const sockets = new Set(["socket", "socketpair"]);

/** The calls whose first argument is a descriptor. */
const on_descriptor = new Set(
  (
    "bind listen accept accept4 connect getsockname getpeername send sendto sendmsg recv recvfrom " +
    "recvmsg shutdown getsockopt setsockopt close read readv write writev sendfile fcntl ioctl " +
    "dup dup2 dup3 epoll_ctl epoll_wait epoll_pwait epoll_pwait2"
  ).split(" "),
);

/** Those with a second one, and where. */
const second: Readonly<Record<string, number>> = { epoll_ctl: 2, sendfile: 1, dup2: 1, dup3: 1 };

/** The calls that return a descriptor, and the ones that make two in a list. */
const makes = new Set(
  "socket accept accept4 epoll_create epoll_create1 dup dup2 dup3 eventfd2 openat".split(" "),
);
const makes_two = new Set(["socketpair", "pipe", "pipe2"]);

type Rename = (fd: string, is_new: boolean) => string;

/** The same call with every descriptor in it renamed, in the order in which they stand there. */
function with_descriptors(call: SystemCall, rename: Rename): SystemCall {
  const { name, result } = call;
  const args = [...call.args];
  const old = (fd: string): string => (/^\d+$/.test(fd) ? rename(fd, false) : fd);
  const list = (fds: string): string => fds.split(" ").map(old).toSorted().join(" ");
  if (on_descriptor.has(name)) {
    args[0] = old(args[0]);
    const other = second[name];
    if (other !== undefined && !makes.has(name)) args[other] = old(args[other]);
  }
  if (makes_two.has(name) && result === "0") {
    const at = name === "socketpair" ? 3 : 0;
    args[at] = args[at].replaceAll(/\d+/g, (fd) => rename(fd, true));
  }
  if (name.startsWith("epoll_")) {
    for (const [at, arg] of args.entries()) {
      args[at] = arg.replaceAll(/(?<=data=)\{u32=(\d+), u64=\d+\}/g, (_, fd: string) => old(fd));
    }
  }
  if (name === "poll" || name === "ppoll") {
    args[0] = args[0].replaceAll(/(?<=\bfd=)\d+/g, old);
    return { name, args, result: result.replaceAll(/(?<=\bfd=)\d+/g, old) };
  }
  if (name === "select" || name === "pselect6") {
    const highest = Math.max(-1, ...(args.slice(1, 4).join(" ").match(/\d+/g)?.map(Number) ?? []));
    if (args[0] === `${highest + 1}`) args[0] = "highest + 1";
    for (const at of [1, 2, 3]) args[at] = args[at].replace(/(?<=^\[)[\d ]+/, list);
    return { name, args, result: result.replaceAll(/(?<=(?:in|out|except) \[)[\d ]+/g, list) };
  }
  const is_new = makes.has(name) || (name === "fcntl" && args[1].startsWith("F_DUPFD"));
  return { name, args, result: is_new && /^\d+$/.test(result) ? rename(result, true) : result };
}
