/** What /proc tells of processes, descriptors and connections. */
import { readdirSync, readFileSync } from "node:fs";

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

/** The open-file flags of a descriptor of this process: O_NONBLOCK, O_CLOEXEC ... */
export function flags_of(fd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${fd}`, "latin1");
  return Number.parseInt(/^flags:\s*(\d+)/m.exec(info)![1], 8);
}

/** How many descriptors this process has open. */
export function count_descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** How many threads this process has. */
export function count_threads(): number {
  return readdirSync("/proc/self/task").length;
}

/** How long a process has computed until now, in the system's ticks. proc(5) */
export function ticks(pid: number): number {
  const [, , ...fields] = readFileSync(`/proc/${pid}/stat`, "latin1")
    .split(") ")
    .at(-1)!
    .split(" ");
  // utime, stime; state and ppid are gone.
  return Number(fields[9]) + Number(fields[10]);
}

/** The state of a listening socket. proc_net_tcp(5) */
const LISTEN = "0A";

export function is_listening(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .some(([, local, , state]) => local === address && state === LISTEN);
}
