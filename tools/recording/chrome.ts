/**
 * A recording in the Trace Event Format, which Perfetto and chrome://tracing open: for each process a
 * track for what its selectors waited for, one for its handlers, one for what it printed, and one for
 * each life of a descriptor.
 */
import type { Call, Header, Line } from "../../lib/trace/recording.ts";
import { headers_of, of_process } from "./lines.ts";
import { event_names, mask_names } from "./masks.ts";
import { ProcessState } from "./process-state.ts";
import type { Frame, OpenDescriptor } from "./process-state.ts";

/** An event. Times are in microseconds. */
interface TraceEvent {
  readonly name: string;
  /** M metadata, X with a duration, i an instant, C a counter. */
  readonly ph: "M" | "X" | "i" | "C";
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  /** How far an instant's line extends: its thread, its process, or all. */
  readonly s?: "t" | "p" | "g";
  readonly args?: Readonly<Record<string, unknown>>;
}

/** The tracks of every process, followed by one for each life. */
const [WAITS, HANDLERS, OUTPUT, FIRST_LIFE] = [1, 2, 3, 10];

/** The recording as a JSON object, in pieces. */
export function* to_chrome(lines: Iterable<Line>): Generator<string> {
  let separator = '{"displayTimeUnit":"ns","traceEvents":[\n';
  for (const event of events_of(lines)) {
    yield separator + event;
    separator = ",\n";
  }
  yield "\n]}\n";
}

/** The events, each in JSON. */
function* events_of(lines: Iterable<Line>): Generator<string> {
  const taken = new Set<number>();
  let next_track = 0;
  for (const header of headers_of(lines)) {
    // Processes on different machines may have the same number.
    let { pid } = header;
    while (taken.has(pid)) pid++;
    taken.add(pid);
    const own = of_process(lines, header.process ?? 0);
    // An event must come before those inside it.
    yield* new Tracks(header, pid, next_track).outer(own);
    const tracks = new Tracks(header, pid, next_track);
    yield* tracks.inner(own);
    next_track = tracks.next;
  }
}

/** A run of calls that one function made within one turn. */
interface Handler {
  /** Its line at the first call. */
  readonly frame: Frame;
  /** From the beginning of its first call to the end of its last. */
  readonly from: number;
  to: number;
  readonly turn: number;
}

class Tracks {
  readonly #header: Header;
  readonly #pid: number;
  readonly #base: number;
  /** The first number after those of its tracks. */
  next: number;
  #texts: string[] = [];
  readonly #state = new ProcessState(0);
  #handler: Handler | null = null;
  /** Whether the last handler may go on. */
  #is_at_work = false;
  #last = 0;

  /** Its tracks are numbered from `base`: in Perfetto, no two may have the same number. */
  constructor(header: Header, pid: number, base: number) {
    this.#header = header;
    this.#pid = pid;
    this.#base = base;
    this.next = base + FIRST_LIFE;
  }

  /** The names of the tracks, and the handlers. */
  *outer(lines: Iterable<Line>): Generator<string> {
    const { program, argv, pid } = this.#header;
    this.#push({ name: "process_name", ph: "M", tid: 0, args: { name: `${program} (${pid})` } });
    this.#push({ name: "process_labels", ph: "M", tid: 0, args: { labels: argv.join(" ") } });
    this.#track(WAITS, "the selector");
    this.#track(HANDLERS, "handlers");
    this.#track(OUTPUT, "printed");
    for (const line of lines) {
      this.#state.see(line);
      if (line.kind === "call") this.#handle(line);
      yield* this.#written();
    }
    this.#end_handler();
    yield* this.#written();
  }

  /** Everything else: the calls, what was printed, the lives of descriptors. */
  *inner(lines: Iterable<Line>): Generator<string> {
    for (const line of lines) {
      this.#line(line);
      yield* this.#written();
    }
    // Descriptors still open at the end stay open until then.
    for (const open of this.#state.open.values()) this.#life(open, this.#last);
    yield* this.#written();
  }

  #written(): string[] {
    const texts = this.#texts;
    this.#texts = [];
    return texts;
  }

