/** The whole viewer: the open recordings, the theme and the notices. */
import { BadRecording } from "../recording/parse.ts";
import { digits } from "../words.ts";
import { compare } from "./compare.ts";
import { load } from "./data/load.ts";
import type { IndexedRecording } from "./data/model.ts";
import { button, h, refill } from "./dom.ts";
import { meanings_in } from "./glossary.ts";
import { inputs_from_files } from "./inputs.ts";
import type { RecordingInput } from "./inputs.ts";
import { keys_help, press } from "./keys.ts";
import type { KeyTarget } from "./keys.ts";
import type { Colours } from "./lanes/draw.ts";
import { Single } from "./single.ts";
import { tour } from "./tour.ts";

/** One recording, or all side by side. */
interface View extends KeyTarget {
  readonly element: HTMLElement;
  readonly redraw: () => void;
}

export class Viewer {
  readonly element: HTMLElement;
  readonly #content = h("div", { class: "content" });
  readonly #notices = h("div", { class: "notices", role: "status" });
  readonly #choice = h("nav", { class: "recordings", "aria-label": "Recordings" });
  readonly #help = keys_help();
  readonly #is_page: boolean;
  readonly #colour_cache = new Map<string, string>();
  readonly #singles = new Map<IndexedRecording, View>();
  #recordings: readonly IndexedRecording[] = [];
  #view: View | null = null;
  #side_by_side: View | null = null;
  /** The number of the latest `open()`, which stops earlier ones. */
  #opening = 0;
  /** Keys that were pressed before there was anything to act on. */
  #early: KeyboardEvent[] = [];

  /** `is_page`: whether it is all of a page, which is shown to whoever sees it for the first time. */
  constructor(is_page: boolean) {
    this.#is_page = is_page;
    const files = h("input", { type: "file", multiple: true, accept: ".jsonl", hidden: true });
    files.setAttribute("aria-label", "Recordings to open");
    files.addEventListener("change", () => {
      if (files.files !== null) void this.open(inputs_from_files(files.files));
      files.value = "";
    });
    this.element = h(
      "div",
      { class: "viewer" },
      h(
        "header",
        {},
        // Another page has a heading of its own.
        h(is_page ? "h1" : "span", { class: "brand" }, "See the loop"),
        this.#choice,
        h(
          "div",
          { class: "header-tools" },
          button("Open …", () => files.click(), "Open recordings"),
          button("◐", () => this.#switch_theme(), "Light or dark"),
          button("?", () => this.#help.showModal(), "Keys and words"),
        ),
      ),
      this.#notices,
      this.#content,
      this.#help,
      files,
    );
    this.element.append(meanings_in(this.element));
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.#set_theme(dark.matches ? "dark" : "light");
    dark.addEventListener("change", () => this.#set_theme(dark.matches ? "dark" : "light"));
    this.#welcome();
  }

  /** Reads recordings and shows them, with a notice for each that cannot be read. */
  async open(inputs: readonly RecordingInput[]): Promise<void> {
    const opening = ++this.#opening;
    const notices: string[] = [];
    const recordings: IndexedRecording[] = [];
    for (const input of inputs) {
      const { title, stream } = input;
      try {
        const recording = await load(title, stream(), (lines, bytes) => {
          if (opening === this.#opening) this.#reading(input, lines, bytes);
        });
        notices.push(...recording.notices);
        recordings.push(recording);
      } catch (error) {
        notices.push(
          error instanceof BadRecording ? error.message : `Cannot read ${title}: ${String(error)}`,
        );
      }
      if (opening !== this.#opening) return;
    }
    this.#notices.replaceChildren(...notices.map((text) => h("p", {}, text)));
    if (recordings.length > 0) this.#show_recordings(recordings);
    else this.#welcome();
  }

  /** Handles a key; returns false if it has no meaning here. */
  key(event: KeyboardEvent): boolean {
    const target = event.composedPath()[0];
    if (target instanceof Element && target.closest("input, select, textarea, dialog") !== null) {
      return false;
    }
    if (event.key === "?") {
      this.#help.showModal();
      return true;
    }
    if (this.#view !== null) return press(event, this.#view);
    if (this.#opening > 0) this.#early.push(event);
    return false;
  }

  drop(event: DragEvent): void {
    const files = event.dataTransfer?.files;
    if (files !== undefined && files.length > 0) void this.open(inputs_from_files(files));
  }

  #welcome(): void {
    if (this.#view !== null) return;
    this.#content.replaceChildren(
      h(
        "div",
        { class: "welcome" },
        h("h2", {}, "Nothing is open"),
        h(
          "p",
          {},
          "Drop a recording here, a .jsonl file, or open one. Several at once are shown side by side.",
        ),
        h("p", {}, h("code", {}, "npx iomux trace scripts/multiconn-server.ts"), " makes one."),
        h("p", { class: "caption" }, "This page makes no connections: nothing leaves it."),
      ),
    );
  }

  #reading({ title, size }: RecordingInput, lines: number, bytes: number): void {
    const bar = h("progress", { max: Math.max(size, bytes), value: bytes });
    const text = `Reading ${title}: ${digits(lines)} lines …`;
    this.#notices.replaceChildren(h("label", {}, text, bar));
  }

  #show_recordings(recordings: readonly IndexedRecording[]): void {
    this.#recordings = recordings;
    this.#singles.clear();
    this.#side_by_side = null;
    this.#choose(recordings.length > 1 ? null : 0);
    const early = this.#early;
    this.#early = [];
    for (const event of early) this.key(event);
  }

  /** Shows one recording, or all if `index` is null. */
  #choose(index: number | null): void {
    const view = index === null ? this.#compare_view() : this.#single_view(this.#recordings[index]);
    this.#view = view;
    refill(this.#content, view.element);
    this.#content.scrollTop = 0;
    view.redraw();
    const choices = this.#recordings.map((recording, at) => [recording.title, at] as const);
    const all = [["Side by side", null] as const, ...choices];
    const shown = this.#recordings.length > 1 ? all : choices;
    refill(
      this.#choice,
      ...shown.map(([name, at]) => {
        const one = button(name, () => this.#choose(at));
        if (at === index) one.setAttribute("aria-current", "page");
        return one;
      }),
    );
  }

  #compare_view(): View {
    this.#side_by_side ??= {
      ...compare(this.#recordings, this.#colours, (index) => this.#choose(index)),
      stage: null,
      to_turn: null,
    };
    return this.#side_by_side;
  }

  #single_view(recording: IndexedRecording): View {
    let view = this.#singles.get(recording);
    if (view === undefined) {
      const single = new Single(recording, this.#colours);
      const { element, stage, range } = single;
      if (this.#is_page) element.prepend(tour(element) ?? "");
      view = {
        element,
        stage,
        range,
        to_turn: () => single.show_turn(),
        redraw: () => single.redraw(),
      };
      this.#singles.set(recording, view);
    }
    return view;
  }

  #switch_theme(): void {
    this.#set_theme(this.element.dataset.theme === "dark" ? "light" : "dark");
  }

  #set_theme(theme: "light" | "dark"): void {
    this.element.dataset.theme = theme;
    this.#colour_cache.clear();
    this.#view?.redraw();
  }

  /** A colour of the style sheet, for a canvas. */
  readonly #colours: Colours = (name) => {
    let colour = this.#colour_cache.get(name);
    if (colour === undefined) {
      colour = getComputedStyle(this.element).getPropertyValue(`--${name}`).trim();
      this.#colour_cache.set(name, colour);
    }
    return colour;
  };
}
