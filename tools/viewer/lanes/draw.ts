/** Draws lanes. Calls narrower than a pixel are summed up by column, from tables that data/ has computed. */
import { digits, duration } from "../../words.ts";
import { at_least, at_least_by } from "../data/columns.ts";
import { asleep_until, held_until } from "../data/describe.ts";
import { KINDS } from "../data/kinds.ts";
import { CALL, FAILED, FAULT, NOT_NOW, SLEPT } from "../data/model.ts";
import type { IndexedRecording, LifeLane, Process, Spans } from "../data/model.ts";
import type { Fold } from "../stage/fold.ts";
import type { Row } from "./rows.ts";

/** The width of the labels at the left of lanes so wide. */
export function gutter_of(width: number): number {
  return width < 620 ? 112 : 232;
}
/** The height of the time axis. */
export const AXIS = 24;

/** Colours of the style sheet by name, without the dashes. */
export type Colours = (name: string) => string;

/** A range of time, in nanoseconds. */
interface View {
  readonly from: number;
  readonly to: number;
}

/** What all drawing functions need. */
export interface Paint {
  readonly context: CanvasRenderingContext2D;
  readonly recording: IndexedRecording;
  readonly colours: Colours;
  readonly hatch: CanvasPattern | string;
  /** The visible range, as times of the recording and as places of the fold. */
  readonly view: View;
  readonly places: View;
  readonly fold: Fold;
  readonly width: number;
  /** The width of the labels. */
  readonly gutter: number;
  /** The time from which on an open question hides everything. */
  readonly hidden_from: number;
}

export function x_of(paint: Paint, t: number): number {
  const { from, to } = paint.places;
  return paint.gutter + ((paint.fold.place(t) - from) / (to - from)) * (paint.width - paint.gutter);
}

function time_at(paint: Paint, x: number): number {
  const { from, to } = paint.places;
  return paint.fold.time(from + ((x - paint.gutter) / (paint.width - paint.gutter)) * (to - from));
}

/** Fills the visible part of a rectangle. */
function bar(paint: Paint, from: number, to: number, y: number, height: number): void {
  const left = Math.max(from, paint.gutter);
  const right = Math.min(to, paint.width);
  if (right > left) paint.context.fillRect(left, y, right - left, height);
}

/** Draws one lane at `y`. */
export function draw_row(paint: Paint, row: Row, y: number): void {
  if (row.shows === "process") return;
  if (row.shows === "selector") {
    draw_selector(paint, row.process, y + 4, row.height - 9);
    draw_turns(paint, row.process, y + row.height - 4);
  } else if (row.shows === "spans") draw_spans(paint, row.spans, row.depth, y + 1, row.height - 2);
  else if (row.shows === "life") draw_life(paint, row.lane, y, row.height);
  else draw_marks(paint, row.process, y, row.height);
}

/** A running process is a full bar, a sleeping one a thin, hatched bar at the bottom. */
function draw_selector(paint: Paint, process: Process, y: number, height: number): void {
  const { context, colours, recording, view } = paint;
  const { asleep, asleep_from } = process;
  const start = process.from;
  const end = Math.min(process.until, paint.hidden_from);
  const low = y + height - 8;
  context.fillStyle = colours("running");
  bar(paint, x_of(paint, start), x_of(paint, end), y, height);
  let at = Math.max(0, at_least(asleep_from, view.from) - 1);
  while (at < asleep.length && asleep_from[at] < Math.min(view.to, end)) {
    const left = x_of(paint, asleep_from[at]);
    const sleep_end = asleep_from[at] + recording.columns.d[asleep[at]];
    const right = x_of(paint, Math.min(sleep_end, end));
    if (right - left >= 2) {
      context.fillStyle = colours("paper");
      bar(paint, left, right, y, height);
      context.fillStyle = paint.hatch;
      bar(paint, left, right, low, 8);
      context.fillStyle = colours("asleep");
      bar(paint, left, right, low, 1);
      const [seen_from, seen_to] = [Math.max(left, paint.gutter), Math.min(right, paint.width)];
      if (seen_to - seen_from > 48) {
        context.fillStyle = colours("quiet");
        context.font = "italic 11px system-ui, sans-serif";
        context.textAlign = "center";
        const words = sleep_words(paint, asleep_from[at], sleep_end);
        const fits = words.find(
          (text) => context.measureText(text).width < seen_to - seen_from - 8,
        );
        context.fillText(fits ?? "", (seen_from + seen_to) / 2, y + (height - 8) / 2);
        context.textAlign = "left";
      }
      at++;
    } else {
      // In a pixel column of many sleeps, the bar is as high as the share of running.
      const x = Math.max(paint.gutter, Math.floor(left));
      const [from, to] = [time_at(paint, x), Math.min(time_at(paint, x + 1), end)];
      const slept = asleep_until(process, recording, to) - asleep_until(process, recording, from);
      const free = Math.round(height * Math.min(1, slept / (to - from)));
      context.fillStyle = colours("paper");
      bar(paint, x, x + 1, y, Math.min(free, height - 2));
      const next = Math.max(at + 1, at_least(asleep_from, time_at(paint, x + 1), at));
      const last = recording.columns.d[asleep[next - 1]] + asleep_from[next - 1];
      // The last sleep of the column may be long.
      at = next - 1 > at && x_of(paint, last) > x + 2 ? next - 1 : next;
    }
  }
  draw_held(paint, process, { from: start, to: end }, y, height);
}

