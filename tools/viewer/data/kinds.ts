/** The kinds of calls that have colours. */
import { act_of } from "../../../lib/trace/calls.ts";
import type { Act } from "../../../lib/trace/calls.ts";
import type { Call } from "../../../lib/trace/recording.ts";

/** A kind's number is its place. */
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

type Kind = (typeof KINDS)[number];

const KIND_OF: Readonly<Record<Act, Kind>> = {
  wait: "wait",
  pause: "wait",
  receive: "read",
  send: "write",
  accept: "accept",
  connect: "accept",
  control: "poller",
  open: "open",
  bind: "open",
  listen: "open",
  shutdown: "close",
  close: "close",
  lookup: "other",
  other: "other",
};

/** The kind of a call, as its place in KINDS. */
export function kind_of(call: Call): number {
  return KINDS.indexOf(KIND_OF[act_of(call)]);
}

/** Failures that a program with non-blocking sockets expects: it tries again later. */
const EXPECTED = new Set(["EAGAIN", "EWOULDBLOCK", "EINPROGRESS", "EINTR", "EALREADY"]);

/** Whether a failure only says "not now". */
export function not_now(errno: string): boolean {
  return EXPECTED.has(errno);
}
