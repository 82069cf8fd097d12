/** Is content-length the number of characters? */

import { bytes, print, repr } from "iomux/builtins";

const text = "套接字 🐰";
// JavaScript's own length counts UTF-16 units: 6.
const length = Array.from(text).length;
print(`characters: ${length}`);
print(`bytes in UTF-8: ${bytes(text, "utf-8").length}`);
print(`cut at the number of characters: ${repr(bytes(text, "utf-8").subarray(0, length))}`);