/** What to say of a sleep, from long to short; in a fold, how much wider it would be. */
function sleep_words({ fold }: Paint, from: number, to: number): string[] {
  const long = duration(to - from);
  const times = (to - from) / (fold.place(to) - fold.place(from));
  const said = times < 1.5 ? [] : [`asleep ${long}, ${digits(Math.round(times))} × as wide`];
  return [...said, `asleep ${long}`, long];
}

/** In each pixel column, the recorder's share of the bar above that of running. */
function draw_held(paint: Paint, process: Process, { from, to }: View, y: number, height: number) {
  if (process.held_before.at(-1) === 0) return;
  const { context, colours, recording } = paint;
  context.fillStyle = colours("recorder");
  const left = Math.max(paint.gutter, Math.floor(x_of(paint, from)));
  const right = Math.min(paint.width, x_of(paint, to));
  const at = (x: number) => {
    const time = Math.min(time_at(paint, x), to);
    const held = held_until(process, recording, time);
    return { time, held, slept: asleep_until(process, recording, time) };
  };
  let begin = at(left);
  for (let x = left; x < right; x++) {
    const end = at(x + 1);
    const part = height / Math.max(1, end.time - begin.time);
    const grey = Math.round((end.held - begin.held) * part);
    const free = Math.round((end.slept - begin.slept) * part);
    if (grey > 0) bar(paint, x, x + 1, y + Math.min(free, height - grey), grey);
    begin = end;
  }
}

/** A tick for each turn of the loop. */
function draw_turns(paint: Paint, process: Process, y: number): void {
  const { recording, view } = paint;
  const { t, d } = recording.columns;
  paint.context.fillStyle = paint.colours("quiet");
  let at = at_least_by(process.wakes, t, view.from);
  while (at < process.wakes.length) {
    const entry = process.wakes[at];
    const woken = t[entry] + d[entry];
    if (woken >= Math.min(view.to, paint.hidden_from)) return;
    const x = Math.floor(x_of(paint, woken));
    bar(paint, x, x + 1, y, 3);
    at = Math.max(at + 1, at_least_by(process.wakes, t, time_at(paint, x + 2), at));
  }
}

