/** The lanes: a canvas, and the same as a table. */
import { h, once_a_frame } from "../dom.ts";
import { Fold } from "../stage/fold.ts";
import type { Stage } from "../stage/stage.ts";
import type { TimeRange } from "../stage/time-range.ts";
import { draw_axis } from "./axis.ts";
import { draw_arrows } from "./draw-arrows.ts";
import { AXIS, draw_row, gutter_of, hit, is_call, x_of } from "./draw.ts";
import type { Colours, Paint } from "./draw.ts";
import { follow_gestures } from "./gestures.ts";
import type { Point } from "./gestures.ts";
import { draw_label } from "./labels.ts";
import type { WaitState } from "./labels.ts";
import { summary } from "./lane-table.ts";
import { row_at, rows_of, rows_of_lives } from "./rows.ts";
import type { Row } from "./rows.ts";
import { tooltip_text } from "./tooltip.ts";

export class Lanes {
  readonly element: HTMLElement;
  readonly #stage: Stage;
  readonly #range: TimeRange;
  readonly #origin: number;
  readonly #plain: Fold;
  readonly #folded: Fold;
  readonly #colours: Colours;
  #rows: readonly Row[] = [];
  #rows_of_lives: ReadonlyMap<number, Row> = new Map();
  readonly #spacer = h("div", { class: "lanes-spacer" });
  /** Whether there is room for the lanes of one program only, that of the step. */
  #is_narrow = false;
  readonly #scroller: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #tooltip: HTMLElement;
  readonly #steps: boolean;
  #entry: number;
  #hovered: number | null = null;

