/** What is looked up again and again, worked out once when all is read: who called when, what slept, what ran. */
import { arrows_of } from "./arrows.ts";
import { Column, Names } from "./columns.ts";
import { KINDS } from "./kinds.ts";
import { CALL, FAILED, FOUND, IndexedRecording, INTEREST, NOT_NOW, SLEPT, WAKE } from "./model.ts";
import type { Columns, LifeLane, Process, Spans } from "./model.ts";
import type { Reader } from "./reader.ts";
import { yield_to_browser } from "./yield-to-browser.ts";

/** Functions deeper than this are left out of the lanes; the call stack shows them all. */
const DEPTH = 4;

const READ = KINDS.indexOf("read");
const WRITE = KINDS.indexOf("write");

/** The recording that has been read. */
export async function indexed(reader: Reader): Promise<IndexedRecording> {
  await yield_to_browser();
  const { columns, place } = in_order(reader);
  const functions = new Names();
  await yield_to_browser();
  index_processes(reader, columns);
  for (const process of reader.processes) {
    await yield_to_browser();
    process.spans = spans_of(process, columns, functions);
    if (process.end === null) {
      reader.notices.push(
        `The end of ${process.header.program} is missing: it was still running, or its recording was cut off.`,
      );
    }
  }
  await yield_to_browser();
  index_lives(reader.lives, columns);
  await yield_to_browser();
  const changes = reader.watched.map((): number[] => []);
  for (const [entry, lane] of reader.changes) changes[lane].push(place(entry));
  for (const [index, lane] of reader.watched.entries()) {
    lane.entries = Int32Array.from(changes[index]).toSorted();
  }
  const ends = reader.ends.map((end) => ({ ...end, entry: place(end.entry) }));
  return new IndexedRecording({
    title: reader.title,
    processes: reader.processes,
    columns,
    lives: reader.lives,
    watched: reader.watched,
    names: reader.names,
    functions,
    troubles: reader.troubles.finish(),
    questions: reader.questions.finish(),
    arrows: arrows_of(ends, reader.peeked, columns),
    notices: reader.notices,
    lines: reader.text,
  });
}

/** The columns in the order of time: calls that overlap may have been written when they ended. */
function in_order(reader: Reader): { columns: Columns; place: (entry: number) => number } {
  const columns = Object.fromEntries(
    Object.entries(reader.columns).map(([name, column]) => [name, column.done()]),
  ) as unknown as Columns;
  const { t } = columns;
  if (t.every((time, index) => index === 0 || t[index - 1] <= time)) {
    return { columns, place: (entry) => entry };
  }
  const order = Uint32Array.from(t, (_, index) => index).toSorted((a, b) => t[a] - t[b] || a - b);
  const places = new Uint32Array(order.length);
  for (const [place, entry] of order.entries()) places[entry] = place;
  const sorted = Object.fromEntries(
    Object.entries(columns as unknown as Record<string, Float64Array>).map(([name, column]) => [
      name,
      column.map((_, index) => column[order[index]]),
    ]),
  ) as unknown as Columns;
  return { columns: sorted, place: (entry) => places[entry] };
}

function index_processes(reader: Reader, columns: Columns): void {
  const lists = reader.processes.map(() => ({
    entries: new Column(Int32Array),
    calls: new Column(Int32Array),
    wakes: new Column(Int32Array),
    interest: new Column(Int32Array),
    /** By poller: where it was last said what it watches. */
    said: new Map<number, number>(),
    marks: new Column(Int32Array),
    asleep: new Column(Int32Array),
    from: new Column(Float64Array),
    before: new Column(Float64Array),
    slept: 0,
    held_before: new Column(Float64Array),
    held: 0,
    until: 0,
  }));
  for (let entry = 0; entry < columns.t.length; entry++) {
    const list = lists[columns.process[entry]];
    list.entries.push(entry);
    list.until = Math.max(list.until, columns.t[entry] + columns.d[entry]);
    if (columns.what[entry] !== CALL) {
      list.marks.push(entry);
      continue;
    }
    list.calls.push(entry);
    list.held += columns.after[entry] + columns.before[entry];
    list.held_before.push(list.held);
    const flags = columns.flags[entry];
    if ((flags & WAKE) !== 0) {
      const poller = columns.life[entry];
      if ((flags & INTEREST) !== 0) list.said.set(poller, entry);
      list.wakes.push(entry);
      list.interest.push(list.said.get(poller) ?? entry);
    }
    if ((flags & SLEPT) !== 0) {
      list.asleep.push(entry);
      list.from.push(columns.t[entry]);
      list.before.push(list.slept);
      list.slept += columns.d[entry];
    }
  }
  for (const process of reader.processes) {
    const list = lists[process.index];
    process.entries = list.entries.done();
    process.calls = list.calls.done();
    process.wakes = list.wakes.done();
    process.interest = list.interest.done();
    process.marks = list.marks.done();
    process.asleep = list.asleep.done();
    process.asleep_from = list.from.done();
    list.before.push(list.slept);
    process.asleep_before = list.before.done();
    list.held_before.push(list.held);
    process.held_before = list.held_before.done();
    process.from = columns.t[process.entries[0] ?? 0] ?? 0;
    if (Number.isNaN(process.ready)) process.ready = process.from;
    process.until = Math.max(list.until, process.end === null ? 0 : process.end.t + process.shift);
  }
}

