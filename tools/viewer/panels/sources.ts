/** The program's source in both languages, line beside line, with the current line marked. */
import type { Source } from "../../../lib/trace/recording.ts";
import { align } from "../../source/align.ts";
import { highlighted } from "../../source/highlight.ts";
import type { Piece } from "../../source/highlight.ts";
import type { Language } from "../../source/tokens.ts";
import { breakable, h, refill } from "../dom.ts";
import type { Stage } from "../stage/stage.ts";

/** A source file as a table, and its rows by line number. */
interface SourceTable {
  readonly element: HTMLElement;
  readonly row_of: ReadonlyMap<number, HTMLElement>;
}

/** The source file of the step, and the call stack above it. */
export class Sources {
  readonly element: HTMLElement;
  readonly #stage: Stage;
  readonly #stack: HTMLElement;
  readonly #view: HTMLElement;
  readonly #tables = new Map<Source, SourceTable>();
  #marked: readonly HTMLElement[] = [];
  /** The frame to show, of those of the step: 0 is the innermost. */
  #frame = 0;
  #entry = -1;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#stack = h("ol", { class: "stack", "aria-label": "Call stack, innermost first" });
    this.#view = h("div", { class: "source", role: "region", "aria-label": "Source", tabindex: 0 });
    this.element = h(
      "section",
      { class: "sources", "aria-label": "Program" },
      this.#stack,
      this.#view,
    );
    // In a tab that was not visible, there was nothing to scroll.
    new ResizeObserver(() => {
      const current = this.#marked.find((row) => row.classList.contains("current"));
      if (current !== undefined) this.#scroll_to(current);
    }).observe(this.#view);
    stage.follow(() => this.#stepped());
  }

  #stepped(): void {
    if (this.#entry === this.#stage.entry) return;
    this.#entry = this.#stage.entry;
    this.#frame = 0;
    this.#show();
  }

  #show(): void {
    const frames = this.#stage.recording.frames(this.#entry);
    const items = frames.map(([name, path, line], index) => {
      const select = () => {
        this.#frame = index;
        this.#show();
      };
      const place = `${path.replace(/^.*\//, "")}:${line}`;
      const current = index === this.#frame ? { "aria-current": "true" } : {};
      const text = [h("b", {}, name), h("span", {}, place)];
      return h("li", {}, h("button", { type: "button", ...current, click: select }, ...text));
    });
    for (const row of this.#marked) row.classList.remove("current", "caller");
    this.#marked = [];
    const { sources } = this.#stage.process;
    const frame = frames[this.#frame];
    const source = frame === undefined ? [...sources.values()][0] : sources.get(frame[1]);
    if (frame === undefined) items.push(h("li", { class: "caption" }, this.#why_none()));
    refill(this.#stack, ...items);
    if (source === undefined) {
      const none =
        frame === undefined
          ? "This recording has no source text."
          : `The text of ${frame[1]} is not in this recording.`;
      this.#view.replaceChildren(h("p", { class: "empty" }, none));
      return;
    }
    const table = this.#table(source);
    if (table.element.parentNode !== this.#view) this.#view.replaceChildren(table.element);
    if (frame !== undefined) this.#mark(table, frames, frame[1]);
  }

  #why_none(): string {
    return this.#stage.process.state.stacks.size === 0
      ? "strace(1) saw the system calls, not the lines that made them."
      : "No line of the program made this call: the runtime did.";
  }

  /** Marks the line of the shown frame, and more faintly those of other frames in this file. */
  #mark(
    table: SourceTable,
    frames: readonly (readonly [string, string, number])[],
    path: string,
  ): void {
    const marked: HTMLElement[] = [];
    for (const [index, [, where, line]] of frames.entries()) {
      const row = where === path ? table.row_of.get(line) : undefined;
      if (row === undefined) continue;
      row.classList.add(index === this.#frame ? "current" : "caller");
      marked.push(row);
      if (index === this.#frame) this.#scroll_to(row);
    }
    this.#marked = marked;
  }

  /** Scrolls after the layout, before which a row has no place. */
  #scroll_to(row: HTMLElement): void {
    requestAnimationFrame(() => {
      const view = this.#view.getBoundingClientRect();
      const { top, bottom } = row.getBoundingClientRect();
      const margin = Math.min(66, view.height / 4);
      if (top >= view.top + margin && bottom <= view.bottom - margin) return;
      this.#view.scrollTop += top - view.top - view.height / 2.4;
    });
  }

  #table(source: Source): SourceTable {
    let table = this.#tables.get(source);
    if (table === undefined) {
      table = source_table(source);
      this.#tables.set(source, table);
    }
    return table;
  }
}

function source_table(source: Source): SourceTable {
  const own = language_of(source.path);
  const rows: HTMLElement[] = [];
  const row_of = new Map<number, HTMLElement>();
  const left = highlighted(source.text, own);
  const names = [source.path];
  if (source.twin === undefined) {
    for (const [index, html] of left.entries()) {
      const row = h("tr", {}, ...cells(index + 1, html));
      rows.push(row);
      row_of.set(index + 1, row);
    }
  } else {
    names.push(source.twin.path);
    const right = highlighted(source.twin.text, language_of(source.twin.path));
    const swapped = own === "python";
    const pairs = swapped
      ? align(source.twin.text, source.text)
      : align(source.text, source.twin.text);
    for (const pair of pairs) {
      const mine = swapped ? pair.python : pair.typescript;
      const twins = swapped ? pair.typescript : pair.python;
      const row = h("tr", {}, ...side(mine, left), ...side(twins, right));
      rows.push(row);
      if (mine !== null) row_of.set(mine, row);
    }
  }
  const head = names.map((name) => h("th", { scope: "col", colspan: 2 }, name));
  const element = h(
    "table",
    { class: names.length === 2 ? "code twins" : "code" },
    h("colgroup", {}, ...names.flatMap(() => [h("col", { class: "number" }), h("col")])),
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...rows),
  );
  return { element, row_of };
}

function side(line: number | null, lines: readonly (readonly Piece[])[]): HTMLElement[] {
  return line === null
    ? [h("td", { class: "number" }), h("td", { class: "none" })]
    : cells(line, lines[line - 1] ?? []);
}

function cells(line: number, pieces: readonly Piece[]): HTMLElement[] {
  const code = h("td", { class: "text" });
  const text = pieces.map((piece) => piece.text).join("");
  // A wrapped line continues below its own beginning.
  let indent = text.length - text.trimStart().length;
  code.style.setProperty("--indent", String(indent));
  for (const piece of pieces) {
    const parts = breakable(piece.text.slice(indent));
    indent = Math.max(0, indent - piece.text.length);
    if (piece.kind === "") code.append(...parts);
    else code.append(h("span", { class: `hljs-${piece.kind}` }, ...parts));
  }
  return [h("td", { class: "number" }, String(line)), code];
}

function language_of(path: string): Language {
  return path.endsWith(".py") ? "python" : "typescript";
}
