/** What sentences about a step need to know of the recording. */
import type { Teller } from "../../recording/telling.ts";
import { at_least } from "./columns.ts";
import { NOT_NOW } from "./model.ts";
import type { IndexedRecording, Process } from "./model.ts";

/** What is known of a program just before a call. */
export function teller_of(recording: IndexedRecording, process: Process, entry: number): Teller {
  const { program, seen_by } = process.header;
  return {
    program: program.replace(/\.\w+$/, ""),
    seen_by,
    is_listener: (life) => recording.life(process, life)?.what === "listener",
    is_connecting: (life) => {
      const entries = recording.life(process, life)?.entries ?? [];
      const before = entries[at_least(entries, entry) - 1];
      if (before === undefined) return false;
      const is_pending = (recording.columns.flags[before] & NOT_NOW) !== 0;
      return is_pending && recording.call(before)?.name === "connect";
    },
  };
}
