/** The tooltip of the line under the pointer. */
import { life_name, moment, sentence, time_in_kernel } from "../data/describe.ts";
import { CALL } from "../data/model.ts";
import type { IndexedRecording } from "../data/model.ts";
import { h } from "../dom.ts";

/** Two or three short lines. */
export function tooltip_text(recording: IndexedRecording, entry: number): HTMLElement[] {
  const { columns, lives } = recording;
  const line = recording.line(entry);
  const parts = [h("code", {}, sentence(recording, entry).slice(0, 160))];
  const life = lives[columns.life[entry]];
  const when = `at ${moment(columns.t[entry])}`;
  if (columns.what[entry] !== CALL) {
    parts.push(h("div", {}, `${line.kind === "print" ? "printed" : "made"} ${when}`));
    return parts;
  }
  const about = life === undefined ? "" : `${life_name(life)} · `;
  parts.push(h("div", {}, `${about}${time_in_kernel(recording, entry)}, ${when}`));
  const frames = recording.frames(entry);
  if (frames.length > 0) {
    parts.push(h("div", {}, frames.map(([name, , at]) => `${name}:${at}`).join(" ← ")));
  }
  return parts;
}
