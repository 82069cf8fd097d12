/** The number 258 in two bytes: which comes first? */

import { print, repr } from "iomux/builtins";
import * as struct from "iomux/struct";

print(`big endian, as networks have it: ${repr(struct.pack(">H", 258))}`);
print(`little endian, as most CPUs have it: ${repr(struct.pack("<H", 258))}`);
print(`read the wrong way round: ${struct.unpack("<H", struct.pack(">H", 258))[0]}`);
