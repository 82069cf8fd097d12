/**
 * Records what a program asks of the operating system: every call that crosses the native table, the
 * descriptors and their lives, each wake-up of its loop, and the line of the program behind each.
 *
 *     const recording = trace.start("run.jsonl", { why: true, watch: ["outb"] });
 *     ...
 *     recording.stop();
 *
 * `npx iomux trace SCRIPT` does so for a program as it is. While nothing is recorded, nothing of this
 * is in the way: the table holds its own functions. `trace/recording.ts` says what is on each line.
 */
export { Recording, start } from "./trace/recorder.ts";
export type { TraceOptions } from "./trace/recorder.ts";
export { VERSION } from "./trace/recording.ts";
export type {
  Call,
  End,
  Fault,
  Header,
  Interest,
  Life,
  Line,
  Print,
  Source,
  Stack,
  Wake,
  Watched,
  Why,
} from "./trace/recording.ts";
