/** A message arrives byte by byte: when is each of its parts complete? */

import { b, print, repr } from "iomux/builtins";
import { json_decode, json_encode } from "iomux/protocol";
import * as struct from "iomux/struct";

const header = json_encode({ "content-length": 5 }, "utf-8");
const message = b`${struct.pack(">H", header.length)}${header}${b`Hello`}`;

let buffer = b``;
let header_length: number | null = null;
let content_length: number | null = null;
for (let count = 1; count <= message.length; count++) {
  buffer = b`${buffer}${message.subarray(count - 1, count)}`;
  if (header_length === null) {
    if (buffer.length >= 2) {
      [header_length] = struct.unpack(">H", buffer.subarray(0, 2));
      buffer = buffer.subarray(2);
      print(`${count} bytes: the header has ${header_length}`);
    }
  } else if (content_length === null) {
    if (buffer.length >= header_length) {
      const decoded = json_decode(buffer.subarray(0, header_length), "utf-8");
      content_length = (decoded as Map<string, number>).get("content-length")!;
      buffer = buffer.subarray(header_length);
      print(`${count} bytes: the content has ${content_length}`);
    }
  } else if (buffer.length >= content_length) {
    print(`${count} bytes: ${repr(buffer.subarray(0, content_length))}`);
  }
}
