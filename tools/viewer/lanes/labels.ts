/** The labels of the lanes, at the left. */
import { shares } from "../data/describe.ts";
import { shortened } from "./draw.ts";
import type { Paint } from "./draw.ts";
import type { Row } from "./rows.ts";

/** The events that the program waited for on a descriptor, and whether it was ready. */
export interface WaitState {
  readonly asked: number;
  readonly ready: boolean;
}

/** Draws the label of a lane at `y`; `state` is that of its descriptor at the latest wake-up. */
export function draw_label(paint: Paint, row: Row, y: number, state: WaitState | undefined): void {
  if (row.shows === "process") {
    draw_process(paint, row, y);
    return;
  }
  const { context, colours, gutter } = paint;
  const is_life = row.shows === "life";
  context.fillStyle = colours("paper");
  context.fillRect(0, y, gutter - 1, row.height);
  if (is_life && row.lane.from >= paint.hidden_from) return;
  if (state?.ready === true) {
    context.fillStyle = colours("ready");
    context.fillRect(0, y + 1, gutter - 4, row.height - 2);
    context.fillStyle = colours("ready-edge");
    context.fillRect(0, y + 1, 3, row.height - 2);
  }
  const middle = y + row.height / 2;
  context.font = `${is_life ? 11 : 12}px system-ui, sans-serif`;
  context.fillStyle = colours(is_life ? "ink" : "quiet");
  context.fillText(shortened(context, row.label, gutter - 48), 10, middle);
  if (state === undefined) return;
  context.font = "600 10.5px ui-monospace, monospace";
  context.fillStyle = colours(state.ready ? "ready-ink" : "quiet");
  context.textAlign = "right";
  const asked = `${state.asked & 1 ? "R" : ""}${state.asked & 2 ? "W" : ""}`;
  context.fillText(asked, gutter - 12, middle);
  context.textAlign = "left";
}

function draw_process({ context, colours, width, recording }: Paint, row: Row, y: number): void {
  const { header } = row.process;
  const middle = y + row.height / 2;
  context.fillStyle = colours("raised");
  context.fillRect(0, y, width, row.height);
  context.fillStyle = colours("ink");
  context.font = "600 12px system-ui, sans-serif";
  context.fillText(row.label, 10, middle);
  const offset = 18 + context.measureText(row.label).width;
  context.fillStyle = colours("quiet");
  context.font = "12px system-ui, sans-serif";
  const on = { iomux: "on iomux", python: "in Python", net: "on node:net" }[header.runs_on];
  const about = `pid ${header.pid}, ${on}, ${header.runtime}`;
  const text = `${shares(row.process, recording)} · ${about}`;
  context.fillText(shortened(context, text, width - offset - 4), offset, middle);
}
