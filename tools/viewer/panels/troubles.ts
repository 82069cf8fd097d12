/** The troubles found, with buttons that go to their calls. */
import { amount, digits } from "../../words.ts";
import { button, h } from "../dom.ts";
import type { Stage } from "../stage/stage.ts";

export function troubles_panel(stage: Stage): HTMLElement {
  const { recording } = stage;
  if (recording.troubles.length === 0) {
    return h("p", { class: "empty" }, "No trouble was found in this recording.");
  }
  const items = recording.troubles.map((trouble) => {
    const ways = trouble.calls.flatMap((call) => {
      const entry = recording.entry_of(trouble.process, call);
      if (entry === null) return [];
      return [button(digits(call), () => stage.go(entry), `Go to call ${digits(call)}`)];
    });
    const process = recording.processes.find(
      ({ header }) => (header.process ?? 0) === trouble.process,
    );
    const who = recording.processes.length > 1 ? `${process?.header.program ?? ""} · ` : "";
    return h(
      "li",
      { class: "trouble" },
      h("h3", {}, trouble.title),
      h(
        "p",
        { class: "caption" },
        `${who}${trouble.count > 1 ? amount(trouble.count, "time") : ""}`,
      ),
      h("p", {}, trouble.explanation),
      h("p", { class: "advice" }, trouble.advice),
      h(
        "div",
        { class: "ways" },
        ways.length === 0 ? null : ways.length === 1 ? "Call " : "Calls ",
        ...ways,
      ),
    );
  });
  return h("ul", { class: "troubles", role: "list" }, ...items);
}
