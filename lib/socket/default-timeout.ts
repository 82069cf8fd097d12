/** How long calls of new sockets may wait, and how sockets keep such a timeout. */
import { as_seconds } from "../core/arguments.ts";
import { ValueError } from "../core/exceptions.ts";
import { nanoseconds } from "../core/timeouts.ts";

/** The timeout of new sockets, in nanoseconds; Infinity makes them blocking. */
export let default_timeout = Infinity;

/** The timeout of new sockets in seconds; null (the default) makes them blocking. */
export function getdefaulttimeout(): number | null {
  return to_seconds(default_timeout);
}

/** Sets the timeout of new sockets in seconds; null makes them blocking. Errors as in `settimeout`. */
export function setdefaulttimeout(timeout: number | null): void {
  default_timeout = to_timeout(timeout);
}

/** A timeout as sockets keep it: in whole nanoseconds, Infinity for null. */
export function to_timeout(seconds: number | null): number {
  if (seconds === null) return Infinity;
  const timeout = nanoseconds(as_seconds(seconds));
  if (timeout < 0) throw new ValueError("Timeout value out of range");
  return timeout;
}

/** A kept timeout as Python has it: in seconds, null for Infinity. */
export function to_seconds(timeout: number): number | null {
  return timeout === Infinity ? null : timeout / 1e9;
}
