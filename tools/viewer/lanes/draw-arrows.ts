/** Draws arrows from calls of one program to calls of another. */
import type { Arrow } from "../data/model.ts";
import { AXIS, GUTTER, x_of } from "./draw.ts";
import type { Paint } from "./draw.ts";
import type { Row } from "./rows.ts";

/** More at a time are a thicket: then only those of the current step are drawn. */
const MOST = 120;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Draws those that can be seen; `current` is the step whose arrows stand out. */
export function draw_arrows(
  paint: Paint,
  rows: readonly Row[],
  scrolled: number,
  current: number | null,
): void {
  const { recording, view, colours } = paint;
  const { t, d } = recording.columns;
  const end = Math.min(view.to, paint.hidden_from);
  const seen = recording.arrows.filter(({ from, to }) => {
    return t[from] <= end && t[to] + d[to] >= view.from && t[to] + d[to] <= paint.hidden_from;
  });
  const ys = new Map(
    rows.flatMap((row) =>
      row.shows === "life"
        ? [[row.lane.index, row.y + row.height / 2 - scrolled + AXIS] as const]
        : [],
    ),
  );
  const place = (entry: number, time: number): Place => {
    return { x: x_of(paint, time), y: ys.get(recording.columns.life[entry]) ?? 0 };
  };
  const is_current = ({ from, to }: Arrow): boolean => from === current || to === current;
  const others = seen.length > MOST ? [] : seen.filter((arrow) => !is_current(arrow));
  for (const [arrows, colour, width] of [
    [others, "arrow", 1],
    [seen.filter(is_current), "step", 2],
  ] as const) {
    for (const { from, to } of arrows) {
      draw(paint, place(from, t[from]), place(to, t[to] + d[to]), colours(colour), width);
    }
  }
}

function draw({ context }: Paint, from: Place, to: Place, colour: string, width: number): void {
  if (Math.max(from.x, to.x) < GUTTER) return;
  context.save();
  context.beginPath();
  context.rect(GUTTER, AXIS, context.canvas.width, context.canvas.height);
  context.clip();
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  const direction = Math.atan2(to.y - from.y, to.x - from.x);
  context.translate(to.x, to.y);
  context.rotate(direction);
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(-7, -3.5);
  context.lineTo(-7, 3.5);
  context.fill();
  context.restore();
}
