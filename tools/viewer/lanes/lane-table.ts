/** The lanes as a table, for readers who cannot see the canvas or want the figures. */
import { amount, digits, duration } from "../../words.ts";
import { life_name, moment, shares } from "../data/describe.ts";
import type { IndexedRecording, LifeLane } from "../data/model.ts";
import { h } from "../dom.ts";
import type { Stage } from "../stage/stage.ts";

/** The most rows: nobody reads a longer table. */
const MOST = 1000;

/** The lanes in a sentence for each process. */
export function summary(recording: IndexedRecording): string {
  const parts = recording.processes.map((process) => {
    const slept = process.asleep_before.at(-1) ?? 0;
    return (
      `${process.header.program}: ${amount(process.calls.length, "call")}, ` +
      `${amount(process.wakes.length, "wake-up")}, ${amount(process.lives.length, "descriptor")}, ` +
      `asleep for ${duration(slept)}.`
    );
  });
  return `Lanes of time. ${parts.join(" ")} The same is in the table below.`;
}

/** A table in closed details, which makes it when it is opened. */
export function lane_table(stage: Stage): HTMLElement {
  const details = h("details", { class: "lane-table" }, h("summary", {}, "Lanes as a table"));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(table(stage.recording));
  });
  return details;
}

function table(recording: IndexedRecording): HTMLElement {
  const columns = [
    "Process",
    "Descriptor",
    "Made",
    "Closed",
    "Calls",
    "Reads",
    "Writes",
    "Not now",
    "Failed",
  ];
  const rows = recording.lives.slice(0, MOST).map((lane) => row(recording, lane));
  const left_out = recording.lives.length - rows.length;
  return h(
    "div",
    { class: "table-scroller", tabindex: 0, role: "region", "aria-label": "Lanes as a table" },
    ...recording.processes.map((process) =>
      h("p", {}, `${process.header.program}: ${shares(process, recording)}.`),
    ),
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...rows),
    ),
    left_out > 0 ? h("p", {}, `And ${amount(left_out, "descriptor")} more.`) : null,
  );
}

function row(recording: IndexedRecording, lane: LifeLane): HTMLElement {
  const cells = [
    lane.made ? moment(lane.from) : "before",
    lane.until === Infinity ? "never" : moment(lane.until),
    digits(lane.entries.length),
    digits(lane.reads.at(-1) ?? 0),
    digits(lane.writes.at(-1) ?? 0),
    digits(lane.refusals.at(-1) ?? 0),
    digits(lane.failures.at(-1) ?? 0),
  ];
  return h(
    "tr",
    {},
    h("td", {}, recording.processes[lane.process].header.program),
    h("th", { scope: "row" }, life_name(lane)),
    ...cells.map((text) => h("td", {}, text)),
  );
}
