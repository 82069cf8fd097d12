/** What Python says of arguments that a selector does not take. */
import { KeyError, ValueError } from "../core/exceptions.ts";
import { repr, type_name } from "../core/repr.ts";

export function not_registered(fileobj: unknown): never {
  throw new KeyError(`${repr(fileobj)} is not registered`);
}

/** The error of Python's `not events or events & ~(EVENT_READ | EVENT_WRITE)`. */
export function invalid_events(events: unknown): Error {
  if (Boolean(events) && !Number.isInteger(events) && typeof events !== "bigint") {
    return new TypeError(`unsupported operand type(s) for &: '${type_name(events)}' and 'int'`);
  }
  return new ValueError(`Invalid events: ${repr(events)}`);
}

/** What Python can compare with 0. NaN and the infinities pass: `ceil` raises for them. */
export function as_timeout(timeout: unknown): number {
  if (typeof timeout === "number") return timeout;
  if (typeof timeout === "bigint" || typeof timeout === "boolean") return Number(timeout);
  throw new TypeError(`'<=' not supported between instances of '${type_name(timeout)}' and 'int'`);
}
