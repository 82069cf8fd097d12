/** System calls that fail: what a program sees is what it sees in Python, nothing is torn, nothing leaks. */
import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, test } from "vitest";

import { compiled, Command } from "./support/commands.ts";
import { PYTHON } from "./support/python.ts";
import { is_linux } from "./support/system.ts";
import { needs } from "./support/tools.ts";

/** What strace makes of a call, instead of the call. */
const ERRORS = "EINTR ENOMEM EMFILE ENFILE ENOBUFS ECONNABORTED EPERM EIO".split(" ");
/** Calls that may do less than they were asked. */
const SHORT = new Set(["sendto", "sendmsg", "sendfile", "recvfrom", "recvmsg"]);
/** For pselect6, strace would leave all bits as they are, which the system does not. */
const WAITS = new Set(["epoll_wait", "poll"]);
/** Which times: the first and the tenth; the second. */
const TIMES = ["1+9", "2+99"];

/** The scenarios of programs/faults.ts, and the system calls of each into which faults are injected. */
const table: Readonly<Record<string, string>> = {
  socket: "socket close",
  socketpair: "socketpair",
  bind: "bind",
  listen: "listen",
  create_server: "socket setsockopt bind listen",
  create_connection: "socket connect",
  accept: "accept4",
  accept_with_timeout: "ioctl poll accept4",
  connect: "connect",
  connect_ex: "connect",
  getsockname: "getsockname",
  getpeername: "getpeername",
  getsockopt: "getsockopt",
  setsockopt: "setsockopt",
  setblocking: "ioctl fcntl",
  settimeout: "ioctl",
  dup: "fcntl",
  set_inheritable: "ioctl",
  shutdown: "shutdown",
  close: "close",
  send: "sendto",
  send_with_timeout: "poll sendto",
  sendall: "sendto",
  sendmsg: "sendmsg",
  sendfile: "sendfile",
  recv: "recvfrom",
  recv_with_timeout: "poll recvfrom",
  recv_into: "recvfrom",
  recvmsg: "recvmsg",
  epoll: "epoll_create1",
  register: "epoll_ctl",
  modify: "epoll_ctl",
  unregister: "epoll_ctl",
  epoll_select: "epoll_wait",
  poll_select: "poll",
  select_select: "pselect6",
  select: "pselect6",
};

function faults_of(call: string): string[] {
  const faults = ERRORS.map((name) => `error=${name}`);
  if (SHORT.has(call)) faults.push("retval=0", "retval=1");
  if (WAITS.has(call)) faults.push("retval=0");
  return faults;
}

/** A program that goes through scenarios. */
class Subject {
  readonly #child;
  #stdout = "";
  #heard: () => void = () => {};

  constructor([file, ...args]: readonly string[]) {
    this.#child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#heard();
    });
    this.#child.on("close", () => this.#heard());
  }

  async line(): Promise<string> {
    while (!this.#stdout.includes("\n")) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`ended with ${this.#child.signalCode ?? this.#child.exitCode}`);
      }
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
    const [line, ...rest] = this.#stdout.split("\n");
    this.#stdout = rest.join("\n");
    return line;
  }

  /** What comes of a scenario while strace injects a fault. */
  async result(scenario: string, injection: string): Promise<unknown> {
    const options = ["-p", String(this.#child.pid), "-o", "/dev/null", "-e", `inject=${injection}`];
    const strace = new Command(["strace", ...options]);
    await strace.warned("attached");
    this.#child.stdin.write(`${scenario}\n`);
    const line = await this.line();
    strace.kill("SIGINT");
    await strace.ended;
    return JSON.parse(line) as unknown;
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, "exit");
  }
}

describe.skipIf(!is_linux).each(Object.entries(table))("%s", (scenario, calls) => {
  test.each(calls.split(" "))("when %s fails", async (call) => {
    needs("strace", "python3");
    const ours = new Subject(compiled("test/support/programs/faults.ts"));
    const theirs = new Subject([PYTHON, "test/support/programs/faults.py"]);
    try {
      expect([await ours.line(), await theirs.line()]).toEqual(["ready", "ready"]);
      for (const fault of faults_of(call)) {
        for (const times of TIMES) {
          const injection = `${call}:${fault}:when=${times}`;
          const [our, their] = await Promise.all([
            ours.result(scenario, injection),
            theirs.result(scenario, injection),
          ]);
          expect(our, injection).toEqual(their);
        }
      }
    } finally {
      await Promise.all([ours.end(), theirs.end()]);
    }
  });
});
