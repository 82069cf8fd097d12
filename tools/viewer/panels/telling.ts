/** The current step in one sentence, large, for whoever sees a recording for the first time. */
import { ask_about, tell } from "../../recording/telling.ts";
import { teller_of } from "../data/teller.ts";
import { h, refill } from "../dom.ts";
import { glossed } from "../glossary.ts";
import type { Stage } from "../stage/stage.ts";

export function telling(stage: Stage): HTMLElement {
  const element = h("p", { class: "telling", "aria-live": "polite", "aria-atomic": "true" });
  stage.follow(() => refill(element, ...glossed(text_of(stage))));
  return element;
}

function text_of(stage: Stage): string {
  const { recording, entry, process } = stage;
  const call = recording.call(entry);
  if (call === null) return "";
  const teller = teller_of(recording, process, entry);
  if (stage.hides(entry)) return ask_about(call, teller);
  const next = stage.next_of(process, entry, 1);
  const is_hidden = next !== null && stage.hides(next);
  return tell(call, next === null || is_hidden ? null : recording.call(next), teller);
}
