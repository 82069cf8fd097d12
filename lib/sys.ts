/**
 * What socket programs use of Python's `sys`: the standard files, the arguments, and how to end.
 *
 * https://docs.python.org/3/library/sys.html
 */
import { endianness } from "node:os";
import { relative } from "node:path";

import { type_name } from "./core/repr.ts";
import { reader_of, writer_of } from "./io/standard.ts";
import type { TextIOWrapper } from "./io/text.ts";

/** The program's path from here, as one would type it, then its arguments. Python: `sys.argv`. */
export const argv: string[] = [relative("", process.argv[1] ?? ""), ...process.argv.slice(2)];

/** Which byte of a number this machine puts first: "little" or "big". Python: `sys.byteorder`. */
export const byteorder: "little" | "big" = endianness() === "LE" ? "little" : "big";

/**
 * Standard input as text in UTF-8; its bytes are in `stdin.buffer`. Reading blocks the thread, until there is
 * something or Ctrl-C. Python: `sys.stdin`.
 */
export const stdin: TextIOWrapper = reader_of(0);

/**
 * Standard output as text in UTF-8; its bytes go to `stdout.buffer`. All is written when a call returns, as by
 * `python -u`. Python: `sys.stdout`.
 */
export const stdout: TextIOWrapper = writer_of(1, "strict");

/** Standard error, in the same way. Python: `sys.stderr`. */
export const stderr: TextIOWrapper = writer_of(2, "backslashreplace");

/**
 * Ends the program: with a status, with 0 for null, or with 1 and a message on standard error. Python:
 * `sys.exit`, which is an exception there: here, no `finally` block runs any more.
 */
export function exit(status: number | boolean | string | null = null): never {
  if (typeof status === "string") {
    stderr.write(`${status}\n`);
    process.exit(1);
  }
  if (status !== null && typeof status !== "boolean" && !Number.isInteger(status))
    throw new TypeError(`exit() takes a status, a message or None, not ${type_name(status)}`);
  process.exit(Number(status ?? 0) & 0xff);
}
