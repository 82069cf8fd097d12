/** What a recording says about a system call that strace has seen, besides its arguments. */
import { system_call } from "../../../lib/trace/calls.ts";
import type { Life } from "../../../lib/trace/recording.ts";
import { to_python } from "../python-bytes.ts";
import { content_of, text_of } from "./arguments.ts";
import { field_of, parts_of } from "./log.ts";
import type { StraceCall } from "./log.ts";
import { address_of } from "./words.ts";

/** How many of the moved bytes a recording keeps. */
const PREVIEW = 64;

/** Whether a call is about the descriptor in its first argument. */
export function is_on_descriptor(name: string): boolean {
  return system_call(name)?.arguments[0] === "fd";
}

/** The descriptors that a call has made. */
export function made_by(call: StraceCall): Omit<Life, "life">[] {
  const { makes = null, act } = system_call(call.name) ?? {};
  const duplicates = text_of(call, "command")?.startsWith("F_DUPFD") === true;
  const what = duplicates ? "socket" : makes;
  if (call.result === null || what === null) return [];
  const pair = text_of(call, "pair");
  if (pair !== undefined) return parts_of(pair).map((fd) => ({ fd: Number(fd), what }));
  const peer = act === "accept" ? address_of(text_of(call, "name") ?? "") : null;
  return [{ fd: call.result, what, ...(peer !== null && { peer }) }];
}

/** How many bytes a call has moved, and the first of them; of a send that moved none, of what it was given. */
export function moved_by(call: StraceCall): { bytes?: number; data?: string } {
  const { act } = system_call(call.name) ?? {};
  if (act !== "receive" && act !== "send") return {};
  const messages = text_of(call, "messages");
  const result = call.result ?? 0;
  const bytes = messages === undefined ? result : moved_in(messages, result);
  const all = content_of(call) ?? new Uint8Array();
  const shown = act === "send" && bytes === 0 ? all.length : bytes;
  return { bytes, data: to_python(all.subarray(0, Math.min(shown, PREVIEW))) };
}

/** recvmmsg(2) and sendmmsg(2) return a number of messages; each message has its length. */
function moved_in(messages: string, count: number): number {
  const lengths = parts_of(messages).map((one) => Number(field_of(one, "msg_len") ?? 0));
  return lengths.slice(0, count).reduce((sum, length) => sum + length, 0);
}
