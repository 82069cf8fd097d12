/** What does a whole message look like, byte by byte? */

import { b, bytes, print } from "iomux/builtins";
import { json_encode } from "iomux/protocol";
import * as struct from "iomux/struct";

const content = bytes("套接字", "utf-8");
const header = json_encode({ "content-length": content.length }, "utf-8");
const message = b`${struct.pack(">H", header.length)}${header}${content}`;
print(message.subarray(0, 2));
print(message.subarray(2, 2 + header.length));
print(message.subarray(2 + header.length));
