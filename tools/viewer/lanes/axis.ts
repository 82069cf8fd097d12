/** The time axis. */
import { AXIS, x_of } from "./draw.ts";
import type { Paint } from "./draw.ts";

/**
 * Draws lines at round times, counted from `origin`, and marks where time is folded; none where an open
 * question hides what comes, as they would tell of a sleep.
 */
export function draw_axis(paint: Paint, height: number, origin: number): void {
  const { context, colours, places, fold, view } = paint;
  const step = round_step(((places.to - places.from) / (paint.width - paint.gutter)) * 110);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  const until = Math.min(view.to, paint.hidden_from);
  let from = view.from;
  // The end of the last label, which the next one must not overlap.
  let taken = paint.gutter;
  for (const [fold_from, fold_to] of [...fold.folded, [until, until] as const]) {
    const to = Math.min(fold_from, until);
    for (let at = Math.ceil((from - origin) / step); at * step + origin <= to; at++) {
      const x = Math.round(x_of(paint, origin + at * step)) + 0.5;
      context.fillStyle = colours("rule");
      context.fillRect(x - 0.5, AXIS, 1, height - AXIS);
      context.fillStyle = colours("quiet");
      context.fillRect(x - 0.5, AXIS - 6, 1, 6);
      const label = axis_label(at * step, step);
      const end = x + 4 + context.measureText(label).width;
      if (x + 4 < taken || end > paint.width) continue;
      context.fillText(label, x + 4, AXIS / 2);
      taken = end + 8;
    }
    if (fold_from < until && fold_to > view.from) draw_fold(paint, fold_from, fold_to);
    from = Math.max(from, fold_to);
  }
}

/** Draws two strokes through the axis, the sign of something left out. */
function draw_fold(paint: Paint, from: number, to: number): void {
  const { context, colours } = paint;
  const [left, right] = [x_of(paint, from), x_of(paint, to)];
  const middle = (left + right) / 2;
  if (right - left < 12 || middle < paint.gutter || middle > paint.width) return;
  context.strokeStyle = colours("quiet");
  context.beginPath();
  for (const shift of [-3, 2]) {
    context.moveTo(middle + shift - 2, AXIS - 1);
    context.lineTo(middle + shift + 2, AXIS - 9);
  }
  context.stroke();
}

/** The first of 1, 2 and 5 times a power of ten that is not below `least`. */
function round_step(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? power;
}

function axis_label(t: number, step: number): string {
  if (t === 0) return "0";
  const [size, unit] = step >= 1e8 ? [1e9, "s"] : step >= 1e5 ? [1e6, "ms"] : [1e3, "µs"];
  const digits = Math.max(0, Math.ceil(Math.log10(size / step)));
  return `${(t / size).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}
