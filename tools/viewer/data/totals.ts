/** What a program did in a range of time. */
import { amount, duration } from "../../words.ts";
import { at_least_by } from "./columns.ts";
import { asleep_until } from "./describe.ts";
import { KINDS } from "./kinds.ts";
import { PURE } from "./model.ts";
import type { IndexedRecording, Process } from "./model.ts";

const READ = KINDS.indexOf("read");
const WRITE = KINDS.indexOf("write");

/** "12 system calls, 44 bytes received, 44 bytes sent, asleep 3.1 ms": calls that began in the range. */
export function totals(
  recording: IndexedRecording,
  process: Process,
  from: number,
  to: number,
): string {
  const { columns } = recording;
  let [calls, received, sent] = [0, 0, 0];
  for (let at = at_least_by(process.calls, columns.t, from); at < process.calls.length; at++) {
    const entry = process.calls[at];
    if (columns.t[entry] >= to) break;
    if ((columns.flags[entry] & PURE) === 0) calls++;
    if (columns.kind[entry] === READ) received += columns.bytes[entry];
    if (columns.kind[entry] === WRITE) sent += columns.bytes[entry];
  }
  const asleep = asleep_until(process, recording, to) - asleep_until(process, recording, from);
  return (
    `${amount(calls, "system call")}, ${amount(received, "byte")} received, ${amount(sent, "byte")} sent, ` +
    `asleep ${duration(Math.max(0, asleep))}`
  );
}