function draw_spans(paint: Paint, spans: Spans, depth: number, y: number, height: number): void {
  const { context, colours, recording, view } = paint;
  context.font = "11px system-ui, sans-serif";
  let at = Math.max(0, at_least(spans.start, view.from) - 1);
  while (at < spans.start.length && spans.start[at] < Math.min(view.to, paint.hidden_from)) {
    const left = x_of(paint, spans.start[at]);
    const right = Math.max(left + 1, x_of(paint, Math.min(spans.end[at], paint.hidden_from)));
    const end = right - (right - left > 4 ? 1 : 0);
    context.fillStyle = colours("handler-edge");
    bar(paint, left, end, y, height);
    context.fillStyle = colours("handler");
    bar(paint, left + 1, end - 1, y + 1, height - 2);
    const room = Math.min(right, paint.width) - Math.max(left, paint.gutter);
    if (room > 34) {
      context.fillStyle = colours("ink");
      const name = recording.functions.name(spans.name[at]);
      context.globalAlpha = depth === 0 ? 1 : 0.85;
      context.fillText(
        shortened(context, name, room - 8),
        Math.max(left, paint.gutter) + 4,
        y + height / 2,
      );
      context.globalAlpha = 1;
    }
    const column = time_at(paint, Math.floor(left) + 1);
    const next = Math.max(at + 1, at_least(spans.start, column, at));
    at = next - 1 > at && spans.end[next - 1] > column ? next - 1 : next;
  }
}

/** The part of `text` that fits into `room` pixels. */
export function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  const width = context.measureText(text).width;
  if (width <= room) return text;
  return `${text.slice(0, Math.max(1, Math.floor((text.length * room) / width) - 1))}…`;
}

function draw_marks(paint: Paint, process: Process, y: number, height: number): void {
  const { context, colours, recording, view } = paint;
  const { t, what } = recording.columns;
  let at = at_least_by(process.marks, t, view.from);
  while (at < process.marks.length) {
    const entry = process.marks[at];
    if (t[entry] >= Math.min(view.to, paint.hidden_from)) return;
    const x = Math.round(x_of(paint, t[entry]));
    if (what[entry] === FAULT) {
      context.fillStyle = colours("failed");
      bar(paint, x - 1, x + 1, y, height);
      context.beginPath();
      context.moveTo(x - 5, y + 1);
      context.lineTo(x + 5, y + 1);
      context.lineTo(x, y + 9);
      context.fill();
      at++;
    } else {
      context.fillStyle = colours("ink");
      bar(paint, x, x + 2, y + 4, height - 8);
      at = Math.max(at + 1, at_least_by(process.marks, t, time_at(paint, x + 1), at));
    }
  }
}

const COLOUR_OF_KIND = KINDS.map((kind) => `kind-${kind}`);

/** A line from the descriptor's creation to its close, with reads above it and writes below. */
function draw_life(paint: Paint, lane: LifeLane, y: number, height: number): void {
  const { context, colours, view } = paint;
  const middle = y + height / 2;
  const over = paint.recording.processes[lane.process].until;
  const end = Math.min(lane.until, paint.hidden_from, over);
  if (lane.from > Math.min(view.to, paint.hidden_from) || end < view.from) return;
  const [left, right] = [x_of(paint, lane.from), x_of(paint, end)];
  context.fillStyle = colours(lane.what === "listener" ? "listener" : "thread");
  bar(paint, left, right, middle - 0.5, lane.what === "listener" ? 2 : 1);
  draw_calls(paint, lane, y, height);
  context.fillStyle = colours("ink");
  if (lane.made && left >= paint.gutter && left <= paint.width) {
    context.beginPath();
    context.arc(left, middle, 3.5, 0, Math.PI * 2);
    context.fill();
  }
  if (lane.until <= paint.hidden_from && right >= paint.gutter && right <= paint.width) {
    bar(paint, right - 1, right + 1, middle - 6, 12);
  }
}

