import { act_of } from "../../../lib/trace/calls.ts";
/** Questions about waits: whether they sleep, what they report, and what is served next. */
import type { Call, Wake } from "../../../lib/trace/recording.ts";
import { amount, duration, listed } from "../../words.ts";
import { EVENT_READ, EVENT_WRITE, mask_names, POLLIN, POLLOUT, to_events } from "../masks.ts";
import { ANONYMOUS, is_end } from "../process-state.ts";
import type { ProcessState } from "../process-state.ts";
import { certainly_slept, slept } from "../sleep.ts";
import { MILLISECOND, sentences } from "../troubles/finder.ts";
import { asked, mixed, short_name } from "./asked.ts";
import type { Ask, Asked, Asker, Level } from "./asked.ts";

const names = { epoll: "epoll_wait", poll: "poll", select: "select", kqueue: "kevent" } as const;

/** The most descriptors that a choice may list. */
const MOST_WATCHED = 8;
const MOST_READY = 3;

/** The places of the answers to whether a wait sleeps. */
const [AT_ONCE, SLEEPS, TIMES_OUT] = [0, 1, 2];

function about_sleep(wake: Wake, process: ProcessState, choice: number, why: string): Asked {
  const choices = [
    "It returns at once.",
    "It sleeps until something happens to a descriptor.",
    wake.timeout === null
      ? "It fails with EAGAIN, because nothing is ready yet."
      : `It sleeps for ${duration(wake.timeout * MILLISECOND)} and reports nothing.`,
  ];
  const watched = all_watched(wake, process);
  const few = watched.length > 0 && watched.length <= MOST_WATCHED;
  const what = few ? list(watched, process) : amount(watched.length, "descriptor");
  const question = `The program calls ${names[wake.by]} for ${what}. Does it return at once, or sleep?`;
  return asked(question, choices, choices[choice], sentences([why, reasons(wake, process)]));
}

/** Asks before a wait. */
export class AboutWaits implements Asker {
  see(call: Call, process: ProcessState, ask: Ask): void {
    const { wake } = call;
    if (wake === undefined) {
      // Only this call shows what the last wait reported.
      if (act_of(call) === "receive" && is_end(call)) this.#end(call, process, ask);
      return;
    }
    if (call.errno !== undefined) return;
    this.#sleep(call, wake, process, ask);
    this.#ready(call, wake, process, ask);
    this.#left(call, wake, process, ask);
  }

