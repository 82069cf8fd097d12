/** What /proc tells of processes, descriptors and connections: where there is none, who asks is skipped. */
import { readFileSync } from "node:fs";

import * as own from "./own-process.ts";
import { stat_of, ticks_in } from "./process-stat.ts";
import { needs_linux } from "./tools.ts";

function on_linux<Args extends unknown[], Result>(
  ask: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    needs_linux();
    return ask(...args);
  };
}

export const flags_of: typeof own.flags_of = on_linux(own.flags_of);

/** The numbers of the system calls in which a socket or selector waits, by Node's name of the architecture. */
const waiting: Record<string, readonly number[]> = {
  // poll, pause, sendfile, connect, accept, sendto, recvfrom, sendmsg, recvmsg, epoll_wait, pselect6, accept4, rt_sigtimedwait
  x64: [7, 34, 40, 42, 43, 44, 45, 46, 47, 232, 270, 288, 128],
  // epoll_pwait, sendfile, pselect6, ppoll, accept, connect, sendto, recvfrom, sendmsg, recvmsg, accept4, rt_sigtimedwait
  arm64: [22, 71, 72, 73, 202, 203, 206, 207, 211, 212, 242, 137],
};

/** Whether the main thread of a process is inside a system call that waits. */
export const is_blocked: (pid: number) => boolean = on_linux((pid) => {
  // "running", or the number of the system call and its arguments.
  const number = Number.parseInt(readFileSync(`/proc/${pid}/syscall`, "latin1"), 10);
  return waiting[process.arch].includes(number) && is_asleep(pid);
});

function is_asleep(pid: number): boolean {
  return stat_of(pid)[0] === "S";
}

/** Whether a process has been given every signal that it was sent. */
export const has_signals_pending: (pid: number) => boolean = on_linux((pid) => {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return /^(?:SigPnd|ShdPnd):\s*0*[1-9a-f]/m.test(status);
});

/** How long a process has computed until now, in the system's ticks. proc(5) */
export const ticks: (pid: number) => number = on_linux((pid) => ticks_in(stat_of(pid)));

/** The state of a listening socket. proc_net_tcp(5) */
const LISTEN = "0A";

export const is_listening: (port: number) => boolean = on_linux((port) => {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .some(([, local, , state]) => local === address && state === LISTEN);
});
