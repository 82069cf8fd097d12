/** Draws arrows from calls of one program to calls of another. */
import type { Arrow } from "../data/model.ts";
import { AXIS, x_of } from "./draw.ts";
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
  rows_of_lives: ReadonlyMap<number, Row>,
  scrolled: number,
  current: number | null,
): void {
  const { context, recording, view, colours } = paint;
  const { t, d, life } = recording.columns;
  const is_seen = ({ from, to }: Arrow): boolean => {
    const end = t[to] + d[to];
    const is_now = t[from] <= view.to && end >= view.from && end <= paint.hidden_from;
    return is_now && rows_of_lives.has(life[from]) && rows_of_lives.has(life[to]);
  };
  const place = (entry: number, time: number): Place => {
    const { y, height } = rows_of_lives.get(life[entry])!;
    return { x: x_of(paint, time), y: y + height / 2 - scrolled + AXIS };
  };
  const draw_all = (arrows: readonly Arrow[], colour: string, width: number): void => {
    context.strokeStyle = colours(colour);
    context.fillStyle = colours(colour);
    context.lineWidth = width;
    for (const { from, to } of arrows)
      draw(context, place(from, t[from]), place(to, t[to] + d[to]));
  };
  context.save();
  context.beginPath();
  context.rect(paint.gutter, AXIS, paint.width, context.canvas.height);
  context.clip();
  const seen = recording.arrows.filter(is_seen);
  if (seen.length <= MOST) draw_all(seen, "arrow", 1);
  // Once more, over the thin ones.
  if (current !== null) draw_all(recording.arrows_at(current).filter(is_seen), "step", 2);
  context.restore();
}

function draw(context: CanvasRenderingContext2D, from: Place, to: Place): void {
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  context.save();
  context.translate(to.x, to.y);
  context.rotate(Math.atan2(to.y - from.y, to.x - from.x));
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(-7, -3.5);
  context.lineTo(-7, 3.5);
  context.fill();
  context.restore();
}
