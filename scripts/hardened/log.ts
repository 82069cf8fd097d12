/** Says what happens, but not more than anybody reads. */
import { print } from "iomux/builtins";

import { now } from "./deadlines.ts";

const LINES_A_SECOND = 100;
const LONGEST = 300;

let second = 0;
let lines = 0;

/**
 * Prints a line. The tutorial prints what arrives: a peer could fill the disk, or keep the program
 * writing. So lines have a length, a second has so many of them, and those left out are counted.
 */
export function log(text: string) {
  const this_second = Math.floor(now());
  if (this_second > second) {
    if (lines > LINES_A_SECOND) print(`(${lines - LINES_A_SECOND} lines left out)`);
    second = this_second;
    lines = 0;
  }
  lines++;
  if (lines > LINES_A_SECOND) return;
  print(text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
}
