/** What the readiness calls share: how long to wait, and what comes back. */
import { as_seconds } from "../core/arguments.ts";
import { ValueError } from "../core/exceptions.ts";
import { tuple, type_name } from "../core/repr.ts";
import { exact_milliseconds, nanoseconds } from "../core/timeouts.ts";

/** The milliseconds that poll and epoll wait, -1 forever. `unit` is that of `timeout`, in nanoseconds. */
export function to_milliseconds(timeout: unknown, unit: number): number {
  if (timeout === null) return -1;
  if (!is_time(timeout)) throw new TypeError("timeout must be an integer or None");
  const whole = nanoseconds(as_seconds(timeout), unit);
  return whole < 0 ? -1 : exact_milliseconds(whole / 1e6);
}

/** The microseconds that select waits, -1 forever. */
export function to_microseconds(timeout: unknown): number {
  if (timeout === null) return -1;
  if (!is_time(timeout)) throw new TypeError("timeout must be a float or None");
  const whole = nanoseconds(as_seconds(timeout));
  if (whole < 0) throw new ValueError("timeout must be non-negative");
  // The addon takes exact integers: at most 285 years.
  return Math.min(Math.ceil(whole / 1e3), Number.MAX_SAFE_INTEGER);
}

/** The nanoseconds that kqueue waits, -1 forever. */
export function to_nanoseconds(timeout: unknown): number {
  if (timeout === null) return -1;
  let whole: number;
  try {
    whole = nanoseconds(as_seconds(timeout));
  } catch {
    // CPython says this of every bad timeout, NaN too.
    throw new TypeError(`timeout argument must be a number or None, got ${type_name(timeout)}`);
  }
  if (whole < 0) throw new ValueError("timeout must be positive or None");
  // The addon takes exact integers: at most 104 days, which Python can exceed.
  return Math.min(whole, Number.MAX_SAFE_INTEGER);
}

function is_time(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
}

/** The pairs that poll or epoll has left in `ready`, as Python's list of tuples. */
export function pairs(ready: Int32Array, n: number): (readonly [fd: number, events: number])[] {
  return Array.from({ length: n }, (_, index) => tuple([ready[2 * index], ready[2 * index + 1]]));
}
