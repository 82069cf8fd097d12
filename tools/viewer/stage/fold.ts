/**
 * Folds time: what matters takes milliseconds, between sleeps of seconds, so long sleeps of all processes
 * get less of the width.
 */
import { at_least } from "../data/columns.ts";
import type { IndexedRecording, Process } from "../data/model.ts";

/** Intervals of time, in order. */
type Intervals = readonly (readonly [from: number, to: number])[];

/** Maps times of a recording to places on the axis and back, linearly between the ends of folds. */
export class Fold {
  readonly #times: readonly number[];
  readonly #places: readonly number[];
  readonly folded: Intervals;

  /** Counts places from `origin`, and gives each of `folded` a width of `width`. */
  constructor(origin: number, folded: Intervals, width: number) {
    this.folded = folded;
    const times = [origin];
    const places = [0];
    for (const [from, to] of folded) {
      const place = places[places.length - 1] + from - times[times.length - 1];
      times.push(from, to);
      places.push(place, place + width);
    }
    this.#times = times;
    this.#places = places;
  }

  place(time: number): number {
    return straight(this.#times, this.#places, time);
  }

  time(place: number): number {
    return straight(this.#places, this.#times, place);
  }
}

/** Interpolates `y` at `x`; outside of the points, one for one. */
function straight(xs: readonly number[], ys: readonly number[], x: number): number {
  const at = at_least(xs, x);
  if (at === 0) return ys[0] + x - xs[0];
  if (at === xs.length) return ys[at - 1] + x - xs[at - 1];
  const part = (x - xs[at - 1]) / (xs[at] - xs[at - 1]);
  return ys[at - 1] + part * (ys[at] - ys[at - 1]);
}

/** The folded sleeps together are half as wide as the rest, divided among at least so many. */
const SHARE = 6;

/** Folds a recording's sleeps that are much longer than what lies between them. */
export function fold_sleeps(recording: IndexedRecording, origin: number): Fold {
  const asleep = recording.processes
    .map((process) => sleeps(recording, process))
    .reduce(overlap, [[origin, recording.until]]);
  const length = asleep.reduce((sum, [from, to]) => sum + to - from, 0);
  const awake = Math.max(1, recording.until - origin - length);
  const long = asleep.filter(([from, to]) => to - from > awake / 50);
  const width = awake / (2 * Math.max(SHARE, long.length));
  const folded = long.filter(([from, to]) => to - from > width);
  return new Fold(origin, folded, width);
}

/** When a process did not run: it slept, had not started or had ended. */
function sleeps(recording: IndexedRecording, process: Process): Intervals {
  const { t, d } = recording.columns;
  const intervals: (readonly [number, number])[] = [[-Infinity, process.from]];
  for (const entry of process.asleep) intervals.push([t[entry], t[entry] + d[entry]]);
  intervals.push([process.until, Infinity]);
  return intervals;
}

/** The intersection. */
function overlap(left: Intervals, right: Intervals): Intervals {
  const both: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    const from = Math.max(left[i][0], right[j][0]);
    const to = Math.min(left[i][1], right[j][1]);
    if (from < to) both.push([from, to]);
    if (left[i][1] < right[j][1]) i++;
    else j++;
  }
  return both;
}
