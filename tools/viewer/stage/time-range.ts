/** The part of the time that is visible, and the buttons that change it. */
import { button, h } from "../dom.ts";

/** What several lanes show together: places of their folds, each counted from where its recording begins. */
export class TimeRange {
  from = 0;
  to = 1;
  /** Whether sleeps are folded. */
  folded: boolean;
  /** How long all of it is: as it was, and folded. */
  readonly #lengths: { readonly plain: number; readonly folded: number };
  readonly #listeners: (() => void)[] = [];

  constructor(plain: number, folded: number, is_folded: boolean) {
    this.#lengths = { plain, folded };
    this.folded = is_folded;
    this.fit();
  }

  /** All there is. */
  get all(): number {
    return this.folded ? this.#lengths.folded : this.#lengths.plain;
  }

  follow(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Shows from `from` to `to`, or what is nearest to it. */
  show(from: number, to: number): void {
    const size = Math.min(Math.max(to - from, 1000), this.all * 1.1);
    const least = -this.all * 0.05;
    this.from = Math.min(Math.max(from, least), this.all * 1.05 - size);
    this.to = this.from + size;
    for (const listener of this.#listeners) listener();
  }

  /** All of it, with a little room at both ends. */
  fit(): void {
    this.show(-this.all * 0.01, this.all * 1.01);
  }

  /** Folds sleeps or unfolds them, and shows all. */
  fold(folded: boolean): void {
    this.folded = folded;
    this.fit();
  }

  /** Nearer by `factor`, or farther; the time at `fixed`, between 0 and 1, stays. */
  zoom(factor: number, fixed = 0.5): void {
    const size = (this.to - this.from) / factor;
    const at = this.from + (this.to - this.from) * fixed;
    this.show(at - size * fixed, at + size * (1 - fixed));
  }

  /** Moves by a part of what is seen. */
  pan(part: number): void {
    const by = (this.to - this.from) * part;
    this.show(this.from + by, this.to + by);
  }
}

/** The buttons. */
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
    button("Fit", () => range.fit(), "Show all (0)"),
  );
}
