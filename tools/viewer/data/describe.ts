/** Calls, masks, addresses and times in words. */
import { is_own_argument } from "../../../lib/trace/calls.ts";
import type { Call } from "../../../lib/trace/recording.ts";
import { mask_names } from "../../recording/masks.ts";
import { call_text } from "../../recording/strace/text.ts";
import { duration } from "../../words.ts";
import { at_least, at_least_by } from "./columns.ts";
import { FAILED, NOT_NOW, SLEPT } from "./model.ts";
import type { IndexedRecording, LifeLane, Process } from "./model.ts";

/** A mask in the kernel's names, which select(2) lacks. */
export function raw_mask(mask: number, by: string): string {
  if (by !== "select") return mask_names(mask);
  return [mask & 1 ? "readable" : "", mask & 4 ? "writable" : "", mask & 2 ? "exceptional" : ""]
    .filter(Boolean)
    .join(", ");
}

export function events(mask: number): string {
  return [mask & 1 ? "READ" : "", mask & 2 ? "WRITE" : ""].filter(Boolean).join(" ");
}

/** A point in time, to the microsecond: "1.204 317 s". */
export function moment(ns: number): string {
  const text = (ns / 1e9).toFixed(6);
  return `${text.slice(0, -3)} ${text.slice(-3)} s`;
}

function argument(value: unknown): string {
  if (value === null) return "NULL";
  if (Array.isArray(value)) return `(${value.map(argument).join(", ")})`;
  if (typeof value === "string") return /^[A-Z][A-Z0-9_|]*$/.test(value) ? value : `"${value}"`;
  if (typeof value === "object") return JSON.stringify(value);
  return `${value as number | boolean}`;
}

/** A call as strace(1) prints it; a function that makes no system call in the same way. */
export function one_line(recording: IndexedRecording, entry: number, call: Call): string {
  if (call.syscall === undefined) {
    const parts = Object.entries(call.args)
      .filter(([name]) => !is_own_argument(call, name))
      .map(([, value]) => argument(value));
    return `${call.name}(${parts.join(", ")}) = ${call.errno ?? argument(call.result ?? 0)}`;
  }
  const is_list = call.wake !== undefined && call.wake.poller === undefined;
  const asked = is_list ? (recording.wake_at(entry)?.wake.interest ?? []) : [];
  const { text, result } = call_text(call, asked);
  return `${text} = ${result}`;
}

/** A line of the log: a call, what was printed, a fault. */
export function sentence(recording: IndexedRecording, entry: number): string {
  const line = recording.line(entry);
  if (line.kind === "call") return one_line(recording, entry, line);
  if (line.kind === "fault") return line.name === "idle" ? line.text : `fault: ${line.text}`;
  const text = line.text.replace(/\n$/, "") || "an empty line";
  return line.cut === true ? `${text}… (what comes after this is not in the recording)` : text;
}

/** The name of a descriptor: "fd 5 · 127.0.0.1:53422". */
export function life_name(lane: LifeLane | null, fd?: number): string {
  if (lane === null) return fd === undefined ? "" : `fd ${fd}`;
  const what = lane.what === "socket" || lane.what === "other" ? "" : lane.what;
  const number = lane.fd < 0 ? (fd ?? "?") : lane.fd;
  return [`fd ${number}`, what, lane.name].filter((part) => part !== "").join(" · ");
}

/** How long a process has slept up to a time. */
export function asleep_until(process: Process, recording: IndexedRecording, t: number): number {
  const { asleep, asleep_from, asleep_before } = process;
  // Times are whole numbers of nanoseconds.
  const last = at_least(asleep_from, Math.floor(t) + 1) - 1;
  if (last < 0) return 0;
  const slept = Math.min(t - asleep_from[last], recording.columns.d[asleep[last]]);
  return asleep_before[last] + slept;
}

/** How long the recorder has held a process up until a time. */
export function held_until(process: Process, recording: IndexedRecording, t: number): number {
  const { t: began, d, after, before } = recording.columns;
  const { calls, held_before } = process;
  const next = at_least_by(calls, began, Math.floor(t) + 1);
  if (next === 0) return 0;
  const last = calls[next - 1];
  let held = held_before[next - 1];
  if (next === calls.length) return held;
  held += Math.min(after[calls[next]], Math.max(0, t - began[last] - d[last]));
  return held + Math.max(0, t - began[calls[next]] + before[calls[next]]);
}

/** How long a call took, and whether the program slept. */
export function time_in_kernel(recording: IndexedRecording, entry: number): string {
  const took = duration(recording.columns.d[entry]);
  return (recording.columns.flags[entry] & SLEPT) === 0
    ? `${took} in the kernel`
    : `asleep in the kernel for ${took}`;
}

const OUTCOMES = [
  [FAILED, "failed"],
  [NOT_NOW, "not-now"],
  [SLEPT, "slept"],
] as const;

/** The outcomes of a call, as class names. */
export function outcomes(flags: number): string[] {
  return OUTCOMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
}

/** What a process waits with: "epoll"; null if it never waits. */
export function poller_of(recording: IndexedRecording, process: Process): string | null {
  const [wake] = process.wakes;
  return (wake === undefined ? null : recording.call(wake)?.wake?.by) ?? null;
}

/** How long a process slept, ran and was held up by the recorder from a time on, in nanoseconds. */
export function times_of(process: Process, recording: IndexedRecording, from: number) {
  const asleep = process.asleep_before.at(-1)! - asleep_until(process, recording, from);
  // strace(1) does not say how long it took.
  const recorder = (process.end?.overhead?.ns ?? 0) - held_until(process, recording, from);
  return { asleep, running: Math.max(0, process.until - from - asleep - recorder), recorder };
}

/** "asleep 98 %, running 1 %, recorder 1 %". */
export function shares(process: Process, recording: IndexedRecording): string {
  const times = Object.entries(times_of(process, recording, process.from));
  const all = times.reduce((sum, [, time]) => sum + time, 0);
  const parts = times.map(([what, time]) => `${what} ${Math.round((100 * time) / all)} %`);
  return (process.end?.overhead === undefined ? parts.slice(0, 2) : parts).join(", ");
}
