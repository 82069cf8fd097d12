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

/** See `BaseSelector.select_async`. */
export async function wait<Event>(
  selector: Waitable<Event>,
  timeout: number | null,
  signal: AbortSignal | undefined,
): Promise<Event[]> {
  const milliseconds = to_milliseconds(timeout);
  signal?.throwIfAborted();
  if (waits.has(selector)) throw new RuntimeError("select_async() waits on this selector already");
  const fd = descriptor_of(selector);
  await new Promise<void>((resolve, reject) => {
    const watch = native.watch_start(fd, true, () => {
      settle(resolve);
    });
    if (watch < 0) throw os_error(watch);
    const cancel = after(milliseconds, () => {
      settle(resolve);
    });
    const abort = (): void => {
      fail(signal?.reason);
    };
    signal?.addEventListener("abort", abort);
    const settle = (outcome: () => void): void => {
      native.watch_stop(watch);
      cancel();
      signal?.removeEventListener("abort", abort);
      waits.delete(selector);
      outcome();
    };
    const fail = (error: unknown): void => {
      settle(() => {
        reject(error);
      });
    };
    waits.set(selector, fail);
  });
  return selector.select(0);
}

/** Ends the wait of a selector that is about to be closed. */
export function end_wait(selector: object): void {
  waits.get(selector)?.(new ValueError("I/O operation on closed selector"));
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
function after(milliseconds: number, call: () => void): () => void {
  if (milliseconds === Infinity) return () => {};
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
