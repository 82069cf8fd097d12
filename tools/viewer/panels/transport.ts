/** The step bar: the current call, and the buttons to move on. */
import { digits } from "../../words.ts";
import { moment, one_line, outcomes, time_in_kernel } from "../data/describe.ts";
import { button, h, refill } from "../dom.ts";
import { glossed } from "../glossary.ts";
import type { Stage } from "../stage/stage.ts";

/** The bar. */
export function transport(stage: Stage): HTMLElement {
  return h(
    "section",
    { class: "transport", "aria-label": "Steps" },
    h(
      "div",
      { class: "buttons", role: "group", "aria-label": "Step" },
      button("⇤", () => stage.end(-1), "First step (Home)"),
      button("«", () => stage.wake(-1), "Previous wake-up (shift + left)"),
      ...in_program(stage, -1),
      button("‹", () => stage.step(-1), "Previous step (left)"),
      button("›", () => stage.step(1), "Next step (right)"),
      ...in_program(stage, 1),
      button("»", () => stage.wake(1), "Next wake-up (shift + right)"),
      button("⇥", () => stage.end(1), "Last step (End)"),
    ),
    step_text(stage),
    slider(stage),
  );
}

/** Where several programs take turns, a button to follow one. */
function in_program(stage: Stage, direction: 1 | -1): HTMLElement[] {
  if (stage.recording.processes.length === 1) return [];
  const [text, label] =
    direction === 1
      ? (["⇢", "Next step in this program (n)"] as const)
      : (["⇠", "Previous step in this program (p)"] as const);
  return [button(text, () => stage.step_in_program(direction), label)];
}

function step_text(stage: Stage): HTMLElement {
  const place = h("span", { class: "place" });
  const call = h("code", { class: "step-call" });
  const about = h("span", { class: "about" });
  stage.follow(() => {
    const { recording, entry, process, hidden_from } = stage;
    const { columns } = recording;
    const who = recording.processes.length > 1 ? `${process.header.program}, ` : "";
    place.textContent = `${who}call ${digits(columns.call[entry])} of ${digits(process.calls.length)}`;
    const line = recording.length === 0 ? null : recording.call(entry);
    if (line === null) {
      call.textContent = "No call was recorded.";
      about.textContent = "";
      return;
    }
    const text = one_line(recording, entry, line);
    const is_asked = hidden_from === entry;
    call.textContent = is_asked ? `${text.slice(0, text.indexOf("("))}(…) = ?` : text;
    call.title = call.textContent;
    const [outcome = ""] = outcomes(columns.flags[entry]);
    call.className = `step-call ${hidden_from === null ? outcome : ""}`;
    const loop = columns.loop[entry];
    const turn = loop === 0 ? "before the loop" : `turn ${digits(loop)} of the loop`;
    const time = `${moment(columns.t[entry])} · ${turn} · ${time_in_kernel(recording, entry)}`;
    refill(about, ...glossed(is_asked ? turn : time));
  });
  return h("div", { class: "step" }, place, call, about, others(stage));
}

/** The calls of other descriptors that the current one leads to or comes from, as buttons. */
function others(stage: Stage): HTMLElement | null {
  const { recording } = stage;
  if (recording.arrows.length === 0) return null;
  const element = h("span", { class: "ways" });
  const way = (word: string, other: number): HTMLElement => {
    const { program } = recording.process(other).header;
    const name = recording.names.name(recording.columns.name[other]);
    const call = digits(recording.columns.call[other]);
    return button(
      `${word} ${name} in ${program}`,
      () => stage.go(other),
      `Go to call ${call} of ${program}`,
    );
  };
  stage.follow(() => {
    const { entry } = stage;
    const ways = recording
      .arrows_at(entry)
      // What a question hides is not told.
      .filter(({ from, to }) => !stage.hides(from) && !stage.hides(to))
      // One receive may get what many sends have sent.
      .slice(0, 2);
    refill(
      element,
      ...ways.map(({ from, to }) => {
        return from === entry ? way("→ leads to", to) : way("← comes from", from);
      }),
    );
  });
  return element;
}

function slider(stage: Stage): HTMLElement {
  const input = h("input", {
    type: "range",
    min: 0,
    max: Math.max(0, stage.recording.length - 1),
    "aria-label": "Step",
    input: () => {
      const at = Number(input.value);
      const { what, flags } = stage.recording.columns;
      const entry = stage.is_step(what[at], flags[at])
        ? at
        : (stage.next(at, 1) ?? stage.next(at, -1));
      if (entry !== null) stage.go(entry);
    },
  });
  stage.follow(() => (input.value = String(stage.entry)));
  return input;
}
