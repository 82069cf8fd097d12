/** The troubles found, with buttons that go to their calls. */
import { amount, digits, ranges } from "../../words.ts";
import { button, h } from "../dom.ts";
import type { Stage } from "../stage/stage.ts";

export function troubles_panel(stage: Stage): HTMLElement {
  const { recording } = stage;
  if (recording.troubles.length === 0) {
    return h("p", { class: "empty" }, "No trouble was found in this recording.");
  }
  const items = recording.troubles.map((trouble) => {
    const entries = trouble.calls.map((call) => recording.entry_of(trouble.process, call));
    const ways = ranges(trouble.calls).flatMap(([first, last]) => {
      const entry = recording.entry_of(trouble.process, first);
      if (entry === null) return [];
      const text = first === last ? digits(first) : `${digits(first)}–${digits(last)}`;
      const label = first === last ? `Go to call ${text}` : `Go to calls ${text}`;
      return [button(text, () => stage.go(entry), label)];
    });
    const process = recording.processes.find(
      ({ header }) => (header.process ?? 0) === trouble.process,
    );
    const who = recording.processes.length > 1 ? `${process?.header.program ?? ""} · ` : "";
    return h(
      "li",
      { class: "trouble" },
      h("h3", {}, trouble.title),
      place_of(stage, entries.find((entry) => entry !== null) ?? null),
      h(
        "p",
        { class: "caption" },
        `${who}${trouble.count > 1 ? amount(trouble.count, "time") : ""}`,
      ),
      h("p", {}, trouble.explanation),
      h("p", { class: "advice" }, trouble.advice),
      h(
        "div",
        { class: "ways" },
        ways.length === 0 ? null : trouble.calls.length === 1 ? "Call " : "Calls ",
        ...ways,
      ),
    );
  });
  return h("ul", { class: "troubles", role: "list" }, ...items);
}

/** The line of the source that the first call was made from, as a button that goes there. */
function place_of(stage: Stage, entry: number | null): HTMLElement | null {
  const [frame] = entry === null ? [] : stage.recording.frames(entry);
  if (entry === null || frame === undefined) return null;
  const [, path, line] = frame;
  const place = `${path.slice(path.lastIndexOf("/") + 1)}:${line}`;
  return h(
    "p",
    {},
    "In ",
    button(place, () => stage.go(entry), `Go to ${place}`),
  );
}