  #sleep(call: Call, wake: Wake, process: ProcessState, ask: Ask): void {
    const { timeout, ready } = wake;
    if (timeout === 0) return;
    const offer = (topic: string, level: Level, choice: number, why: () => string): void =>
      ask(topic, level, call, () => about_sleep(wake, process, choice, why()));
    const seen_by = process.header?.seen_by ?? "iomux";
    const writable = ready.find(([, , mask]) => (mask & (POLLIN | POLLOUT)) === POLLOUT);
    if (ready.length === 0) {
      const why = "Nothing became ready before the timeout, so it returned an empty list.";
      offer("sleep in vain", 2, TIMES_OUT, () => why);
    } else if (certainly_slept(call, seen_by)) {
      offer(
        "sleep",
        1,
        SLEEPS,
        () => `It slept for ${duration(call.d)}, then reported ${report(wake, process)}.`,
      );
    } else if (slept(call, seen_by)) {
      // It probably slept, which is not sure enough for a question.
      return;
    } else if (writable !== undefined) {
      const [fd, life] = writable;
      const why =
        process.open.get(life)?.connecting === true
          ? "Its connection was already established, which EVENT_WRITE reports."
          : "A socket watched for EVENT_WRITE is ready while its send buffer has room, which is nearly always.";
      offer(
        "no sleep, writable",
        2,
        AT_ONCE,
        () =>
          `It returned after ${duration(call.d)}: ${short_name(process, fd, life)} was writable. ${why}`,
      );
    } else if (seen_by === "iomux") {
      offer(
        "no sleep",
        1,
        AT_ONCE,
        () =>
          `It returned after ${duration(call.d)} and reported ${report(wake, process)}: that was already so before the call.`,
      );
    }
  }

  #ready(call: Call, wake: Wake, process: ProcessState, ask: Ask): void {
    const { ready } = wake;
    if (ready.length === 0 || ready.length > MOST_READY) return;
    const watched = all_watched(wake, process);
    if (watched.length < 2 || watched.length > MOST_WATCHED) return;
    ask(`ready: ${ready.length}`, 2, call, () => {
      const lives = new Set(ready.map(([, life]) => life));
      const readers = watched.filter(({ events }) => (events & EVENT_READ) !== 0);
      const writers = watched.filter(({ events }) => (events & EVENT_WRITE) !== 0);
      const to_read = readers.map(({ fd, life }) => ({ fd, life, events: EVENT_READ }));
      const right = list(said(wake), process);
      const wrong = [
        list(
          writers.map(({ fd, life }) => ({ fd, life, events: EVENT_WRITE })),
          process,
        ),
        ...to_read.filter(({ life }) => !lives.has(life)).map((each) => list([each], process)),
        list(watched, process),
        list(to_read, process),
        ...to_read.map((each) => list([each], process)),
        "none: it returns an empty list",
      ].filter((text) => text !== "");
      const has_slept = certainly_slept(call, process.header?.seen_by ?? "iomux");
      const before = has_slept ? `It slept for ${duration(call.d)} first.` : null;
      const explanation = sentences([`It reported ${right}.`, before, reasons(wake, process)]);
      const question = `${names[wake.by]} watches ${list(watched, process)}. Which of them does it report as ready?`;
      return mixed(question, right, wrong, explanation, call);
    });
  }

  /** Asks about bytes that a recv left in the buffer. */
  #left(call: Call, wake: Wake, process: ProcessState, ask: Ask): void {
    for (const { life, fd, receive } of process.wait?.wake?.why ?? []) {
      const turn = process.batch.get(life);
      const open = process.open.get(life);
      if (receive === null || turn === undefined || turn.bytes === 0 || open?.what === "listener")
        continue;
      const left = receive - turn.bytes;
      if (
        left <= 0 ||
        !wake.ready.some(([, other, mask]) => other === life && (mask & POLLIN) !== 0)
      )
        continue;
      ask("left behind", 3, call, () => {
        const name = short_name(process, fd, life);
        const right = "Yes, at once: the remaining bytes make it ready again.";
        const explanation =
          `${amount(left, "byte")} still lay in the receive buffer. Readiness is level-triggered: while there is something ` +
          "to read, every wait reports it. Only edge-triggered epoll would stay silent until more arrived.";
        return asked(
          `recv has taken ${turn.bytes} of ${amount(receive, "byte")} that arrived for ${name}. Does this ${names[wake.by]} report it?`,
          [right, "Only when more bytes arrive.", "No: its event was already handled."],
          right,
          explanation,
        );
      });
      return;
    }
  }

  /** After recv returned 0, asks how the wait reported it. */
  #end(call: Call, process: ProcessState, ask: Ask): void {
    const turn = call.life === undefined ? undefined : process.batch.get(call.life);
    const { wait } = process;
    if (turn === undefined || turn.received > 0 || (turn.mask & POLLIN) === 0 || wait === null)
      return;
    ask("end of stream", 3, wait, () => {
      const { by } = wait.wake!;
      const right = "As ready to be read, as if bytes had arrived.";
      const mask = by === "select" ? "in the list of readers" : `as ${mask_names(turn.mask)}`;
      return asked(
        `Meanwhile the peer of ${short_name(process, turn.fd, turn.life)} has closed its sending side. How does this ${names[by]} report that?`,
        [
          right,
          "As an error (POLLERR).",
          "Not at all: the program finds out when it sends.",
          "As ready to be written.",
        ],
        right,
        `It was reported ${mask}. End of stream counts as readable: the recv that followed returned 0 bytes.`,
      );
    });
  }
}

/** Asks after a wait: what is served first, and by which function. */
export class AboutBatches implements Asker {
  /** The first call after the wait. */
  #first: Call | null = null;
  #in_batch = false;
  readonly #handlers = new Set<string>();

  see(call: Call, process: ProcessState, ask: Ask): void {
    if (call.wake !== undefined) {
      this.#in_batch = call.errno === undefined && call.wake.ready.length > 0;
      this.#first = null;
      return;
    }
    if (!this.#in_batch) return;
    if (this.#first === null) {
      this.#first = call;
      this.#handler(call, process, ask);
    }
    const act = act_of(call);
    const turn = call.life === undefined ? undefined : process.batch.get(call.life);
    if (turn === undefined || !["receive", "send", "accept"].includes(act)) return;
    this.#in_batch = false;
    if (process.batch.size < 2 || process.batch.size > MOST_WATCHED) return;
    ask("who is first", 2, this.#first, () => {
      const keys = [...process.batch.values()];
      const name = ({ fd, life }: { fd: number; life: number }): string =>
        short_name(process, fd, life);
      const before = keys.filter(({ place }) => place < turn.place);
      const silent =
        before.length === 0
          ? null
          : `For ${listed(before.map(name))}, which came first, the program found nothing to do.`;
      const told = keys.map((each) => `${name(each)} ${to_do(each.events)}`);
      return mixed(
        `The wait reported, in this order: ${listed(told)}. On which of them does the program make its next call?`,
        name(turn),
        keys.map(name),
        sentences([
          `It called ${call.name} on ${name(turn)}.`,
          "The loop iterates over the list in order; the order is the kernel's.",
          silent,
        ]),
        call,
      );
    });
  }

