/** Calls, masks, addresses and times in words. */
import type { Call, Fault, Print } from "../../../lib/trace/recording.ts";
import { mask_names } from "../../recording/masks.ts";
import { duration } from "../../words.ts";
import { SLEPT } from "./model.ts";
import type { IndexedRecording, LifeLane, Process } from "./model.ts";

/** What the kernel said, in its own names. select(2) has none. */
export function raw_mask(mask: number, by: string): string {
  if (by !== "select") return mask_names(mask);
  return [mask & 1 ? "readable" : "", mask & 4 ? "writable" : "", mask & 2 ? "exceptional" : ""]
    .filter(Boolean)
    .join(", ");
}

/** EVENT_READ and EVENT_WRITE. */
export function events(mask: number): string {
  return [mask & 1 ? "READ" : "", mask & 2 ? "WRITE" : ""].filter(Boolean).join(" ");
}

/** A point in time, to the microsecond: "1.204 317 s". */
export function moment(ns: number): string {
  const text = (ns / 1e9).toFixed(6);
  return `${text.slice(0, -3)} ${text.slice(-3)} s`;
}

/** A value among a call's arguments. */
function argument(value: unknown): string {
  if (value === null) return "NULL";
  if (Array.isArray(value)) return `(${value.map(argument).join(", ")})`;
  if (typeof value === "string") return /^[A-Z][A-Z0-9_|]*$/.test(value) ? value : `"${value}"`;
  if (typeof value === "object") return JSON.stringify(value);
  return `${value as number | boolean}`;
}

/** Arguments of iomux's own functions that the system call does not have. */
const OWN = new Set(["offset", "may_block"]);

/** How much of the bytes a line of the log has room for. */
const DATA = 48;

/** A call as strace(1) writes it. */
export function one_line(call: Call): string {
  const parts = Object.entries(call.args)
    .filter(([name]) => !OWN.has(name))
    .map(([, value]) => argument(value));
  if (call.data !== undefined && call.data !== "") {
    const more = call.data.length > DATA || call.data.length < (call.bytes ?? 0) / 4;
    parts.splice(1, 0, `"${call.data.slice(0, DATA)}"${more ? "…" : ""}`);
  }
  const result = call.errno === undefined ? argument(call.result ?? 0) : `-1 ${call.errno}`;
  return `${call.syscall ?? call.name}(${parts.join(", ")}) = ${result}`;
}

/** Any line that happened. */
export function sentence(line: Call | Print | Fault): string {
  if (line.kind === "call") return one_line(line);
  if (line.kind === "fault") return `fault: ${line.text}`;
  return line.text.replace(/\n$/, "") || "an empty line";
}

/** What a descriptor is called: "fd 5 · 127.0.0.1:53422". */
export function life_name(lane: LifeLane | null, fd?: number): string {
  if (lane === null) return fd === undefined ? "" : `fd ${fd}`;
  const what = lane.what === "socket" || lane.what === "other" ? "" : lane.what;
  const number = lane.fd < 0 ? (fd ?? "?") : lane.fd;
  return [`fd ${number}`, what, lane.name].filter((part) => part !== "").join(" · ");
}

/** How long a process has slept up to a time. */
export function asleep_until(process: Process, recording: IndexedRecording, t: number): number {
  const { asleep, asleep_from, asleep_before } = process;
  let low = 0;
  let high = asleep.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (asleep_from[middle] <= t) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  const entry = asleep[low - 1];
  return asleep_before[low - 1] + Math.min(t - asleep_from[low - 1], recording.columns.d[entry]);
}

/** What the program was doing in a call: for the tooltip and the step. */
export function doing(recording: IndexedRecording, entry: number): string {
  const flags = recording.columns.flags[entry];
  if ((flags & SLEPT) !== 0)
    return `asleep in the kernel for ${duration(recording.columns.d[entry])}`;
  return `${duration(recording.columns.d[entry])} in the kernel`;
}
