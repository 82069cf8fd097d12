/** Takes a recording line by line into columns. */
import type { Call, Header, Line, Watched } from "../../../lib/trace/recording.ts";
import { BadRecording, Parser } from "../../recording/parse.ts";
import { ProcessState } from "../../recording/process-state.ts";
import type { OpenDescriptor } from "../../recording/process-state.ts";
import { QuestionMaker } from "../../recording/questions.ts";
import { slept } from "../../recording/sleep.ts";
import { TroubleFinder } from "../../recording/troubles.ts";
import { address_text, listed } from "../../words.ts";
import type { End } from "./arrows.ts";
import { Column, Names } from "./columns.ts";
import { kind_of, not_now } from "./kinds.ts";
import {
  CALL,
  FAILED,
  FAULT,
  FOUND,
  INTEREST,
  NOT_NOW,
  PRINT,
  PURE,
  SLEPT,
  WAKE,
} from "./model.ts";
import type { LifeLane, Process, WatchedLane } from "./model.ts";
import { TextLines } from "./text-lines.ts";

/** A process that is being read. */
interface Reading {
  readonly process: Process;
  readonly state: ProcessState;
  /** By life. */
  readonly lanes: Map<number, LifeLane>;
}

/** What has been read, in the order of the file. */
export class Reader {
  readonly title: string;
  readonly text = new TextLines();
  readonly names = new Names();
  readonly processes: Process[] = [];
  readonly lives: LifeLane[] = [];
  readonly watched: WatchedLane[] = [];
  /** For each change of a watched attribute: where, and which one. */
  readonly changes: (readonly [entry: number, lane: number])[] = [];
  readonly notices: string[] = [];
  /** Connections, to find the two ends of each. */
  readonly ends: End[] = [];
  /** The lives of which a receive has left what it received. */
  readonly peeked = new Set<LifeLane>();
  readonly troubles = new TroubleFinder();
  readonly questions = new QuestionMaker();
  readonly columns = {
    what: new Column(Uint8Array),
    process: new Column(Uint16Array),
    t: new Column(Float64Array),
    d: new Column(Float64Array),
    after: new Column(Uint32Array),
    before: new Column(Uint32Array),
    call: new Column(Uint32Array),
    name: new Column(Uint16Array),
    kind: new Column(Uint8Array),
    flags: new Column(Uint8Array),
    life: new Column(Int32Array),
    loop: new Column(Uint32Array),
    turn: new Column(Uint32Array),
    stack: new Column(Int32Array),
    bytes: new Column(Float64Array),
    address: new Column(Float64Array),
    size: new Column(Uint32Array),
  };
  /** Lines read. */
  count = 0;
  readonly #parser: Parser;
  #has_calls = false;
  #last = { address: 0, size: 0 };
  readonly #by_number = new Map<number, Reading>();
  readonly #descriptors = new Map<LifeLane, OpenDescriptor>();
  readonly #watched = new Map<string, number>();

  constructor(title: string) {
    this.title = title;
    this.#parser = new Parser(title);
  }

  /** Takes a line, with its end if it has one. */
  read(text: string, address: number, size: number): void {
    this.count++;
    for (const line of this.#parser.push(text)) this.#take(line, address, size);
    this.#last = { address, size };
  }

  /** There are no more lines. Throws BadRecording if none of them is a call. */
  end(): void {
    const { lines, cut } = this.#parser.end();
    for (const line of lines) this.#take(line, this.#last.address, this.#last.size);
    if (!this.#has_calls) {
      const programs = listed(this.processes.map(({ header }) => header.program));
      throw new BadRecording(
        `${this.title} has no call to show: ${programs} made none that could be recorded.`,
      );
    }
    if (cut) {
      this.notices.push(
        `${this.title} was cut off in line ${this.count}: only the lines before it are shown.`,
      );
    }
    for (const [lane, { what, address }] of this.#descriptors) {
      lane.what = what;
      if (address !== null) lane.name = address_text(address);
    }
  }

  #take(line: Line, address: number, size: number): void {
    if (line.kind === "header") this.#add_process(line);
    const reading = this.#by_number.get(line.process ?? 0)!;
    const { process, state } = reading;
    if (line.kind === "call") {
      this.#has_calls = true;
      this.troubles.see(line, state);
      this.questions.see(line, state);
    }
    state.see(line);
    if (line.kind === "source") process.sources.set(line.path, line);
    else if (line.kind === "end") process.end = line;
    else if (line.kind === "call") this.#add_call(reading, line, address, size);
    else if (line.kind === "print" || line.kind === "fault") {
      const is_idle = line.kind === "fault" && line.name === "idle";
      const what = line.kind === "print" || is_idle ? PRINT : FAULT;
      this.#push(reading, what, line.t, address, size);
      // What came before belongs to no comparison.
      if (is_idle) process.ready = line.t + process.shift;
    }
  }

