/** What the keys do. */
import { button, h, heading } from "./dom.ts";
import { glossary } from "./glossary.ts";
import type { Stage } from "./stage/stage.ts";
import type { TimeRange } from "./stage/time-range.ts";

const KEYS = [
  ["→ or j", "next call"],
  ["← or k", "previous call"],
  ["n", "next call of the same program"],
  ["p", "previous call of the same program"],
  ["shift + →", "next wake-up"],
  ["shift + ←", "previous wake-up"],
  ["Home, End", "first and last call"],
  ["+ and −", "zoom in and out"],
  ["z", "show this turn of the loop"],
  ["0", "show all"],
  ["f", "fold or unfold sleeps"],
  ["wheel, pinch", "zoom at the pointer; over the names: scroll"],
  ["drag, shift + wheel", "pan"],
  ["drag in the strip above", "choose the part to show"],
  ["?", "these keys"],
] as const;

/** What keys act on; `stage` and `to_turn` are null together. */
export interface KeyTarget {
  readonly stage: Stage | null;
  readonly range: TimeRange;
  readonly to_turn: (() => void) | null;
}

/** Handles a key; returns false if it has no meaning. */
export function press(event: KeyboardEvent, { stage, range, to_turn }: KeyTarget): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const direction = { ArrowRight: 1, j: 1, J: 1, ArrowLeft: -1, k: -1, K: -1 } as const;
  const by = (direction as Readonly<Record<string, 1 | -1>>)[event.key];
  if (by !== undefined) {
    // Without steps, the arrows move in time.
    if (stage === null) range.pan(by * 0.2);
    else if (event.shiftKey) stage.wake(by);
    else stage.step(by);
  } else if (event.key === "n" || event.key === "p") {
    stage?.step_in_program(event.key === "n" ? 1 : -1);
  } else if (event.key === "Home" || event.key === "End") {
    stage?.end(event.key === "Home" ? -1 : 1);
  } else if (event.key === "+" || event.key === "=") {
    range.zoom(2);
  } else if (event.key === "-") {
    range.zoom(0.5);
  } else if (event.key === "0") {
    range.fit();
  } else if (event.key === "f") {
    range.fold(!range.folded);
  } else if (event.key === "z") {
    to_turn?.();
  } else {
    return false;
  }
  return true;
}

/** The dialog that lists the keys, and what the words mean. */
export function keys_help(): HTMLDialogElement {
  const rows = KEYS.flatMap(([key, text]) => [h("dt", {}, key), h("dd", {}, text)]);
  const dialog = h("dialog", { class: "keys", "aria-label": "Keys and words" });
  dialog.append(
    heading("Keys"),
    h("dl", {}, ...rows),
    heading("Words"),
    glossary(),
    button("Close", () => dialog.close()),
  );
  return dialog;
}