  #push(event: Omit<TraceEvent, "pid">): void {
    const tid = this.#base + event.tid;
    this.next = Math.max(this.next, tid + 1);
    this.#texts.push(JSON.stringify({ ...event, pid: this.#pid, tid } satisfies TraceEvent));
  }

  #track(tid: number, name: string): void {
    this.#push({ name: "thread_name", ph: "M", tid, args: { name } });
    this.#push({ name: "thread_sort_index", ph: "M", tid, args: { sort_index: tid } });
  }

  #line(line: Line): void {
    if ("t" in line) this.#last = Math.max(this.#last, line.t + ("d" in line ? line.d : 0));
    const closed = line.kind === "call" ? this.#state.open.get(line.ended ?? -1) : undefined;
    this.#state.see(line);
    switch (line.kind) {
      case "call":
        this.#call(line);
        if (closed !== undefined) this.#life(closed, line.t + line.d);
        this.#count(line);
        break;
      case "print":
        this.#instant(line.t, line.text.trimEnd() || "(an empty line)", OUTPUT, "t", {
          fd: line.fd,
          text: line.text,
        });
        break;
      case "fault":
        this.#instant(line.t, `fault: ${line.name}`, WAITS, "p", { text: line.text });
        break;
      case "end":
        this.#instant(line.t, ended(line.status, line.signal), WAITS, "p", {
          status: line.status,
          ...(line.error !== undefined && { error: line.error }),
        });
        break;
      default:
    }
  }

  #instant(
    t: number,
    name: string,
    tid: number,
    s: TraceEvent["s"],
    args: Record<string, unknown>,
  ): void {
    this.#push({ name, ph: "i", tid, ts: t / 1e3, s: s!, args });
  }

  #call(call: Call): void {
    const { t, d, wake, life, made } = call;
    const name = call.syscall ?? call.name;
    const event = { ph: "X", ts: t / 1e3, dur: d / 1e3 } as const;
    const args = this.#args(call);
    if (wake !== undefined) {
      const waits = wake.timeout === 0 ? `a look with ${name}` : `asleep in ${name}`;
      this.#push({ ...event, name: waits, cat: "wait", tid: WAITS, args });
    } else {
      // A call that creates a descriptor belongs to that descriptor's life.
      const own = life ?? made?.at(0)?.life;
      const tid = own === undefined ? HANDLERS : FIRST_LIFE + own;
      this.#push({ ...event, name, cat: "call", tid, args });
    }
  }

  #handle({ t, d, wake, stack }: Call): void {
    const { turn } = this.#state;
    const frame =
      this.#state.handler(stack) ??
      this.#state.functions(stack).at(0) ??
      this.#state.frames(stack).at(-1);
    const last = this.#handler;
    const goes_on = this.#is_at_work && last?.turn === turn && last.frame[0] === frame?.[0];
    this.#is_at_work = wake === undefined && frame !== undefined;
    if (!this.#is_at_work) return;
    if (goes_on) {
      last.to = t + d;
      return;
    }
    this.#end_handler();
    this.#handler = { frame: frame!, from: t, to: t + d, turn };
  }

  #end_handler(): void {
    if (this.#handler === null) return;
    const { frame, from, to } = this.#handler;
    this.#push({
      name: frame[0],
      ph: "X",
      cat: "handler",
      tid: HANDLERS,
      ts: from / 1e3,
      dur: (to - from) / 1e3,
      args: { at: `${frame[1]}:${frame[2]}` },
    });
  }

  /** A life that is over. */
  #life({ fd, life, what, peer, made_by, since }: OpenDescriptor, until: number): void {
    const of_peer = peer === undefined ? "" : ` of ${JSON.stringify(peer)}`;
    const name = made_by === null ? `fd ${fd}` : `fd ${fd}: ${what}${of_peer}`;
    const tid = FIRST_LIFE + life;
    this.#track(tid, `${name} (life ${life})`);
    // A nanosecond longer than its last call, which must stay inside it however a reader rounds.
    const times = { ts: since / 1e3, dur: (until - since + 1) / 1e3 };
    this.#push({ name, ph: "X", cat: "life", tid, ...times });
  }

  /** What a click on a call shows. */
  #args(call: Call): Record<string, unknown> {
    const { args, result, errno, bytes, data, wake, stack } = call;
    const [frame] = this.#state.frames(stack);
    return {
      ...args,
      result: errno ?? result,
      ...(bytes !== undefined && { bytes, data }),
      ...(wake && {
        timeout_ms: wake.timeout,
        ready: wake.ready.map(([fd, , mask]) => `fd ${fd} ${mask_names(mask)}`),
        ...(wake.selected && {
          selected: wake.selected.map(([fd, , mask]) => `fd ${fd} ${event_names(mask)}`),
        }),
      }),
      ...(frame && { at: `${frame[1]}:${frame[2]} in ${frame[0]}` }),
      loop: call.loop,
    };
  }

  /** A track for each queue and buffer, showing how full it is. */
  #count({ t, d, wake, watched }: Call): void {
    const counter = { ph: "C", tid: 0 } as const;
    for (const { fd, life, receive, send } of wake?.why ?? []) {
      const args = { receive: receive ?? 0, send: send ?? 0 };
      const name = `fd ${fd} (life ${life}): kernel's queues`;
      this.#push({ ...counter, name, ts: (t + d) / 1e3, args });
    }
    // A track for each attribute: an event that omitted one would clear it.
    for (const [life, attributes] of Object.entries(watched ?? {})) {
      for (const [attribute, value] of Object.entries(attributes)) {
        if (!("bytes" in value)) continue;
        const name = `life ${life}: ${attribute}`;
        this.#push({ ...counter, name, ts: t / 1e3, args: { bytes: value.bytes } });
      }
    }
  }
}

function ended(status: number | null, signal: string | undefined): string {
  return signal === undefined ? `ended with status ${status}` : `ended by ${signal}`;
}