function index_lives(lives: readonly LifeLane[], columns: Columns): void {
  const entries = lives.map(() => new Column(Int32Array));
  for (let entry = 0; entry < columns.t.length; entry++) {
    if (columns.life[entry] >= 0) entries[columns.life[entry]].push(entry);
  }
  for (const lane of lives) {
    lane.entries = entries[lane.index].done();
    const count = lane.entries.length;
    lane.reads = new Uint32Array(count + 1);
    lane.writes = new Uint32Array(count + 1);
    lane.refusals = new Uint32Array(count + 1);
    lane.failures = new Uint32Array(count + 1);
    for (let at = 0; at < count; at++) {
      const entry = lane.entries[at];
      const is_refusal = (columns.flags[entry] & NOT_NOW) !== 0;
      const is_failure = (columns.flags[entry] & FAILED) !== 0;
      lane.reads[at + 1] = lane.reads[at] + Number(columns.kind[entry] === READ);
      lane.writes[at + 1] = lane.writes[at] + Number(columns.kind[entry] === WRITE);
      lane.refusals[at + 1] = lane.refusals[at] + Number(is_refusal);
      lane.failures[at + 1] = lane.failures[at] + Number(is_failure);
    }
  }
}

interface Open {
  readonly name: number;
  readonly start: number;
  readonly entry: number;
  end: number;
}

/** The span of handlers that ran between two waits without a call: which ones they were, nobody knows. */
const NO_CALL = "no call";

/**
 * Which function ran when, by depth. Only calls are known, so that a function is there from its first to its
 * last call within one turn.
 */
function spans_of(process: Process, columns: Columns, functions: Names): readonly Spans[] {
  const paths = new Map<number, readonly number[]>();
  const path_of = (stack: number): readonly number[] => {
    let path = paths.get(stack);
    if (path === undefined) {
      const outer = process.state.functions(stack).slice(0, DEPTH);
      paths.set(stack, (path = outer.map(([name]) => functions.number(name))));
    }
    return path;
  };
  const levels = Array.from({ length: DEPTH }, () => ({
    start: new Column(Float64Array),
    end: new Column(Float64Array),
    name: new Column(Uint16Array),
    entry: new Column(Int32Array),
  }));
  const open: Open[] = [];
  const close = (depth: number) => {
    while (open.length > depth) {
      const span = open.pop() as Open;
      const level = levels[open.length];
      level.start.push(span.start);
      level.end.push(span.end);
      level.name.push(span.name);
      level.entry.push(span.entry);
    }
  };
  const no_call = functions.number(NO_CALL);
  /** The call before, if it was a wait that found something ready. */
  let found = -1;
  let turn = -1;
  for (const entry of process.calls) {
    if (found !== -1 && (columns.flags[entry] & WAKE) !== 0) {
      close(0);
      const start = columns.t[found] + columns.d[found] + columns.after[entry];
      const end = columns.t[entry] - columns.before[entry];
      open.push({ name: no_call, start, end, entry: found });
      close(0);
    }
    found = (columns.flags[entry] & FOUND) === 0 ? -1 : entry;
    const path = path_of(columns.stack[entry]);
    if (columns.turn[entry] !== turn) close(0);
    turn = columns.turn[entry];
    let same = 0;
    while (same < open.length && same < path.length && open[same].name === path[same]) same++;
    close(same);
    const end = columns.t[entry] + columns.d[entry];
    for (const span of open) span.end = end;
    for (const name of path.slice(same)) open.push({ name, start: columns.t[entry], end, entry });
  }
  close(0);
  return levels
    .filter(({ start }) => start.length > 0)
    .map(({ start, end, name, entry }) => ({
      start: start.done(),
      end: end.done(),
      name: name.done(),
      entry: entry.done(),
    }));
}
