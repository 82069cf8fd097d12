/** One recording: its lanes, its steps and the panels that follow the steps. */
import { digits } from "../words.ts";
import type { IndexedRecording } from "./data/model.ts";
import { h } from "./dom.ts";
import type { Colours } from "./lanes/draw.ts";
import { Lanes } from "./lanes/lanes.ts";
import { legend } from "./lanes/legend.ts";
import { Buffers } from "./panels/buffers.ts";
import { Log } from "./panels/log.ts";
import { QuestionsPanel } from "./panels/questions.ts";
import { Sets } from "./panels/sets.ts";
import { Sources } from "./panels/sources.ts";
import { telling } from "./panels/telling.ts";
import { transport } from "./panels/transport.ts";
import { troubles_panel } from "./panels/troubles.ts";
import { fold_sleeps } from "./stage/fold.ts";
import { Stage } from "./stage/stage.ts";
import { TimeRange, zoom_buttons } from "./stage/time-range.ts";

export class Single {
  readonly element: HTMLElement;
  readonly stage: Stage;
  readonly range: TimeRange;
  readonly #lanes: Lanes;

  constructor(recording: IndexedRecording, colours: Colours) {
    this.stage = new Stage(recording);
    const folded = fold_sleeps(recording, 0);
    const length = folded.place(recording.until);
    // Folds sleeps at first if they would take most of the width.
    this.range = new TimeRange(recording.until, length, length < recording.until * 0.4);
    this.#lanes = new Lanes(this.stage, this.range, colours, 0, folded, true);
    const state = h(
      "div",
      { class: "state-panels" },
      new Sets(this.stage).element,
      new Buffers(this.stage).element,
    );
    this.element = h(
      "div",
      { class: "single" },
      telling(this.stage),
      h(
        "section",
        { class: "lanes-panel", "aria-label": "Timeline" },
        h(
          "div",
          { class: "lanes-tools" },
          legend(),
          zoom_buttons(this.range, () => this.show_turn()),
        ),
        this.#lanes.element,
      ),
      transport(this.stage),
      h(
        "div",
        { class: "work" },
        tabs(
          ["Log", new Log(this.stage).element],
          [`Troubles ${count(recording.troubles.length)}`, troubles_panel(this.stage)],
          [
            `Questions ${count(recording.questions.length)}`,
            new QuestionsPanel(this.stage).element,
          ],
        ),
        new Sources(this.stage).element,
        state,
      ),
    );
  }

  show_turn(): void {
    this.#lanes.show_turn();
  }

  redraw(): void {
    this.#lanes.draw_soon();
  }
}

function count(number: number): string {
  return number === 0 ? "" : digits(number);
}

/** Panels of which one is visible. */
function tabs(...panels: readonly (readonly [name: string, panel: HTMLElement])[]): HTMLElement {
  const heads = panels.map(([name], index) =>
    h("button", { type: "button", role: "tab", click: () => show(index) }, name.trim()),
  );
  const bodies = panels.map(([name, panel]) =>
    h("div", { role: "tabpanel", class: "tab-panel", "aria-label": name.trim() }, panel),
  );
  const show = (shown: number) => {
    for (const [index, head] of heads.entries()) {
      head.setAttribute("aria-selected", String(index === shown));
      head.tabIndex = index === shown ? 0 : -1;
      bodies[index].hidden = index !== shown;
    }
  };
  const list = h("div", { role: "tablist", class: "tabs", "aria-label": "Panels" }, ...heads);
  list.addEventListener("keydown", (event) => {
    const at = heads.findIndex((head) => head.tabIndex === 0);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.stopPropagation();
    event.preventDefault();
    const next = (at + by + heads.length) % heads.length;
    show(next);
    heads[next].focus();
  });
  show(0);
  return h("section", { class: "side", "aria-label": "Log, troubles, questions" }, list, ...bodies);
}
