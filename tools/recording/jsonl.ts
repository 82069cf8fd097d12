/** The text of a recording: JSON Lines. */
import type { Line } from "../../lib/trace/recording.ts";

const texts = new WeakMap<readonly Line[], Uint8Array>();

/** Keeps the text that these lines were parsed from: they need not be stringified unless they are changed. */
export function keep_text(lines: readonly Line[], text: Uint8Array): void {
  texts.set(lines, text);
}

/** The text of these lines: the one that they were parsed from, if there is one. */
export function as_jsonl(lines: readonly Line[]): string | Uint8Array {
  return texts.get(lines) ?? lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}