  #add_process(header: Header): void {
    const first = this.processes[0]?.header ?? header;
    const state = new ProcessState(header.process ?? 0);
    const process: Process = {
      index: this.processes.length,
      shift: Number(BigInt(header.clock) - BigInt(first.clock)),
      header,
      sources: new Map(),
      state,
      end: null,
      lives: [],
      entries: new Int32Array(),
      calls: new Int32Array(),
      wakes: new Int32Array(),
      interest: new Int32Array(),
      marks: new Int32Array(),
      asleep: new Int32Array(),
      asleep_from: new Float64Array(),
      asleep_before: new Float64Array(1),
      held_before: new Float64Array(1),
      spans: [],
      from: 0,
      ready: Number.NaN,
      until: 0,
    };
    this.processes.push(process);
    this.#by_number.set(state.number, { process, state, lanes: new Map() });
  }

  #push(
    reading: Reading,
    what: number,
    t: number,
    address: number,
    size: number,
    call?: Call,
  ): void {
    const columns = this.columns;
    const { process, state, lanes } = reading;
    const kind = call === undefined ? 0 : kind_of(call);
    columns.what.push(what);
    columns.process.push(process.index);
    columns.t.push(t + process.shift);
    columns.d.push(call?.d ?? 0);
    columns.after.push(call?.overhead?.[0] ?? 0);
    columns.before.push(call?.overhead?.[1] ?? 0);
    columns.call.push(call?.call ?? 0);
    columns.name.push(this.names.number(call?.syscall ?? call?.name ?? ""));
    columns.kind.push(kind);
    columns.flags.push(call === undefined ? 0 : flags_of(call, process.header));
    columns.life.push(call?.life === undefined ? -1 : lanes.get(call.life)!.index);
    columns.loop.push(call?.loop ?? 0);
    columns.turn.push(state.turn);
    columns.stack.push(call?.stack ?? -1);
    columns.bytes.push(call?.bytes ?? 0);
    columns.address.push(address);
    columns.size.push(size);
  }

  #add_call(reading: Reading, call: Call, address: number, size: number): void {
    const entry = this.columns.t.length;
    const t = call.t + reading.process.shift;
    for (const descriptor of reading.state.begun) {
      const is_made = descriptor.made_by !== null;
      // It is there when the call returns, which may have waited for it.
      const from = is_made ? t + call.d : t;
      const lane = this.#add_lane(reading, descriptor.life, descriptor.fd, from);
      lane.made = is_made;
      this.#descriptors.set(lane, descriptor);
    }
    this.#push(reading, CALL, call.t, address, size, call);
    this.#note_end(reading, call, entry);
    if (Number.isNaN(reading.process.ready) && call.syscall === "socket") reading.process.ready = t;
    if (call.ended !== undefined) reading.lanes.get(call.ended)!.until = t + call.d;
    for (const [life, values] of Object.entries(call.watched ?? {})) {
      const lane = reading.lanes.get(Number(life)) ?? this.#add_lane(reading, Number(life), -1, t);
      for (const [name, value] of Object.entries(values)) this.#change(lane, name, value, entry);
    }
  }

  /** What arrows between programs are made of. */
  #note_end({ lanes }: Reading, call: Call, entry: number): void {
    const { local, life, made, args } = call;
    if (local !== undefined && life !== undefined) {
      this.ends.push({
        entry,
        lane: lanes.get(life)!,
        connects: true,
        address: address_text(local),
      });
    }
    for (const { life: accepted, peer } of made ?? []) {
      // An unnamed one may be anybody's.
      if (peer === undefined || peer === null || peer === "") continue;
      const lane = lanes.get(accepted)!;
      this.ends.push({ entry, lane, connects: false, address: address_text(peer) });
    }
    if (typeof args.flags === "string" && args.flags.includes("MSG_PEEK") && life !== undefined) {
      this.peeked.add(lanes.get(life)!);
    }
  }

  #add_lane({ process, lanes }: Reading, life: number, fd: number, from: number): LifeLane {
    const lane: LifeLane = {
      index: this.lives.length,
      process: process.index,
      fd,
      life,
      what: "other",
      name: "",
      from,
      made: false,
      until: Infinity,
      entries: new Int32Array(),
      reads: new Uint32Array(1),
      writes: new Uint32Array(1),
      refusals: new Uint32Array(1),
      failures: new Uint32Array(1),
    };
    this.lives.push(lane);
    lanes.set(life, lane);
    process.lives.push(lane);
    return lane;
  }

  #change(life: LifeLane, name: string, value: Watched, entry: number): void {
    const key = `${life.index} ${name}`;
    let index = this.#watched.get(key);
    if (index === undefined) {
      index = this.watched.length;
      this.watched.push({ life: life.index, name, entries: new Int32Array(), most: 0 });
      this.#watched.set(key, index);
    }
    const lane = this.watched[index];
    if ("bytes" in value) lane.most = Math.max(lane.most, value.bytes);
    this.changes.push([entry, index]);
  }
}

function flags_of(call: Call, header: Header): number {
  let flags = 0;
  if (call.errno !== undefined) flags |= not_now(call.errno) ? NOT_NOW : FAILED;
  if (call.syscall === undefined) flags |= PURE;
  if (call.wake !== undefined) flags |= WAKE;
  if (call.wake?.interest !== undefined) flags |= INTEREST;
  if (call.wake !== undefined && call.wake.ready.length > 0) flags |= FOUND;
  if (slept(call, header.seen_by)) flags |= SLEPT;
  return flags;
}
