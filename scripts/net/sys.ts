/** What the programs beside this file use of Python's `sys` module; those on iomux have it from iomux/sys. */
import { endianness } from "node:os";
import { relative } from "node:path";

/** The program as one would type it from here, then its arguments. */
export const argv: string[] = [relative("", process.argv[1]), ...process.argv.slice(2)];

/** "little" or "big": which byte of a number this machine puts first. */
export const byteorder: string = endianness() === "LE" ? "little" : "big";

/** Ends the program with a status. */
export function exit(status: number): never {
  process.exit(status);
}
