/**
 * Timeouts in Python's arithmetic: seconds become whole nanoseconds, then whole milliseconds, each
 * rounded up, so that a call waits just as long as CPython's.
 */
import { OverflowError, ValueError } from "./exceptions.ts";

const INT_MAX = 2 ** 31 - 1;

/**
 * A time in nanoseconds, rounded away from zero; `in_one` is the length of its unit. ValueError for
 * NaN, OverflowError past 292 years.
 */
export function nanoseconds(time: number, in_one: number = 1e9): number {
  if (Number.isNaN(time)) throw new ValueError("Invalid value NaN (not a number)");
  const exact = time * in_one;
  const rounded = exact < 0 ? Math.floor(exact) : Math.ceil(exact);
  if (Math.abs(rounded) < 2 ** 63) return rounded;
  throw new OverflowError("timestamp out of range for platform time_t");
}

/** Python's `math.ceil`, which raises for NaN and infinities. */
export function ceil(value: number): number {
  if (Number.isNaN(value)) throw new ValueError("cannot convert float NaN to integer");
  if (!Number.isFinite(value)) {
    throw new OverflowError("cannot convert float infinity to integer");
  }
  return Math.ceil(value);
}

/** The milliseconds for a poll whose caller retries: INT_MAX at most. */
export function clamped_milliseconds(milliseconds: number): number {
  return Math.min(Math.ceil(milliseconds), INT_MAX);
}

/** The milliseconds for a poll that must wait that long. OverflowError past 24.8 days. */
export function exact_milliseconds(milliseconds: number): number {
  const rounded = Math.ceil(milliseconds);
  if (rounded * 1e6 >= 2 ** 63) {
    throw new OverflowError("timestamp too large to convert to C PyTime_t");
  }
  if (rounded > INT_MAX) throw new OverflowError("timeout is too large");
  return rounded;
}
