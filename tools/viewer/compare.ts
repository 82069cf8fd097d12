/** Several recordings: what differs between them, and one below the other on the same axis. */
import { poller_of } from "./data/describe.ts";
import type { IndexedRecording } from "./data/model.ts";
import { button, h, heading } from "./dom.ts";
import type { Colours } from "./lanes/draw.ts";
import { lane_table } from "./lanes/lane-table.ts";
import { Lanes } from "./lanes/lanes.ts";
import { legend } from "./lanes/legend.ts";
import { figures, program_name } from "./panels/figures.ts";
import { fold_sleeps } from "./stage/fold.ts";
import { Stage } from "./stage/stage.ts";
import { TimeRange, zoom_buttons } from "./stage/time-range.ts";

/** The view of several recordings; `open` shows one alone. */
export function compare(
  recordings: readonly IndexedRecording[],
  colours: Colours,
  open: (index: number) => void,
): { element: HTMLElement; range: TimeRange; redraw: () => void } {
  const begins = recordings.map(({ processes }) =>
    Math.min(...processes.map(({ ready }) => ready)),
  );
  const folds = recordings.map((recording, index) => fold_sleeps(recording, begins[index]));
  const range = new TimeRange(
    Math.max(...recordings.map(({ until }, index) => until - begins[index])),
    Math.max(...recordings.map(({ until }, index) => folds[index].place(until))),
    false,
  );
  const stages = recordings.map((recording) => new Stage(recording));
  const lanes = recordings.map(
    (_, index) => new Lanes(stages[index], range, colours, begins[index], folds[index], false),
  );
  const panels = recordings.map((recording, index) =>
    h(
      "section",
      { class: "compared", "aria-label": recording.title },
      h(
        "div",
        { class: "compared-head" },
        h("h2", {}, recording.title),
        h("span", { class: "caption" }, waits_by(recording)),
        button("Open alone", () => open(index), `Open alone: ${recording.title}`),
      ),
      lanes[index].element,
      lane_table(stages[index]),
    ),
  );
  const element = h(
    "div",
    { class: "compare" },
    differences(recordings),
    h("div", { class: "lanes-tools" }, legend(), zoom_buttons(range, null)),
    ...panels,
  );
  return {
    element,
    range,
    redraw: () => {
      for (const one of lanes) one.draw_soon();
    },
  };
}

/** What the first process ran on, and what the recording waited with. */
function waits_by(recording: IndexedRecording): string {
  const by = recording.processes.map((process) => poller_of(recording, process)).find(Boolean);
  const { runs_on, runtime } = recording.processes[0].header;
  const on = runs_on === "net" ? "node:net" : runs_on;
  return [on === "python" ? runtime : `${on} on ${runtime}`, by].filter(Boolean).join(", by ");
}

function differences(recordings: readonly IndexedRecording[]): HTMLElement {
  const programs = [
    ...new Set(
      recordings.flatMap(({ processes }) =>
        processes.map(({ header }) => program_name(header.program)),
      ),
    ),
  ];
  const table = h("div", {
    class: "table-scroller",
    tabindex: 0,
    role: "region",
    "aria-label": "Differences",
  });
  const choice = h(
    "select",
    { "aria-label": "Program", change: () => fill() },
    ...programs.map((name) => h("option", { value: name }, name)),
    h("option", { value: "" }, "all processes"),
  );
  const fill = () => table.replaceChildren(table_of(recordings, choice.value || null));
  fill();
  return h(
    "section",
    { class: "differences", "aria-label": "What differs" },
    h(
      "div",
      { class: "compared-head" },
      heading("What differs"),
      h("span", { class: "caption" }, "without start-up"),
      programs.length > 1 ? choice : null,
    ),
    table,
  );
}

function table_of(recordings: readonly IndexedRecording[], program: string | null): HTMLElement {
  const head = recordings.map(({ title }) => h("th", { scope: "col" }, title));
  const rows = figures(recordings, program).map(({ name, part, texts, differs }) =>
    h(
      "tr",
      { class: `${part ? "part" : ""} ${differs ? "differs" : ""}` },
      h("th", { scope: "row" }, part ? h("code", {}, name) : name),
      ...texts.map((text) => h("td", {}, text)),
    ),
  );
  return h(
    "table",
    { class: "figures" },
    h("thead", {}, h("tr", {}, h("td"), ...head)),
    h("tbody", {}, ...rows),
  );
}
