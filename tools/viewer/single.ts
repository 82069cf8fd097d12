/** One recording: its lanes, its steps and the panels that follow the steps. */
import { digits } from "../words.ts";
import type { IndexedRecording } from "./data/model.ts";
import { h } from "./dom.ts";
import type { Colours } from "./lanes/draw.ts";
import { lane_table } from "./lanes/lane-table.ts";
import { Lanes } from "./lanes/lanes.ts";
import { legend } from "./lanes/legend.ts";
import { Overview } from "./lanes/overview.ts";
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
import { tabs } from "./tabs.ts";

/** In pixels: narrower, the panels are below one another. */
const NARROW = 1000;

export class Single {
  readonly element: HTMLElement;
  readonly stage: Stage;
  readonly range: TimeRange;
  readonly #lanes: Lanes;
  readonly #overview: Overview;
  readonly #legend = legend();
  readonly #work = h("div", { class: "work" });
  readonly #panels: readonly (readonly [name: string, panel: HTMLElement])[];
  readonly #sources: HTMLElement;
  readonly #state: HTMLElement;
  #is_narrow = false;

  constructor(recording: IndexedRecording, colours: Colours) {
    this.stage = new Stage(recording);
    const folded = fold_sleeps(recording, 0);
    const length = folded.place(recording.until);
    // Folds sleeps at first if they would take most of the width.
    this.range = new TimeRange(recording.until, length, length < recording.until * 0.4);
    this.#lanes = new Lanes(this.stage, this.range, colours, 0, folded, true);
    this.#overview = new Overview(this.stage, this.range, colours, () => this.#lanes.fold);
    this.#sources = new Sources(this.stage).element;
    this.#panels = [
      ["Log", new Log(this.stage).element],
      [`Troubles ${count(recording.troubles.length)}`, troubles_panel(this.stage)],
      [`Questions ${count(recording.questions.length)}`, new QuestionsPanel(this.stage).element],
    ];
    this.#state = h(
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
          this.#legend,
          zoom_buttons(this.range, () => this.show_turn()),
        ),
        this.#overview.element,
        this.#lanes.element,
        h("div", { class: "lanes-foot" }, this.#overview.totals, lane_table(this.stage)),
      ),
      transport(this.stage),
      this.#work,
    );
    this.#arrange();
    new ResizeObserver(() => {
      const is_narrow = this.element.clientWidth < NARROW;
      if (is_narrow === this.#is_narrow) return;
      this.#is_narrow = is_narrow;
      this.#arrange();
    }).observe(this.element);
  }

  /** Puts the panels where there is room for them. */
  #arrange(): void {
    const [state, sources] = [this.#state, this.#sources];
    const panels = this.#is_narrow
      ? [state, tabs(...this.#panels, ["Source", sources])]
      : [tabs(...this.#panels), sources, state];
    this.#work.replaceChildren(...panels);
    this.#legend.open = !this.#is_narrow;
    this.#lanes.narrow = this.#is_narrow;
  }

  show_turn(): void {
    this.#lanes.show_turn();
  }

  redraw(): void {
    this.#lanes.draw_soon();
    this.#overview.draw_soon();
  }
}

function count(number: number): string {
  return number === 0 ? "" : digits(number);
}
