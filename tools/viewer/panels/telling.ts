/** The current step in one sentence, large, for whoever sees a recording for the first time. */
import { ask_about, tell } from "../../recording/telling.ts";
import type { Teller } from "../../recording/telling.ts";
import { at_least } from "../data/columns.ts";
import { NOT_NOW } from "../data/model.ts";
import type { IndexedRecording, Process } from "../data/model.ts";
import { h } from "../dom.ts";
import type { Stage } from "../stage/stage.ts";

export function telling(stage: Stage): HTMLElement {
  const element = h("p", { class: "telling", "aria-live": "polite", "aria-atomic": "true" });
  stage.follow(() => (element.textContent = text_of(stage)));
  return element;
}

function text_of(stage: Stage): string {
  const { recording, entry, process } = stage;
  const call = recording.call(entry);
  if (call === null) return "";
  const teller = teller_of(recording, process, entry);
  if (stage.hides(entry)) return ask_about(call, teller);
  const next = stage.next_of(process, entry);
  const is_hidden = next !== null && stage.hides(next);
  return tell(call, next === null || is_hidden ? null : recording.call(next), teller);
}

/** What is known of a program just before a call. */
function teller_of(recording: IndexedRecording, process: Process, entry: number): Teller {
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
