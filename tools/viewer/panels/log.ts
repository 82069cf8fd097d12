/** The log of all lines. Only the visible ones are elements of the page. */
import { amount, duration } from "../../words.ts";
import { at_least } from "../data/columns.ts";
import { outcomes, sentence } from "../data/describe.ts";
import { CALL, FAULT } from "../data/model.ts";
import { yield_to_browser } from "../data/yield-to-browser.ts";
import { h, once_a_frame } from "../dom.ts";
import type { Stage } from "../stage/stage.ts";
import { matcher } from "./search.ts";

const ROW = 22;

/** Browsers draw nothing much taller. In a longer log, a pixel of the scroll bar stands for several rows. */
const TALLEST = 8_000_000;

/** How long to filter before yielding to the browser, in milliseconds. */
const SLICE = 12;

export class Log {
  readonly element: HTMLElement;
  readonly #stage: Stage;
  readonly #list: HTMLElement;
  readonly #window: HTMLElement;
  readonly #spacer: HTMLElement;
  readonly #filter: HTMLInputElement;
  readonly #found: HTMLElement;
  #shown = new Int32Array();
  #entry = -1;
  #pure: boolean;
  #search = 0;
  /** The rows on the page, by what they look like. */
  #rows = new Map<string, HTMLElement>();

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#pure = stage.pure;
    this.#filter = h("input", {
      type: "search",
      placeholder: "connect, fd 5, EAGAIN, server.ts:66",
      "aria-label": "Filter the log",
      title:
        "A call, fd 5, a program, server.ts:66, or any text. Enter goes to the next, with Shift to the previous.",
      input: () => void this.#refresh(),
      keydown: (event) => {
        const { key, shiftKey } = event as KeyboardEvent;
        if (key === "Enter") this.#go_on(shiftKey ? -1 : 1);
      },
    });
    this.#found = h("output", { class: "found" });
    const pure = h("input", {
      type: "checkbox",
      change: () => stage.show_pure(pure.checked),
    });
    this.#window = h("div", { class: "log-window", role: "presentation" });
    this.#spacer = h("div", { class: "log-spacer", role: "presentation" }, this.#window);
    this.#list = h(
      "div",
      { class: "log-list", role: "listbox", tabindex: 0, "aria-label": "Calls" },
      this.#spacer,
    );
    this.#list.addEventListener("scroll", () => this.#draw_soon());
    this.#list.addEventListener("click", (event) => this.#click(event));
    this.#list.addEventListener("keydown", ({ key }) => {
      if (key === "ArrowDown") stage.step(1);
      else if (key === "ArrowUp") stage.step(-1);
    });
    new ResizeObserver(() => {
      // Before it was on the page, it could not scroll.
      this.#scroll_to(at_least(this.#shown, this.#entry));
      this.#draw_soon();
    }).observe(this.#list);
    this.element = h(
      "div",
      { class: "log" },
      h(
        "div",
        { class: "log-tools" },
        this.#filter,
        this.#found,
        h("label", {}, pure, "without a system call, too"),
      ),
      this.#list,
    );
    void this.#refresh();
    stage.follow(() => this.#stepped());
  }

  #stepped(): void {
    if (this.#pure !== this.#stage.pure) {
      this.#pure = this.#stage.pure;
      void this.#refresh();
    }
    if (this.#entry !== this.#stage.entry) {
      this.#entry = this.#stage.entry;
      this.#scroll_to(at_least(this.#shown, this.#entry));
    }
    this.#draw_soon();
  }

  /** Filters the lines, a slice at a time. */
  async #refresh(): Promise<void> {
    const search = ++this.#search;
    const wanted = this.#filter.value.trim().toLowerCase();
    const { recording } = this.#stage;
    const { what, flags } = recording.columns;
    // The count of the search before is not that of this one.
    this.#found.textContent = wanted === "" ? "" : "…";
    const found: number[] = [];
    const matches = wanted === "" ? () => true : matcher(recording, wanted);
    let pause = performance.now() + SLICE;
    for (let entry = 0; entry < recording.length; entry++) {
      if (what[entry] === CALL && !this.#stage.is_step(CALL, flags[entry])) continue;
      if (matches(entry)) found.push(entry);
      if (entry % 64 === 0 && wanted !== "" && performance.now() > pause) {
        this.#found.textContent = `${found.length} …`;
        await yield_to_browser();
        if (search !== this.#search) return;
        pause = performance.now() + SLICE;
      }
    }
    this.#shown = Int32Array.from(found);
    this.#found.textContent = wanted === "" ? "" : amount(found.length, "line");
    this.#spacer.style.height = `${Math.min(TALLEST, found.length * ROW)}px`;
    this.#scroll_to(at_least(this.#shown, this.#stage.entry));
    this.#draw_soon();
  }

  /** Goes to the next call that was found, or to the one before. */
  #go_on(direction: 1 | -1): void {
    const { entry, recording } = this.#stage;
    const { what } = recording.columns;
    const calls = this.#shown.filter((one) => what[one] === CALL);
    const at = at_least(calls, direction === 1 ? entry + 1 : entry);
    const next = calls[direction === 1 ? at : at - 1];
    if (next !== undefined) this.#stage.go(next);
  }

  /** How many rows of the log stand for one of the scroll bar. */
  get #scale(): number {
    const { clientHeight } = this.#list;
    const all = this.#shown.length * ROW - clientHeight;
    return Math.max(1, all / (Math.min(TALLEST, this.#shown.length * ROW) - clientHeight));
  }

  #scroll_to(row: number): void {
    const { scrollTop, clientHeight } = this.#list;
    const scale = this.#scale;
    const top = scrollTop * scale;
    if (row * ROW >= top && (row + 1) * ROW <= top + clientHeight) return;
    this.#list.scrollTop = (row * ROW - clientHeight / 2) / scale;
  }

  readonly #draw_soon = once_a_frame(() => this.#draw());

  #draw(): void {
    const { scrollTop, clientHeight } = this.#list;
    const first = Math.max(0, Math.floor((scrollTop * this.#scale) / ROW));
    const count = Math.ceil(clientHeight / ROW) + 1;
    const last = Math.min(this.#shown.length, first + count);
    const top = this.#scale === 1 ? first * ROW : scrollTop;
    this.#window.style.transform = `translateY(${top}px)`;
    const rows = new Map<string, HTMLElement>();
    for (let row = first; row < last; row++) {
      const key = this.#look(row);
      rows.set(key, this.#rows.get(key) ?? this.#row(row));
    }
    this.#replace(rows);
    const selected = [...rows.values()].find((row) => row.ariaSelected === "true");
    if (selected === undefined) this.#list.removeAttribute("aria-activedescendant");
    else this.#list.setAttribute("aria-activedescendant", selected.id);
  }

  /** What a row of the log looks like depends on this alone. */
  #look(row: number): string {
    const entry = this.#shown[row];
    const { entry: current, hidden_from } = this.#stage;
    const marks = [entry === current, this.#stage.hides(entry), entry === hidden_from];
    return [row, this.#shown.length, entry, ...marks].join(" ");
  }

  /** Leaves the rows that stay where they are: one that is replaced while the mouse is down on it is not clicked. */
  #replace(rows: Map<string, HTMLElement>): void {
    for (const [key, row] of this.#rows) if (!rows.has(key)) row.remove();
    let next = this.#window.firstElementChild;
    for (const row of rows.values()) {
      if (row === next) next = next.nextElementSibling;
      else this.#window.insertBefore(row, next);
    }
    this.#rows = rows;
  }

  #row(row: number): HTMLElement {
    const entry = this.#shown[row];
    const { recording, hidden_from } = this.#stage;
    const { what, flags, d } = recording.columns;
    const attributes = {
      role: "option",
      id: `line-${entry}`,
      "data-entry": entry,
      "aria-posinset": row + 1,
      "aria-setsize": this.#shown.length,
      "aria-selected": entry === this.#stage.entry ? "true" : "false",
    };
    if (this.#stage.hides(entry)) {
      return h(
        "div",
        { ...attributes, class: "line hidden" },
        entry === hidden_from ? "What happens here?" : "…",
      );
    }
    const kinds = ["line", ...outcomes(flags[entry])];
    if (what[entry] !== CALL) kinds.push(what[entry] === FAULT ? "fault" : "print");
    const text = sentence(recording, entry);
    const process = recording.processes.length > 1 ? `p${recording.columns.process[entry]}` : null;
    return h(
      "div",
      { ...attributes, class: kinds.join(" "), title: text },
      process === null ? null : h("span", { class: `of ${process}` }, process.slice(1)),
      h("span", { class: "text" }, text),
      what[entry] === CALL ? h("span", { class: "took" }, duration(d[entry])) : null,
    );
  }

  #click(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>("[data-entry]");
    if (row === null) return;
    const entry = Number(row.dataset.entry);
    if (this.#stage.hides(entry)) return;
    if (this.#stage.recording.columns.what[entry] === CALL) this.#stage.go(entry);
  }
}
