/** The whole time as a strip: where the visible part is, what the programs did in it, and a way to choose another. */
import { duration } from "../../words.ts";
import { asleep_until } from "../data/describe.ts";
import type { Process } from "../data/model.ts";
import { totals } from "../data/totals.ts";
import { h, once_a_frame } from "../dom.ts";
import type { Fold } from "../stage/fold.ts";
import type { Stage } from "../stage/stage.ts";
import type { TimeRange } from "../stage/time-range.ts";
import type { Colours } from "./draw.ts";

/** In pixels: of the strip, and of a program in it at most. */
const HEIGHT = 20;
const ROW = 8;

/** So near to an edge of the visible part, a press moves that edge. */
const NEAR = 5;

/** What a press moves: places of the fold. */
interface Drag {
  /** The other end of what is being chosen; null where the visible part moves as it is. */
  readonly fixed: number | null;
  readonly began: number;
  readonly shown: { readonly from: number; readonly to: number };
}

export class Overview {
  readonly element: HTMLElement;
  /** What the programs did in the visible part. */
  readonly totals: HTMLElement = h("p", { class: "totals" });
  readonly #stage: Stage;
  readonly #range: TimeRange;
  readonly #colours: Colours;
  readonly #fold: () => Fold;
  readonly #canvas = h("canvas", {
    role: "img",
    "aria-label": "The whole time: drag to choose the part that is shown",
  });
  #drag: Drag | null = null;
  /** The times of which the totals tell. */
  #told = { from: Number.NaN, to: Number.NaN };

  constructor(stage: Stage, range: TimeRange, colours: Colours, fold: () => Fold) {
    this.#stage = stage;
    this.#range = range;
    this.#colours = colours;
    this.#fold = fold;
    this.element = h("div", { class: "overview" }, this.#canvas);
    range.follow(() => this.draw_soon());
    stage.follow(() => this.draw_soon());
    new ResizeObserver(() => this.draw_soon()).observe(this.element);
    this.#canvas.addEventListener("pointerdown", (event) => this.#press(event));
    this.#canvas.addEventListener("pointermove", (event) => this.#move(event));
    this.#canvas.addEventListener("pointerup", (event) => this.#release(event));
    this.#canvas.addEventListener("pointercancel", () => (this.#drag = null));
  }

  readonly draw_soon = once_a_frame(() => {
    if (!this.element.isConnected) return;
    this.#draw();
    this.#tell();
  });

  #x_of(place: number): number {
    return (place / this.#range.all) * this.element.clientWidth;
  }

  #place_at(x: number): number {
    return (x / this.element.clientWidth) * this.#range.all;
  }

  #press({ offsetX: x, button, pointerId }: PointerEvent): void {
    if (button !== 0) return;
    const { from, to, all } = this.#range;
    const [left, right] = [this.#x_of(from), this.#x_of(to)];
    const began = this.#place_at(x);
    const is_part = to - from < all;
    const fixed = Math.abs(x - left) <= NEAR ? to : Math.abs(x - right) <= NEAR ? from : null;
    const is_inside = is_part && x > left && x < right;
    this.#drag = { fixed: fixed ?? (is_inside ? null : began), began, shown: { from, to } };
    this.#canvas.setPointerCapture(pointerId);
  }

  #move({ offsetX }: PointerEvent): void {
    if (this.#drag === null) return;
    const { fixed, began, shown } = this.#drag;
    const at = this.#place_at(offsetX);
    if (fixed !== null) this.#range.show(Math.min(fixed, at), Math.max(fixed, at));
    else this.#range.show(shown.from + at - began, shown.to + at - began);
  }

  /** A click shows what is around it. */
  #release({ offsetX }: PointerEvent): void {
    if (this.#drag === null) return;
    const { began, shown } = this.#drag;
    this.#drag = null;
    if (Math.abs(offsetX - this.#x_of(began)) > NEAR) return;
    const half = (shown.to - shown.from) / 2;
    this.#range.show(began - half, began + half);
  }

  #draw(): void {
    const ratio = devicePixelRatio;
    const width = this.element.clientWidth;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(HEIGHT * ratio);
    const context = this.#canvas.getContext("2d") as CanvasRenderingContext2D;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { processes, columns } = this.#stage.recording;
    const height = Math.min(ROW, HEIGHT / processes.length);
    for (const [index, process] of processes.entries()) {
      const y = (HEIGHT * (index + 1)) / processes.length;
      this.#draw_process(context, process, y, height * 0.8);
    }
    const step = this.#x_of(this.#fold().place(columns.t[this.#stage.entry] ?? 0));
    context.fillStyle = this.#colours("step");
    context.fillRect(step - 0.5, 0, 1, HEIGHT);
    const [left, right] = [this.#x_of(this.#range.from), this.#x_of(this.#range.to)];
    context.fillStyle = this.#colours("hidden-wash");
    context.globalAlpha = 0.75;
    context.fillRect(0, 0, left, HEIGHT);
    context.fillRect(right, 0, width - right, HEIGHT);
    context.globalAlpha = 1;
    context.strokeStyle = this.#colours("quiet");
    const [from, to] = [Math.max(0.5, left), Math.min(width - 0.5, right)];
    context.strokeRect(from, 0.5, Math.max(1, to - from), HEIGHT - 1);
  }

  /** Bars above `y`, as high as the program's share of not being asleep. */
  #draw_process(context: CanvasRenderingContext2D, process: Process, y: number, height: number) {
    const { recording } = this.#stage;
    const fold = this.#fold();
    const end = Math.min(process.until, this.#stage.hidden_time);
    const right = this.#x_of(fold.place(end));
    context.fillStyle = this.#colours("running");
    let [from, slept] = [process.from, 0];
    for (let x = Math.floor(this.#x_of(fold.place(from))); x < right; x++) {
      const to = Math.min(end, fold.time(this.#place_at(x + 1)));
      const slept_then = asleep_until(process, recording, to);
      const part = Math.max(0, 1 - (slept_then - slept) / Math.max(1, to - from));
      const bar = Math.max(1, height * part);
      context.fillRect(x, y - bar - 1, 1, bar);
      [from, slept] = [to, slept_then];
    }
  }

  #tell(): void {
    const { recording } = this.#stage;
    const fold = this.#fold();
    const from = Math.max(0, fold.time(this.#range.from));
    const to = Math.min(recording.until, fold.time(this.#range.to), this.#stage.hidden_time);
    // A step changes nothing, and there may be a million calls to sum up.
    if (from === this.#told.from && to === this.#told.to) return;
    this.#told = { from, to };
    const parts = recording.processes.map(
      (process) => `${process.header.program}: ${totals(recording, process, from, to)}.`,
    );
    this.totals.textContent = `${duration(Math.max(0, to - from))} shown. ${parts.join(" ")}`;
  }
}
