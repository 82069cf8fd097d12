/** Whether the program slept in a call. Only this file decides, so that lanes, questions and troubles agree. */
import { act_of, LIMITS } from "../../lib/trace/calls.ts";
import type { Act } from "../../lib/trace/calls.ts";
import type { Call, Header } from "../../lib/trace/recording.ts";

/** A wait that took less than this found something ready at once. 0.03 ms */
const WAIT_ASLEEP = 30_000;

/** The same for calls that do more than wait, and for every call under strace(1), which is slow. 0.2 ms */
const CALL_ASLEEP = 200_000;

const waits: ReadonlySet<Act> = new Set(["wait", "pause"]);
/** Calls that bring or send data or connections. */
export const transfers: ReadonlySet<Act> = new Set(["receive", "send", "accept", "connect"]);

/** Whether a call may sleep, by what it does and by its arguments. */
export function may_sleep(call: Call, is_nonblocking: boolean = false): boolean {
  const act = act_of(call);
  if (call.wake !== undefined) return call.wake.timeout !== 0;
  if (transfers.has(act) ? is_nonblocking : !waits.has(act) && act !== "lookup") return false;
  return LIMITS.every((limit) => call.args[limit] !== 0 && call.args[limit] !== false);
}

/** The errors of calls that would have had to wait, and did not. */
const at_once = new Set(["EAGAIN", "EWOULDBLOCK", "EINPROGRESS", "EALREADY"]);

/** Whether the program was asleep in the kernel during a call, judged by how long the call took. */
export function slept(call: Call, seen_by: Header["seen_by"]): boolean {
  if (!may_sleep(call) || at_once.has(call.errno ?? "")) return false;
  const only_waits = seen_by === "iomux" && waits.has(act_of(call));
  return call.d >= (only_waits ? WAIT_ASLEEP : CALL_ASLEEP);
}

/** Even on a busy machine, a call takes this long only if it slept. 5 ms */
const CERTAINLY_ASLEEP = 5_000_000;

/** Whether it is beyond doubt that the program was asleep. */
export function certainly_slept(call: Call, seen_by: Header["seen_by"]): boolean {
  return slept(call, seen_by) && call.d >= CERTAINLY_ASLEEP;
}
