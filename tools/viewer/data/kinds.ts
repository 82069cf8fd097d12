/** What a call is for: its colour, and whether it may have slept. */
import type { Call, Header } from "../../../lib/trace/recording.ts";

/** By what a call does for the program. A kind's number is its place. */
export const KINDS = [
  "wait",
  "read",
  "write",
  "accept",
  "poller",
  "open",
  "close",
  "other",
] as const;

export type Kind = (typeof KINDS)[number];

const KIND_OF: Readonly<Record<string, Kind>> = {
  poll: "wait",
  ppoll: "wait",
  poll_one: "wait",
  select: "wait",
  pselect6: "wait",
  epoll_wait: "wait",
  epoll_pwait: "wait",
  epoll_pwait2: "wait",
  pause: "wait",
  recv: "read",
  recvfrom: "read",
  recvmsg: "read",
  read: "read",
  readv: "read",
  send: "write",
  sendto: "write",
  sendmsg: "write",
  sendfile: "write",
  write: "write",
  writev: "write",
  accept: "accept",
  accept4: "accept",
  connect: "accept",
  epoll_ctl: "poller",
  socket: "open",
  socketpair: "open",
  epoll_create1: "open",
  kqueue: "open",
  dup: "open",
  bind: "open",
  listen: "open",
  close: "close",
  shutdown: "close",
};

/** The kind of a call, as its place in KINDS. */
export function kind_of(call: Call): number {
  const kind =
    call.wake === undefined ? (KIND_OF[call.name] ?? KIND_OF[call.syscall ?? ""]) : "wait";
  return KINDS.indexOf(kind ?? "other");
}

/** Failures that a program on sockets that do not block expects: it comes back later. */
const EXPECTED = new Set(["EAGAIN", "EWOULDBLOCK", "EINPROGRESS", "EINTR", "EALREADY"]);

/** Whether a failure only says "not now". */
export function not_now(errno: string): boolean {
  return EXPECTED.has(errno);
}

/** Who only waits was not asleep when it came back within this time: something was ready already. 0.03 ms */
const AT_ONCE = 30_000;

/** Other calls that can wait take as long as this only when they had to, and under strace(1) all calls. 0.2 ms */
const HAD_TO_WAIT = 200_000;

/** Whether the program was asleep in the kernel during this call: it shows in how long it took. */
export function slept(call: Call, kind: number, seen_by: Header["seen_by"]): boolean {
  const what = KINDS[kind];
  if (what === "wait")
    return call.wake?.timeout !== 0 && call.d >= (seen_by === "iomux" ? AT_ONCE : HAD_TO_WAIT);
  if (what !== "read" && what !== "write" && what !== "accept") return false;
  const would_not = call.args.may_block === false || not_now(call.errno ?? "");
  return !would_not && call.d >= HAD_TO_WAIT;
}
