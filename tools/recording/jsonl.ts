/** The text of a recording: JSON Lines. */
import type { Line } from "../../lib/trace/recording.ts";

/** The text, line by line. */
export function* to_jsonl(lines: Iterable<Line>): Generator<string> {
  for (const line of lines) yield `${JSON.stringify(line)}\n`;
}
