/**
 * Sockets that are closed at the end of their test, and programs of test/support/programs that run in a
 * process of their own: for what blocks, or may crash.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

import { onTestFinished } from "vitest";

import { select } from "iomux/select";
import * as socket from "iomux/socket";

import { PYTHON } from "./python.ts";

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface Program {
  readonly pid: number;
  /** The next line of its standard output; an error, with its standard error, if it ended first. */
  line(): Promise<string>;
  /** A line for its standard input. */
  tell(line: string): void;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ending>;
}

/** The command line of a TypeScript program, which test/support/setup.ts has compiled. */
export function compiled(path: string): string[] {
  return [process.execPath, `build-test/${path.replace(/\.ts$/, ".js")}`];
}

/** With AddressSanitizer the largest pieces of memory are not to be had, which it says each time. */
function without_refusals(stderr: string): string {
  return stderr.replaceAll(/^==\d+==WARNING: AddressSanitizer failed to allocate .*\n/gm, "");
}

/** Starts test/support/programs/`file`; what is left of it when the test is over is killed. */
export function start(
  file: string,
  args: readonly string[] = [],
  node_options: readonly string[] = [],
): Program {
  const [node, program] = compiled(`test/support/programs/${file}`);
  // Its leaks are looked for, which takes too long to do it everywhere, and under strace cannot be.
  const env = { ...process.env, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ""}:detect_leaks=1` };
  const child = spawn(node, [...node_options, program, ...args], { env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors = text(child.stderr).then(without_refusals);
  const ended = once(child, "close").then(async ([status, signal]): Promise<Ending> => {
    return { status, signal, stderr: await errors };
  });
  // Who ends before it was told everything has nothing to do with the test.
  child.stdin.on("error", () => {});
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    pid: child.pid!,
    async line(): Promise<string> {
      const { value, done } = await lines.next();
      if (done !== true) return value;
      throw new Error(`${file} ended too early: ${JSON.stringify(await ended)}`);
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Waits until something has become so, in the system or in another process: until the test's end. */
export async function until(is_so: () => boolean): Promise<void> {
  const test = { is_over: false };
  onTestFinished(() => {
    test.is_over = true;
  });
  while (!is_so() && !test.is_over) await setTimeout(1);
}

/** Does something again and again until the outcome is there. */
export async function meanwhile<T>(outcome: Promise<T>, often: () => void): Promise<T> {
  const wait = { is_over: false };
  const ended = outcome.finally(() => {
    wait.is_over = true;
  });
  while (!wait.is_over) {
    often();
    await setTimeout(10);
  }
  return ended;
}

/** The numbers of the system calls in which a socket or selector waits, by Node's name of the architecture. */
const waiting: Record<string, readonly number[]> = {
  // poll, connect, accept, sendto, recvfrom, sendmsg, recvmsg, epoll_wait, pselect6, accept4
  x64: [7, 42, 43, 44, 45, 46, 47, 232, 270, 288],
  // epoll_pwait, pselect6, ppoll, accept, connect, sendto, recvfrom, sendmsg, recvmsg, accept4
  arm64: [22, 72, 73, 202, 203, 206, 207, 211, 212, 242],
};

/** Whether the main thread of a process is inside a system call that waits. */
export function is_blocked(pid: number): boolean {
  // "running", or the number of the system call and its arguments.
  const number = Number.parseInt(readFileSync(`/proc/${pid}/syscall`, "latin1"), 10);
  return waiting[process.arch].includes(number) && is_asleep(pid);
}

function is_asleep(pid: number): boolean {
  // pid (name) state ...
  return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)!.startsWith("S");
}

/** Whether a process has been given every signal that it was sent. */
export function has_signals_pending(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return /^(?:SigPnd|ShdPnd):\s*0*[1-9a-f]/m.test(status);
}

/** Sends a signal to a process that is blocked, and waits until it has got it and is blocked again. */
export async function interrupt(program: Program, signal: NodeJS.Signals): Promise<void> {
  await until(() => is_blocked(program.pid));
  program.kill(signal);
  await until(() => !has_signals_pending(program.pid) && is_blocked(program.pid));
}

/** Whether this machine lets a socket have IPv6's own localhost. */
export const has_inet6: boolean = ((): boolean => {
  try {
    using sock = new socket.socket(socket.AF_INET6);
    sock.bind(["::1", 0]);
    return true;
  } catch {
    return false;
  }
})();

/** The same socket, which is closed when the test is over. */
export function closing(sock: socket.socket): socket.socket {
  onTestFinished(() => sock.close());
  return sock;
}

/** Two connected AF_UNIX sockets. */
export function pair(type?: number): readonly [socket.socket, socket.socket] {
  const [left, right] = socket.socketpair(socket.AF_UNIX, type);
  return [closing(left), closing(right)];
}

/** A listening TCP socket on 127.0.0.1, and its address. */
export function listener(backlog?: number): readonly [socket.socket, socket.InetAddress] {
  const lsock = closing(new socket.socket());
  // Should nobody come, the test is to fail and not to hang.
  lsock.settimeout(30);
  lsock.bind(["127.0.0.1", 0]);
  lsock.listen(backlog);
  return [lsock, lsock.getsockname() as socket.InetAddress];
}

/** Both ends of a TCP connection. */
export function connection(): readonly [client: socket.socket, server: socket.socket] {
  const [lsock, address] = listener();
  const client = closing(new socket.socket());
  client.connect(address);
  const [server] = lsock.accept();
  lsock.close();
  return [client, closing(server)];
}

/** A listener that takes no more connections until somebody accepts: connecting to it has to wait. */
export function full_listener(): readonly [socket.socket, socket.InetAddress] {
  const [lsock, address] = listener(0);
  const first = closing(new socket.socket());
  first.connect(address);
  // connect() returns when the client knows; the listener's queue is full when it knows as well.
  select([lsock], [], []);
  return [lsock, address];
}

/** The open-file flags of a descriptor of this process: O_NONBLOCK, O_CLOEXEC ... */
export function flags_of(fd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${fd}`, "latin1");
  return Number.parseInt(/^flags:\s*(\d+)/m.exec(info)![1], 8);
}

/** A descriptor of no class of its own: anything with `fileno()` can be waited for. */
export class Descriptor {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
    onTestFinished(() => this.close());
  }

  fileno(): number {
    return this.#fd;
  }

  close(): void {
    if (this.#fd >= 0) socket.close(this.#fd);
    this.#fd = -1;
  }
}

/**
 * Descriptors that JavaScript cannot make: Python makes them, in a process of its own, and sends
 * them here. `program` leaves them in `fds`, a list.
 */
export function descriptors(program: string): Descriptor[] {
  const [ours, theirs] = pair();
  const sends = "socket.send_fds(socket.socket(fileno=3), [b'x'], fds)";
  const { status, stderr } = spawnSync(
    PYTHON,
    ["-W", "ignore", "-c", `import os, socket\n${program}\n${sends}`],
    { stdio: ["ignore", "ignore", "pipe", theirs.fileno()], encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${PYTHON} failed:\n${stderr}`);
  return socket.recv_fds(ours, 1, 10)[1].map((fd) => new Descriptor(fd));
}

/** How many descriptors this process has open. */
export function count_descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