function draw_calls(paint: Paint, lane: LifeLane, y: number, height: number): void {
  const { context, colours, recording, view } = paint;
  const { t } = recording.columns;
  const limit = Math.min(view.to, paint.hidden_from);
  let at = Math.max(0, at_least_by(lane.entries, t, view.from) - 1);
  // Adjacent pixel columns that look alike are drawn at once.
  let run = { x: -1, to: -1, look: 0 };
  const flush = () => {
    const half = (height - 6) / 2;
    if ((run.look & 1) !== 0) {
      context.fillStyle = colours("kind-read");
      bar(paint, run.x, run.to, y + 3, half);
    }
    if ((run.look & 2) !== 0) {
      context.fillStyle = colours("kind-write");
      bar(paint, run.x, run.to, y + 3 + half, half);
    }
    if (run.look === 0) {
      context.fillStyle = colours(lane.what === "epoll" ? "kind-wait" : "kind-other");
      bar(paint, run.x, run.to, y + 6, height - 12);
    }
    if ((run.look & 4) !== 0) {
      context.fillStyle = colours("failed");
      bar(paint, run.x, run.to, y + 1, 2);
    }
  };
  while (at < lane.entries.length) {
    const entry = lane.entries[at];
    if (t[entry] >= limit) break;
    const x = Math.floor(x_of(paint, t[entry]));
    const next = Math.max(at + 1, at_least_by(lane.entries, t, time_at(paint, x + 1), at));
    if (next === at + 1) {
      draw_call(paint, entry, y, height);
    } else {
      const look =
        Number(lane.reads[next] > lane.reads[at]) +
        2 * Number(lane.writes[next] > lane.writes[at]) +
        4 * Number(lane.failures[next] > lane.failures[at]);
      if (run.to === x && run.look === look) {
        run.to = x + 1;
      } else {
        if (run.x >= 0) flush();
        run = { x, to: x + 1, look };
      }
      const last = lane.entries[next - 1];
      if (x_of(paint, t[last] + recording.columns.d[last]) > x + 2)
        draw_call(paint, last, y, height);
    }
    at = next;
  }
  if (run.x >= 0) flush();
}

function draw_call(paint: Paint, entry: number, y: number, height: number): void {
  const { context, colours, recording } = paint;
  const { t, d, kind, flags } = recording.columns;
  const left = x_of(paint, t[entry]);
  const right = Math.max(left + 3, x_of(paint, Math.min(t[entry] + d[entry], paint.hidden_from)));
  const what = KINDS[kind[entry]];
  const half = (height - 6) / 2;
  const [top, size] =
    what === "read"
      ? [y + 3, half]
      : what === "write"
        ? [y + 3 + half, half]
        : [y + 6, height - 12];
  const colour = colours(COLOUR_OF_KIND[kind[entry]]);
  const has_slept = (flags[entry] & SLEPT) !== 0;
  if (has_slept) {
    context.fillStyle = paint.hatch;
    bar(paint, left, right, top, size);
  }
  // The end of a sleep shows the outcome.
  const from = has_slept ? right - 3 : left;
  if ((flags[entry] & NOT_NOW) !== 0) {
    const width = Math.max(right - from, 5);
    context.fillStyle = colours("paper");
    bar(paint, from, from + width, top, size);
    context.strokeStyle = colours("not-now");
    if (from >= paint.gutter) context.strokeRect(from + 0.5, top + 0.5, width - 1, size - 1);
  } else if ((flags[entry] & FAILED) !== 0) {
    context.fillStyle = colours("failed");
    bar(paint, from, right, y + 2, height - 4);
  } else {
    context.fillStyle = colour;
    bar(paint, from, right, top, size);
  }
}

function entries_of(row: Row): Int32Array {
  const { wakes, asleep, marks } = row.process;
  if (row.shows === "life") return row.lane.entries;
  if (row.shows === "selector") return wakes.length > 0 ? wakes : asleep;
  return row.shows === "marks" ? marks : new Int32Array();
}

/** The call or mark of a lane nearest to `x`, within a few pixels; null if there is none. */
export function hit(paint: Paint, row: Row, x: number): number | null {
  const { recording } = paint;
  const { t, d } = recording.columns;
  const time = time_at(paint, x);
  if (row.shows === "spans") {
    const at = at_least(row.spans.start, time) - 1;
    return at >= 0 && row.spans.end[at] >= time ? row.spans.entry[at] : null;
  }
  const entries = entries_of(row);
  const at = at_least_by(entries, t, time);
  const before = entries[at - 1];
  if (before !== undefined && t[before] + d[before] >= time) return before;
  const near = [before, entries[at]]
    .filter((entry) => entry !== undefined)
    .map((entry) => ({ entry, off: Math.abs(x_of(paint, t[entry]) - x) }))
    .toSorted((a, b) => a.off - b.off)[0];
  return near !== undefined && near.off <= 6 && near.entry < recording.length ? near.entry : null;
}

/** Whether a line is a call, not a print or a fault. */
export function is_call(recording: IndexedRecording, entry: number): boolean {
  return recording.columns.what[entry] === CALL;
}
