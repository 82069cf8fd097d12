/**
 * Waits for a selector in Node's event loop, which watches the selector's descriptor: it can be
 * read when something is ready.
 */
import { os_error, RuntimeError, ValueError } from "../core/exceptions.ts";
import { type_name } from "../core/repr.ts";
import { ceil, exact_milliseconds } from "../core/timeouts.ts";
import { native } from "../native.ts";

/** Any selector, not only this package's. */
interface Waitable<Event> {
  select(timeout: number): Event[];
}

/** How to end the wait of each selector that waits. */
const waits = new WeakMap<object, (error: unknown) => void>();

/** What the event loop watches for a selector, for one wait: over once what was ready is dealt with. */
interface Watch {
  readonly fd: number;
  readonly number: number;
  found: () => void;
}

/** The last watch of each selector. */
const watches = new WeakMap<object, Watch>();

/** Calls back when a selector's descriptor can be read; returns the number of the watch. */
function watch(selector: object, fd: number, found: () => void): number {
  const last = watches.get(selector);
  // A loop that waits again as soon as it has dealt with what was ready keeps its watch: a new one
  // would cost more than all the rest.
  if (last?.fd === fd && native.watch_again(last.number) === 0) {
    last.found = found;
    return last.number;
  }
  const number = native.watch_start(fd, true, true, () => {
    made.found();
  });
  if (number < 0) throw os_error(number);
  const made: Watch = { fd, number, found };
  watches.set(selector, made);
  return number;
}

/**
 * See `BaseSelector.select_async`. `keeps_watch`: one watch may serve several waits, as the selector's
 * descriptor is closed by `close`, after `end_wait`, and by nobody else.
 */
export async function wait<Event>(
  selector: Waitable<Event>,
  timeout: number | null,
  signal: AbortSignal | undefined,
  keeps_watch: boolean,
): Promise<Event[]> {
  return new Promise((resolve, reject) => {
    const milliseconds = to_milliseconds(timeout);
    signal?.throwIfAborted();
    if (waits.has(selector)) {
      throw new RuntimeError("select_async() waits on this selector already");
    }
    const end = (): void => {
      cancel?.();
      signal?.removeEventListener("abort", abort);
      waits.delete(selector);
    };
    const fail = (error: unknown): void => {
      end();
      native.watch_stop(number);
      reject(error);
    };
    const abort = (): void => {
      fail(signal?.reason);
    };
    const look = (): void => {
      end();
      if (!keeps_watch) native.watch_stop(number);
      try {
        resolve(selector.select(0));
      } catch (error) {
        reject(error);
      }
    };
    const number = watch(selector, descriptor_of(selector), look);
    const cancel = after(milliseconds, () => {
      native.watch_stop(number);
      look();
    });
    signal?.addEventListener("abort", abort);
    waits.set(selector, fail);
  });
}

/** Ends the wait of a selector that is about to be closed, and the watch that the next would take up. */
export function end_wait(selector: object): void {
  waits.get(selector)?.(new ValueError("I/O operation on closed selector"));
  const last = watches.get(selector);
  if (last !== undefined) native.watch_stop(last.number);
}

function to_milliseconds(timeout: unknown): number {
  if (timeout === null) return Infinity;
  if (typeof timeout === "number")
    return timeout <= 0 ? 0 : exact_milliseconds(ceil(timeout * 1e3));
  throw new TypeError(`timeout must be a number or None, not ${type_name(timeout)}`);
}

function descriptor_of(selector: object): number {
  if ("fileno" in selector && typeof selector.fileno === "function") return selector.fileno();
  throw new RuntimeError(
    `${selector.constructor.name} has no descriptor that Node's event loop could watch: ` +
      "use DefaultSelector, or select()",
  );
}

/** Calls back after a timeout; returns a function that cancels it. */
function after(milliseconds: number, call: () => void): (() => void) | undefined {
  if (milliseconds === Infinity) return undefined;
  if (milliseconds === 0) {
    const immediate = setImmediate(call);
    return () => {
      clearImmediate(immediate);
    };
  }
  const timer = setTimeout(call, milliseconds);
  return () => {
    clearTimeout(timer);
  };
}
