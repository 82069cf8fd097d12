import { named } from "../core/exceptions.ts";
import { repr } from "../core/repr.ts";

/** A value or bytes do not fit a format, or the format is none. Python: `struct.error`. */
export class error extends Error {
  /** `error('...')`, as the class is called in Python's module. */
  __repr__(): string {
    return `error(${repr(this.message)})`;
  }
}
named(error, "struct.error");