  #handler(call: Call, process: ProcessState, ask: Ask): void {
    const handler = process.handler(call.stack)?.[0];
    if (handler === undefined || handler === ANONYMOUS || process.batch.size > MOST_WATCHED) return;
    this.#handlers.add(handler);
    if (this.#handlers.size < 2) return;
    const keys = [...process.batch.values()];
    ask(`handler: ${handler}`, 1, call, () => {
      const is_listener = process.open.get(keys[0].life)?.what === "listener";
      const choices = [...this.#handlers].toSorted().slice(0, 4);
      if (!choices.includes(handler)) return null;
      return asked(
        `The wait reported ${list(keys, process)}. Which function of the program makes the next call?`,
        [...choices, "none: the loop waits again"],
        handler,
        sentences([
          `${handler} did: the next call is ${call.name}, in ${process.place(call.stack)}.`,
          is_listener
            ? "A readable listener has a connection to accept."
            : "The data registered with the socket tells the loop what to do.",
        ]),
      );
    });
  }
}

/** A descriptor, and its events. */
interface Item {
  readonly fd: number;
  readonly life: number;
  readonly events: number;
}

function all_watched(wake: Wake, process: ProcessState): Item[] {
  return [...process.interest_at(wake)].map(([life, { fd, events }]) => ({ fd, life, events }));
}

/** What the program is told: by the selector, if it used one. */
function said({ ready, selected }: Wake): Item[] {
  return ready.map(([fd, life, mask]) => {
    const events = selected?.find(([, other]) => other === life)?.[2] ?? to_events(mask);
    return { fd, life, events };
  });
}

/** "the listener (fd 3) to be read, fd 5 and fd 6 to be read and written". */
function list(items: readonly Item[], process: ProcessState): string {
  const groups = new Map<number, string[]>();
  for (const { fd, life, events } of items) {
    const group = groups.get(events);
    if (group === undefined) groups.set(events, [short_name(process, fd, life)]);
    else group.push(short_name(process, fd, life));
  }
  return [...groups].map(([events, some]) => `${listed(some)} ${to_do(events)}`).join(", ");
}

function to_do(events: number): string {
  if (events === EVENT_WRITE) return "to be written";
  return events === EVENT_READ ? "to be read" : "to be read and written";
}

/** "fd 3 to be read". */
function report(wake: Wake, process: ProcessState): string {
  const some = said(wake).slice(0, MOST_WATCHED);
  const more = wake.ready.length - some.length;
  const text = list(some, process);
  return more > 0 ? `${text}, and ${amount(more, "other")}` : text;
}

/** Sentences about what the kernel held for the ready descriptors; null if it was not recorded. */
function reasons(wake: Wake, process: ProcessState): string | null {
  const texts: string[] = [];
  const with_room: string[] = [];
  for (const why of wake.why?.slice(0, MOST_READY) ?? []) {
    const { fd, life, receive, state } = why;
    const name = short_name(process, fd, life);
    const mask = wake.ready.find(([, other]) => other === life)?.[2] ?? 0;
    if (state === "LISTEN") {
      texts.push(`${amount(receive ?? 0, "connection")} waited in the backlog of ${name}.`);
    } else if (why.error) texts.push(`${name} had an error pending.`);
    else if (receive !== null && receive > 0) {
      texts.push(`${amount(receive, "byte")} lay in the receive buffer of ${name}.`);
    } else if ((mask & POLLIN) !== 0) {
      texts.push(
        `Nothing lay in the receive buffer of ${name}: its peer had closed its sending side.`,
      );
    } else if ((mask & POLLOUT) !== 0) with_room.push(name);
  }
  if (with_room.length > 0) texts.push(`${listed(with_room)} had room in the send buffer.`);
  return texts.length === 0 ? null : texts.join(" ");
}
