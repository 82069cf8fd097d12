/** The part of the time that is visible, and the buttons that change it. */
import { button, h } from "../dom.ts";

/** The range that several lanes show together, in places of their folds. */
export class TimeRange {
  from = 0;
  to = 1;
  folded: boolean;
  /** The length of the whole time, plain and folded. */
  readonly #lengths: { readonly plain: number; readonly folded: number };
  readonly #listeners: (() => void)[] = [];

  constructor(plain: number, folded: number, is_folded: boolean) {
    this.#lengths = { plain, folded };
    this.folded = is_folded;
    this.fit();
  }

  /** The length of the whole time. */
  get all(): number {
    return this.folded ? this.#lengths.folded : this.#lengths.plain;
  }

  follow(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Shows `from` to `to`, within limits. */
  show(from: number, to: number): void {
    const size = Math.min(Math.max(to - from, 1000), this.all * 1.1);
    const least = -this.all * 0.05;
    this.from = Math.min(Math.max(from, least), this.all * 1.05 - size);
    this.to = this.from + size;
    for (const listener of this.#listeners) listener();
  }

  /** Shows the whole time, with a margin. */
  fit(): void {
    this.show(-this.all * 0.01, this.all * 1.01);
  }

  /** Folds or unfolds sleeps, and shows the whole time. */
  fold(folded: boolean): void {
    this.folded = folded;
    this.fit();
  }

  /** Zooms by `factor` around `fixed`, a part of the range between 0 and 1. */
  zoom(factor: number, fixed = 0.5): void {
    const size = (this.to - this.from) / factor;
    const at = this.from + (this.to - this.from) * fixed;
    this.show(at - size * fixed, at + size * (1 - fixed));
  }

  /** Moves by a part of the range. */
  pan(part: number): void {
    const by = (this.to - this.from) * part;
    this.show(this.from + by, this.to + by);
  }
}

export function zoom_buttons(range: TimeRange, to_turn: (() => void) | null): HTMLElement {
  const fold = button(
    "Fold sleeps",
    () => range.fold(!range.folded),
    "Fold sleeps: shorten long ones (f)",
  );
  const show = () => fold.setAttribute("aria-pressed", String(range.folded));
  range.follow(show);
  show();
  return h(
    "div",
    { class: "zoom", role: "group", "aria-label": "Zoom" },
    fold,
    button("−", () => range.zoom(0.5), "Zoom out (-)"),
    button("+", () => range.zoom(2), "Zoom in (+)"),
    to_turn === null ? null : button("Turn", to_turn, "Show this turn of the loop (z)"),
    button("Fit", () => range.fit(), "Fit: show all (0)"),
  );
}
