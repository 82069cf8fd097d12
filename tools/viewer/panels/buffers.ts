/** The program's watched buffers, and how much of a message has arrived. */
import type { Watched } from "../../../lib/trace/recording.ts";
import { life_name } from "../data/describe.ts";
import { last_until } from "../data/model.ts";
import { h, heading, refill } from "../dom.ts";
import type { Stage } from "../stage/stage.ts";
import { level } from "./sets.ts";

/** The most descriptors to show, that of the step first. */
const MOST = 6;

/** The parts of a message, and the attributes that are set once a part has arrived. */
const STAGES = [
  ["proto-header", ["_jsonheader_len"]],
  ["JSON header", ["jsonheader"]],
  ["content", ["request", "response"]],
] as const;

export class Buffers {
  readonly element: HTMLElement;
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.element = h("section", { class: "buffers", "aria-label": "Buffers of the program" });
    stage.follow(() => this.#show());
  }

  #show(): void {
    const { recording, entry, hidden_from } = this.#stage;
    this.element.hidden = recording.watched.length === 0;
    if (this.element.hidden) return;
    const until = hidden_from === null ? entry : entry - 1;
    const process = recording.columns.process[entry];
    const t = recording.columns.t[entry];
    const own = recording.columns.life[entry];
    const lives = [...new Set(recording.watched.map(({ life }) => life))]
      .map((life) => recording.lives[life])
      .filter((lane) => lane.process === process && lane.from <= t && t <= lane.until)
      .toSorted((a, b) => Number(b.index === own) - Number(a.index === own));
    const groups = lives.slice(0, MOST).flatMap((lane) => {
      const values = this.#values(lane.index, until);
      if (values.size === 0) return [];
      const title = h("h3", {}, life_name(lane));
      const kind = lane.index === own ? "buffer-group own" : "buffer-group";
      return [
        h("div", { class: kind }, title, ...progress(values), ...this.#rows(lane.index, values)),
      ];
    });
    const none = h("p", { class: "empty" }, "No watched attribute has a value yet.");
    refill(
      this.element,
      heading("Buffers of the program"),
      ...(groups.length === 0 ? [none] : groups),
    );
  }

  /** The watched attributes of a life at an entry. */
  #values(life: number, until: number): Map<string, Watched> {
    const { recording } = this.#stage;
    const values = new Map<string, Watched>();
    for (const lane of recording.watched) {
      if (lane.life !== life) continue;
      const entry = last_until(lane.entries, until);
      if (entry === null) continue;
      const value = recording.call(entry)?.watched?.[recording.lives[life].life]?.[lane.name];
      if (value !== undefined) values.set(lane.name, value);
    }
    return values;
  }

  #rows(life: number, values: ReadonlyMap<string, Watched>): HTMLElement[] {
    const { watched } = this.#stage.recording;
    return [...values].map(([name, value]) => {
      if (!("bytes" in value)) {
        return h(
          "div",
          { class: "value" },
          h("span", { class: "level-name" }, name),
          h("code", { title: value.value }, value.value),
        );
      }
      // A full bar is the most that any descriptor's buffer of this name has held.
      const most = Math.max(
        ...watched.filter((lane) => lane.name === name).map((lane) => lane.most),
      );
      const bar = level(name, value.bytes, most, " B");
      if (watched.some((lane) => lane.life === life && lane.name === name))
        bar.classList.add("own");
      return value.bytes === 0 ? bar : h("div", {}, bar, h("code", { class: "data" }, value.data));
    });
  }
}

/** The parts of a message, if the attributes that show them are watched. */
function progress(values: ReadonlyMap<string, Watched>): HTMLElement[] {
  if (!values.has("_jsonheader_len") && !values.has("jsonheader")) return [];
  const done = STAGES.map(([, names]) => names.some((name) => is_there(values.get(name))));
  const next = done.indexOf(false);
  const steps = STAGES.map(([name], index) => {
    const state = done[index] ? "done" : index === next ? "next" : "later";
    const word = { done: "read", next: "being read", later: "not yet" }[state];
    return h("li", { class: state }, name, h("span", { class: "hidden-text" }, `: ${word}`));
  });
  return [h("ol", { class: "progress", "aria-label": "Message" }, ...steps)];
}

function is_there(value: Watched | undefined): boolean {
  if (value === undefined) return false;
  return "bytes" in value || !["None", "null", "undefined"].includes(value.value);
}
