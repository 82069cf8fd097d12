/** Wheel, mouse and touch gestures on the lanes. */
import type { TimeRange } from "../stage/time-range.ts";
import { gutter_of } from "./draw.ts";

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

/** A press that moves less is a click. */
const STILL = 4;

/** Moves and zooms `range` by the gestures on `scroller`. */
export function follow_gestures(
  scroller: HTMLElement,
  range: TimeRange,
  handler: PointerHandler,
): void {
  follow_wheel(scroller, range);
  follow_pointers(scroller, range, handler);
  scroller.addEventListener("pointerleave", () => handler.hover(null));
  scroller.addEventListener("dblclick", (event) => {
    range.zoom(4, part_of(scroller, point_of(scroller, event).x));
  });
}

function point_of(scroller: HTMLElement, event: MouseEvent): Point {
  const box = scroller.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function lanes_width(scroller: HTMLElement): number {
  return scroller.clientWidth - gutter_of(scroller.clientWidth);
}

/** A place on the lanes, from 0 at the left to 1. */
function part_of(scroller: HTMLElement, x: number): number {
  return Math.max(0, (x - gutter_of(scroller.clientWidth)) / lanes_width(scroller));
}

/** The wheel scrolls over the labels and zooms over the lanes; a touchpad's pinch is a wheel with Ctrl. */
function follow_wheel(scroller: HTMLElement, range: TimeRange): void {
  const wheel = (event: WheelEvent) => {
    const { x } = point_of(scroller, event);
    if (x < gutter_of(scroller.clientWidth) && !event.ctrlKey) return;
    event.preventDefault();
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (sideways) range.pan((event.deltaX || event.deltaY) / lanes_width(scroller));
    else range.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), part_of(scroller, x));
  };
  scroller.addEventListener("wheel", wheel, { passive: false });
}

/** One pointer clicks or drags, two pinch. */
function follow_pointers(scroller: HTMLElement, range: TimeRange, handler: PointerHandler): void {
  /** The pressed pointers by their numbers, and where each was last. */
  const pressed = new Map<number, Point>();
  let start: Point | null = null;

  scroller.addEventListener("pointerdown", (event) => {
    const at = point_of(scroller, event);
    // The scroll bar is outside of clientWidth.
    if (event.button !== 0 || at.x > scroller.clientWidth) return;
    pressed.set(event.pointerId, at);
    start = pressed.size === 1 ? at : null;
  });

  scroller.addEventListener("pointermove", (event) => {
    const at = point_of(scroller, event);
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
      range.pan((before.x - at.x) / lanes_width(scroller));
      scroller.scrollTop += before.y - at.y;
    } else {
      const apart = Math.max(1, Math.abs(before.x - other.x));
      const factor = Math.max(1, Math.abs(at.x - other.x)) / apart;
      range.zoom(factor, part_of(scroller, (at.x + other.x) / 2));
    }
  });

  scroller.addEventListener("pointerup", (event) => {
    if (pressed.delete(event.pointerId) && start !== null) handler.click(start);
    start = null;
  });

  scroller.addEventListener("pointercancel", (event) => {
    pressed.delete(event.pointerId);
    start = null;
  });
}
