/** Takes a recording line by line into columns. */
import type { Call, Header, Line, Watched } from "../../../lib/trace/recording.ts";
import { Parser } from "../../recording/parse.ts";
import { QuestionMaker } from "../../recording/questions.ts";
import { slept } from "../../recording/sleep.ts";
import { TroubleFinder } from "../../recording/troubles.ts";
import { address_text } from "../../words.ts";
import { Column, Names } from "./columns.ts";
import { kind_of, not_now } from "./kinds.ts";
import { CALL, FAILED, FAULT, NOT_NOW, PRINT, PURE, SLEPT, WAKE } from "./model.ts";
import type { LifeLane, Process, WatchedLane } from "./model.ts";
import { TextLines } from "./text-lines.ts";

/** Calls that say what a descriptor is about. */
const NAMING = new Set(["listen", "bind", "connect"]);

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
  /** For each wake-up: where, where its interest set is, and which lives were ready. */
  readonly wakes: (readonly [entry: number, interest: number, ready: readonly number[]])[] = [];
  readonly notices: string[] = [];
  readonly troubles = new TroubleFinder();
  readonly questions = new QuestionMaker();
  readonly columns = {
    what: new Column(Uint8Array),
    process: new Column(Uint16Array),
    t: new Column(Float64Array),
    d: new Column(Float64Array),
    call: new Column(Uint32Array),
    name: new Column(Uint16Array),
    kind: new Column(Uint8Array),
    flags: new Column(Uint8Array),
    life: new Column(Int32Array),
    loop: new Column(Uint32Array),
    stack: new Column(Int32Array),
    bytes: new Column(Float64Array),
    address: new Column(Float64Array),
    size: new Column(Uint32Array),
  };
  /** Lines read. */
  count = 0;
  readonly #parser: Parser;
  #last = { address: 0, size: 0 };
  readonly #by_number = new Map<number, Process>();
  readonly #lives = new Map<string, LifeLane>();
  readonly #watched = new Map<string, number>();
  /** By process and poller: where its interest set was last said. */
  readonly #interest = new Map<string, number>();

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

  /** There are no more lines. */
  end(): void {
    const { lines, cut } = this.#parser.end();
    for (const line of lines) this.#take(line, this.#last.address, this.#last.size);
    if (cut) {
      this.notices.push(
        `${this.title} was cut off in line ${this.count}: only the lines before it are shown.`,
      );
    }
  }

  #take(line: Line, address: number, size: number): void {
    if (line.kind === "header") {
      this.#add_process(line);
    } else {
      const process = this.#by_number.get(line.process ?? 0) as Process;
      if (line.kind === "source") process.sources.set(line.path, line);
      else if (line.kind === "stack") process.stacks.set(line.stack, line);
      else if (line.kind === "end") process.end = line;
      else if (line.kind === "call") this.#add_call(process, line, address, size);
      else this.#push(process, line.kind === "print" ? PRINT : FAULT, line.t, address, size);
    }
    this.troubles.see(line);
    this.questions.see(line);
  }

  #add_process(header: Header): void {
    const first = this.processes[0]?.header ?? header;
    const process: Process = {
      index: this.processes.length,
      shift: Number(BigInt(header.clock) - BigInt(first.clock)),
      header,
      sources: new Map(),
      stacks: new Map(),
      end: null,
      lives: [],
      entries: new Int32Array(),
      calls: new Int32Array(),
      wakes: new Int32Array(),
      marks: new Int32Array(),
      asleep: new Int32Array(),
      asleep_from: new Float64Array(),
      asleep_before: new Float64Array(1),
      spans: [],
      until: 0,
    };
    this.processes.push(process);
    this.#by_number.set(header.process ?? 0, process);
  }

  #push(
    process: Process,
    what: number,
    t: number,
    address: number,
    size: number,
    call?: Call,
  ): void {
    const columns = this.columns;
    const kind = call === undefined ? 0 : kind_of(call);
    columns.what.push(what);
    columns.process.push(process.index);
    columns.t.push(t + process.shift);
    columns.d.push(call?.d ?? 0);
    columns.call.push(call?.call ?? 0);
    columns.name.push(this.names.number(call?.syscall ?? call?.name ?? ""));
    columns.kind.push(kind);
    columns.flags.push(call === undefined ? 0 : flags_of(call, process.header));
    columns.life.push(this.#life_of(process, call));
    columns.loop.push(call?.loop ?? 0);
    columns.stack.push(call?.stack ?? -1);
    columns.bytes.push(call?.bytes ?? 0);
    columns.address.push(address);
    columns.size.push(size);
  }

  #add_call(process: Process, call: Call, address: number, size: number): void {
    const entry = this.columns.t.length;
    this.#push(process, CALL, call.t, address, size, call);
    for (const made of call.made ?? []) {
      const lane = this.#lane(process, made.fd, made.life, call.t + process.shift);
      lane.made = true;
      lane.what = made.what;
      if (made.peer !== undefined && made.peer !== null) lane.name = address_text(made.peer);
    }
    if (call.ended !== undefined) {
      const lane = this.#lane(process, call.fd ?? -1, call.ended, call.t + process.shift);
      lane.until = call.t + process.shift + call.d;
    }
    if (call.life !== undefined) this.#name_life(process, call);
    if (call.wake !== undefined) {
      const poller = `${process.index} ${call.wake.poller ?? ""}`;
      if (call.wake.interest !== undefined) this.#interest.set(poller, entry);
      const ready = call.wake.ready.map(
        ([fd, life]) => this.#lane(process, fd, life, call.t + process.shift).index,
      );
      this.wakes.push([entry, this.#interest.get(poller) ?? entry, ready]);
    }
    for (const [life, values] of Object.entries(call.watched ?? {})) {
      for (const [name, value] of Object.entries(values)) {
        this.#change(process, Number(life), name, value, entry);
      }
    }
  }

  #life_of(process: Process, call: Call | undefined): number {
    if (call?.life === undefined) return -1;
    return this.#lane(process, call.fd ?? -1, call.life, call.t + process.shift).index;
  }

  #lane(process: Process, fd: number, life: number, t: number): LifeLane {
    const key = `${process.index} ${life}`;
    let lane = this.#lives.get(key);
    if (lane === undefined) {
      lane = {
        index: this.lives.length,
        process: process.index,
        fd,
        life,
        what: "other",
        name: "",
        from: t,
        made: false,
        until: Infinity,
        entries: new Int32Array(),
        reads: new Uint32Array(1),
        writes: new Uint32Array(1),
        failures: new Uint32Array(1),
      };
      this.lives.push(lane);
      this.#lives.set(key, lane);
      process.lives.push(lane);
    }
    return lane;
  }

  /** Listening makes a listener of a socket; bound and connected ones have a name. */
  #name_life(process: Process, call: Call): void {
    if (!NAMING.has(call.name) || (call.errno ?? "EINPROGRESS") !== "EINPROGRESS") return;
    const lane = this.#lane(process, call.fd ?? -1, call.life ?? -1, call.t + process.shift);
    if (call.name === "listen") lane.what = "listener";
    const address = Object.values(call.args).find((value) => Array.isArray(value));
    if (address !== undefined && lane.name === "") lane.name = address_text(address);
  }

  #change(process: Process, life: number, name: string, value: Watched, entry: number): void {
    const key = `${process.index} ${life} ${name}`;
    let index = this.#watched.get(key);
    if (index === undefined) {
      index = this.watched.length;
      const lane = this.#lane(process, -1, life, this.columns.t.done()[entry]);
      this.watched.push({ life: lane.index, name, entries: new Int32Array(), most: 0 });
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
  if (slept(call, header.seen_by)) flags |= SLEPT;
  return flags;
}
