/** Wheel, mouse and fingers on the lanes. */
import type { TimeRange } from "../stage/time-range.ts";
import { GUTTER } from "./draw.ts";

/** A point, in pixels from the top left of the visible lanes. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What the pointer does: `hover` is called with null when it leaves. */
export interface PointerHandler {
  click(point: Point): void;
  hover(point: Point | null): void;
}

/** A press must move as far as this to be no click. */
const STILL = 4;

/** Moves and zooms `range` as the user does it on `scroller`. */
export function follow_gestures(
  scroller: HTMLElement,
  range: TimeRange,
  handler: PointerHandler,
): void {
  const width = () => scroller.clientWidth - GUTTER;
  const point_of = (event: MouseEvent): Point => {
    const box = scroller.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  /** Where on the lanes, between 0 and 1. */
  const part = (x: number) => Math.max(0, (x - GUTTER) / width());

  // Over the names the wheel scrolls, over the lanes it zooms. A pad's pinch is a wheel with the control key.
  const wheel = (event: WheelEvent) => {
    const { x } = point_of(event);
    if (x < GUTTER && !event.ctrlKey) return;
    event.preventDefault();
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (sideways) range.pan((event.deltaX || event.deltaY) / width());
    else range.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), part(x));
  };

  /** The pointers that are pressed, by their numbers: where each was last. */
  const pressed = new Map<number, Point>();
  let start: Point | null = null;

  const down = (event: PointerEvent) => {
    const at = point_of(event);
    // Beyond is the scroll bar.
    if (event.button !== 0 || at.x > scroller.clientWidth) return;
    pressed.set(event.pointerId, at);
    start = pressed.size === 1 ? at : null;
  };

  const move = (event: PointerEvent) => {
    const at = point_of(event);
    const before = pressed.get(event.pointerId);
    if (before === undefined) {
      handler.hover(at);
      return;
    }
    if (start !== null && Math.hypot(at.x - start.x, at.y - start.y) < STILL) return;
    start = null;
    handler.hover(null);
    scroller.setPointerCapture(event.pointerId);
    pressed.set(event.pointerId, at);
    const other = [...pressed].find(([number]) => number !== event.pointerId)?.[1];
    if (other === undefined) {
      range.pan((before.x - at.x) / width());
      scroller.scrollTop += before.y - at.y;
    } else {
      const apart = Math.max(1, Math.abs(before.x - other.x));
      range.zoom(Math.max(1, Math.abs(at.x - other.x)) / apart, part((at.x + other.x) / 2));
    }
  };

  const up = (event: PointerEvent) => {
    if (pressed.delete(event.pointerId) && start !== null) handler.click(start);
    start = null;
  };
  const cancel = (event: PointerEvent) => {
    pressed.delete(event.pointerId);
    start = null;
  };

  scroller.addEventListener("wheel", wheel, { passive: false });
  scroller.addEventListener("pointerdown", down);
  scroller.addEventListener("pointermove", move);
  scroller.addEventListener("pointerup", up);
  scroller.addEventListener("pointercancel", cancel);
  scroller.addEventListener("pointerleave", () => handler.hover(null));
  scroller.addEventListener("dblclick", (event) => range.zoom(4, part(point_of(event).x)));
}