  /** Counts times from `origin`; `steps` says whether to show the current step. */
  constructor(
    stage: Stage,
    range: TimeRange,
    colours: Colours,
    origin: number,
    folded: Fold,
    steps: boolean,
  ) {
    this.#steps = steps;
    this.#stage = stage;
    this.#range = range;
    this.#colours = colours;
    this.#origin = origin;
    this.#plain = new Fold(origin, [], 0);
    this.#folded = folded;
    this.#entry = stage.entry;
    this.#canvas = h("canvas", { role: "img", "aria-label": summary(stage.recording) });
    this.#tooltip = h("div", { class: "tooltip", hidden: true });
    this.#scroller = h("div", {
      class: "lanes-scroller",
      tabindex: "0",
      "aria-label": steps ? "Lanes" : `Lanes of ${stage.recording.title}`,
    });
    this.#scroller.setAttribute("role", "region");
    this.#scroller.append(this.#canvas, this.#spacer);
    this.element = h("div", { class: "lanes" }, this.#scroller, this.#tooltip);
    this.#place_rows();
    range.follow(() => this.draw_soon());
    stage.follow(() => this.#stepped());
    this.#scroller.addEventListener("scroll", () => this.draw_soon());
    follow_gestures(this.#scroller, range, this);
    new ResizeObserver(() => this.draw_soon()).observe(this.#scroller);
  }

  /** Shows the lanes of the step's program only, or of all. */
  set narrow(is_narrow: boolean) {
    this.#is_narrow = is_narrow;
    this.#place_rows();
    this.draw_soon();
  }

  #place_rows(): void {
    const { recording, process } = this.#stage;
    const { rows, height } = rows_of(recording, this.#is_narrow ? [process] : recording.processes);
    this.#rows = rows;
    this.#rows_of_lives = rows_of_lives(rows);
    this.#spacer.style.height = `${height + AXIS}px`;
    this.element.style.setProperty("--lanes-height", `${height + AXIS + 2}px`);
  }

  /** Draws before the next frame. */
  readonly draw_soon = once_a_frame(() => {
    if (this.element.isConnected) this.#draw();
  });

  /** Where a time is on the axis. */
  get fold(): Fold {
    return this.#range.folded ? this.#folded : this.#plain;
  }

  /** Shows the current turn of the loop, with a margin. */
  show_turn(): void {
    const { from, to } = this.#stage.turn();
    const margin = Math.max(2000, (to - from) * 0.08);
    this.#range.show(this.fold.place(from - margin), this.fold.place(to + margin));
  }

  #stepped(): void {
    const { columns } = this.#stage.recording;
    const entry = this.#stage.entry;
    if (entry !== this.#entry) {
      this.#entry = entry;
      const t = this.fold.place(columns.t[entry]);
      const { from, to } = this.#range;
      if (this.#is_narrow && this.#rows[0].process !== this.#stage.process) this.#place_rows();
      if (t < from || t > to) this.#range.show(t - (to - from) / 2, t + (to - from) / 2);
      this.#scroll_to(entry);
    }
    this.draw_soon();
  }

  /** Scrolls the lane of a call into view. */
  #scroll_to(entry: number): void {
    const life = this.#stage.recording.columns.life[entry];
    const row = this.#rows_of_lives.get(life);
    if (row === undefined) return;
    const { scrollTop, clientHeight } = this.#scroller;
    if (row.y < scrollTop || row.y + row.height > scrollTop + clientHeight - AXIS) {
      this.#scroller.scrollTop = row.y - (clientHeight - AXIS) / 2;
    }
  }

  #paint(): Paint {
    const context = this.#canvas.getContext("2d") as CanvasRenderingContext2D;
    const { recording } = this.#stage;
    const { from, to } = this.#range;
    const fold = this.fold;
    const width = this.#scroller.clientWidth;
    return {
      context,
      recording,
      colours: this.#colours,
      hatch: hatched(context, this.#colours("asleep")),
      view: { from: fold.time(from), to: fold.time(to) },
      places: { from, to },
      fold,
      width,
      gutter: gutter_of(width),
      hidden_from: this.#stage.hidden_time,
    };
  }

  #draw(): void {
    const ratio = devicePixelRatio;
    const { clientWidth: width, clientHeight: height, scrollTop } = this.#scroller;
    if (width === 0) return;
    const canvas = this.#canvas;
    if (
      canvas.width !== Math.round(width * ratio) ||
      canvas.height !== Math.round(height * ratio)
    ) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      // So that the canvas stays in place while the spacer scrolls below it.
      canvas.style.marginBottom = `-${height}px`;
    }
    const paint = this.#paint();
    const { context } = paint;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    draw_axis(paint, height, this.#origin);
    context.save();
    context.beginPath();
    context.rect(0, AXIS, width, height - AXIS);
    context.clip();
    const states = this.#steps ? this.#states() : new Map<number, WaitState>();
    for (let at = row_at(this.#rows, scrollTop); at < this.#rows.length; at++) {
      const row = this.#rows[at];
      const y = row.y - scrollTop + AXIS;
      if (y > height) break;
      draw_row(paint, row, y);
      draw_label(paint, row, y, row.shows === "life" ? states.get(row.lane.index) : undefined);
    }
    draw_arrows(paint, this.#rows_of_lives, scrollTop, this.#steps ? this.#stage.entry : null);
    context.restore();
    if (this.#steps) this.#draw_step(paint, height);
  }

  /** The state of each descriptor at the latest wake-up of its program, by its lane. */
  #states(): ReadonlyMap<number, WaitState> {
    const { recording, entry, process: stepped } = this.#stage;
    const { t, d } = recording.columns;
    const states = new Map<number, WaitState>();
    for (const process of recording.processes) {
      const found = recording.wake_of(process, entry);
      if (found === null) continue;
      // What another program still waits for has not been reported to it.
      const is_over = process === stepped || t[found.entry] + d[found.entry] <= t[entry];
      const is_known = is_over && !this.#stage.hides(found.entry);
      const ready = new Set(is_known ? found.wake.ready.map(([, life]) => life) : []);
      const asked = new Map(found.wake.interest?.map(([, life, mask]) => [life, mask]));
      for (const lane of process.lives) {
        const mask = asked.get(lane.life);
        if (mask === undefined && !ready.has(lane.life)) continue;
        // Before it was made or after it was closed, nobody watches it.
        if (lane.from > t[entry] || lane.until <= t[entry]) continue;
        states.set(lane.index, { asked: mask ?? 0, ready: ready.has(lane.life) });
      }
    }
    return states;
  }

  /** Draws a line through all lanes at the current step. */
  #draw_step(paint: Paint, height: number): void {
    const { context, colours } = paint;
    const { columns } = this.#stage.recording;
    const from = x_of(paint, columns.t[this.#stage.entry]);
    const to = x_of(paint, columns.t[this.#stage.entry] + columns.d[this.#stage.entry]);
    if (this.#stage.hidden_from !== null) {
      const left = Math.max(from, paint.gutter);
      context.fillStyle = colours("hidden-wash");
      context.fillRect(left, AXIS, paint.width - left, height - AXIS);
    } else if (to - from > 2) {
      // From its beginning to its return, which is what the sentence above speaks of.
      const [left, right] = [Math.max(from, paint.gutter), Math.min(to, paint.width)];
      context.fillStyle = colours("step-wash");
      context.fillRect(left, AXIS, Math.max(0, right - left), height - AXIS);
      context.fillStyle = colours("step");
      context.fillRect(left, AXIS - 3, Math.max(0, right - left), 2);
      if (to >= paint.gutter) context.fillRect(Math.round(to) - 1, AXIS - 3, 1, height - AXIS + 3);
    }
    if (from < paint.gutter || from > paint.width) return;
    context.fillStyle = colours("step");
    context.fillRect(Math.round(from) - 0.5, AXIS - 8, 1.5, height - AXIS + 8);
    context.beginPath();
    context.moveTo(from - 5, AXIS - 10);
    context.lineTo(from + 5, AXIS - 10);
    context.lineTo(from, AXIS - 3);
    context.fill();
  }

  #entry_at({ x, y }: Point): number | null {
    if (x < gutter_of(this.#scroller.clientWidth) || y < AXIS) return null;
    const lane_y = y - AXIS + this.#scroller.scrollTop;
    const row = this.#rows[row_at(this.#rows, lane_y)];
    if (row === undefined || lane_y < row.y) return null;
    const entry = hit(this.#paint(), row, x);
    return entry === null || this.#stage.hides(entry) ? null : entry;
  }

  click(point: Point): void {
    const entry = this.#entry_at(point);
    if (entry !== null && is_call(this.#stage.recording, entry)) this.#stage.go(entry);
  }

  hover(point: Point | null): void {
    const entry = point === null ? null : this.#entry_at(point);
    if (point === null || entry === null) {
      this.#tooltip.hidden = true;
      this.#hovered = null;
      return;
    }
    if (entry !== this.#hovered) {
      this.#hovered = entry;
      this.#tooltip.replaceChildren(...tooltip_text(this.#stage.recording, entry));
    }
    this.#tooltip.hidden = false;
    const width = this.#tooltip.offsetWidth;
    const left = Math.min(point.x + 14, this.#scroller.clientWidth - width - 8);
    this.#tooltip.style.left = `${Math.max(4, left)}px`;
    this.#tooltip.style.top = `${point.y + 18}px`;
  }
}

const patterns = new Map<string, CanvasPattern | string>();

/** The pattern of a sleep: slanted lines. */
function hatched(context: CanvasRenderingContext2D, colour: string): CanvasPattern | string {
  const known = patterns.get(colour);
  if (known !== undefined) return known;
  const tile = h("canvas", { width: 6, height: 6 });
  const on = tile.getContext("2d") as CanvasRenderingContext2D;
  on.strokeStyle = colour;
  on.lineWidth = 1.1;
  for (const shift of [-6, 0, 6]) {
    on.moveTo(shift, 6);
    on.lineTo(shift + 6, 0);
  }
  on.stroke();
  const pattern = context.createPattern(tile, "repeat") ?? colour;
  patterns.set(colour, pattern);
  return pattern;
}
