/** The interest set of the latest wake-up, beside what the kernel reported. */
import type { Interest, Wake, Why } from "../../../lib/trace/recording.ts";
import { readiness } from "../../recording/telling.ts";
import { digits, duration } from "../../words.ts";
import { events, life_name, raw_mask } from "../data/describe.ts";
import { NOT_NOW } from "../data/model.ts";
import type { LifeLane } from "../data/model.ts";
import { teller_of } from "../data/teller.ts";
import { breakable, h, heading, refill } from "../dom.ts";
import { glossed } from "../glossary.ts";
import type { Stage } from "../stage/stage.ts";

/** The most rows: the others are only counted. */
const MOST = 60;

export class Sets {
  readonly element: HTMLElement;
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.element = h("section", { class: "sets", "aria-label": "Interest and ready" });
    stage.follow(() => this.#show());
  }

  #show(): void {
    const { recording, entry } = this.#stage;
    const found = recording.wake_at(entry);
    if (found === null) {
      const none = "Before the first wake-up: the program has not waited yet.";
      refill(this.element, heading("Interest and ready"), h("p", { class: "empty" }, none));
      return;
    }
    const { wake } = found;
    const asking = this.#stage.hides(found.entry);
    const shown = asking ? { ...wake, ready: [], selected: [], why: [] } : wake;
    refill(
      this.element,
      heading("Interest and ready"),
      h("p", { class: "caption" }, this.#caption(found.entry, wake, asking)),
      table(this.#stage, found.entry, shown, asking),
    );
  }

  #caption(entry: number, wake: Wake, asking: boolean): string {
    const { d, flags } = this.#stage.recording.columns;
    const limit = wake.timeout === null ? "without a timeout" : `for at most ${wake.timeout} ms`;
    if (asking) return `Waits by ${wake.by}, ${limit}. What comes back?`;
    const which = entry === this.#stage.entry ? "This wake-up" : "The latest wake-up";
    const interrupted = (flags[entry] & NOT_NOW) !== 0;
    const none = interrupted ? "a signal ended it" : "nothing was ready";
    const found = wake.ready.length === 0 ? none : `${digits(wake.ready.length)} ready`;
    return `${which}: ${wake.by} waited ${limit}; after ${duration(d[entry])} ${found}.`;
  }
}

function table(stage: Stage, entry: number, wake: Wake, asking: boolean): HTMLElement {
  const teller = teller_of(stage.recording, stage.process, entry);
  const ready = new Map(wake.ready.map((one) => [key(one), one[2]]));
  const selected = new Map(wake.selected?.map((one) => [key(one), one[2]]));
  const why = new Map(wake.why?.map((one) => [`${one.fd} ${one.life}`, one]));
  const interest = wake.interest ?? [];
  const asked = new Set(interest.map(key));
  const all = [...interest, ...wake.ready.filter((one) => !asked.has(key(one)))];
  // Of many, the ready ones come first.
  const rows =
    all.length <= MOST
      ? all
      : all.toSorted((a, b) => Number(ready.has(key(b))) - Number(ready.has(key(a))));
  const body = rows.slice(0, MOST).flatMap((one) => {
    const [fd, life, mask] = one;
    const said = ready.get(key(one));
    const lane = stage.recording.life(stage.process, life);
    const is_ready = said !== undefined;
    const cells = h(
      "tr",
      { class: is_ready ? "is-ready" : "" },
      h("th", { scope: "row" }, ...descriptor(lane, fd)),
      h("td", { class: "mask" }, asked.has(key(one)) ? events(mask) : "–"),
      h(
        "td",
        { class: "mask" },
        ...(asking
          ? ["?"]
          : is_ready
            ? breakable(raw_mask(said, wake.by)).flatMap(with_terms)
            : []),
      ),
      h("td", { class: "mask selected" }, asking ? "?" : events(selected.get(key(one)) ?? 0)),
    );
    if (!is_ready) return [cells];
    const reason = why.get(`${fd} ${life}`);
    const kernel = h(
      "td",
      { colspan: 4 },
      h("p", {}, ...glossed(readiness([fd, life, said], reason, teller))),
      reason === undefined ? null : kernel_side(reason, lane?.what === "listener"),
    );
    return [cells, h("tr", { class: "why is-ready" }, kernel)];
  });
  const names = ["Descriptor", "Asked", "Kernel said", "Selected"];
  return h(
    "div",
    {},
    h(
      "table",
      { class: "sets-table" },
      h(
        "thead",
        {},
        h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, ...glossed(name)))),
      ),
      h("tbody", {}, ...body),
    ),
    rows.length > MOST
      ? h("p", { class: "caption" }, `And ${digits(rows.length - MOST)} more, not ready.`)
      : null,
  );
}

function with_terms(part: string | HTMLElement): (Node | string)[] {
  return typeof part === "string" ? glossed(part) : [part];
}

/** The number of a descriptor, and below it its name. */
function descriptor(lane: LifeLane | null, fd: number): (Node | string)[] {
  const [number, ...rest] = life_name(lane, fd).split(" · ");
  return [number, ...rest.map((text) => h("span", { class: "whose" }, text))];
}

function key([fd, life]: Interest): string {
  return `${fd} ${life}`;
}

/** The kernel's state of a socket, which shows why it was ready. */
function kernel_side(why: Why, listener: boolean): HTMLElement {
  const parts: HTMLElement[] = [];
  if (why.state !== null)
    parts.push(h("span", { class: "state" }, ...glossed(why.state.replace("_", " "))));
  if (why.error) parts.push(h("span", { class: "state failed" }, "error pending"));
  if (why.receive !== null) {
    const what = listener ? "to accept" : "to read";
    parts.push(level(what, why.receive, why.receive_room, listener ? "" : " B"));
  }
  if (why.send !== null) parts.push(level("unacked", why.send, why.send_room, " B"));
  return h("div", { class: "kernel" }, ...parts);
}

/** A bar as full as `value` of `room`, but never too thin to see. */
export function level(what: string, value: number, room: number | null, unit: string): HTMLElement {
  const part = room === null || room === 0 ? 0 : Math.min(1, value / room);
  const fill = h("span", { class: "fill" });
  fill.style.width = value === 0 ? "0" : `max(3px, ${(part * 100).toFixed(1)}%)`;
  const of = room === null ? "" : ` of ${digits(room)}${unit}`;
  return h(
    "span",
    { class: "level", title: `${what}: ${digits(value)}${unit}${of}` },
    h("span", { class: "level-name" }, ...glossed(what)),
    h("span", { class: "track", "aria-hidden": "true" }, fill),
    h("span", { class: "level-value" }, `${digits(value)}${unit}`),
  );
}
