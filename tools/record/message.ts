/** Messages of the tutorial's application protocol. */
import { endianness } from "node:os";

/** One as iomux/protocol's `encode` makes it, which loads the addon: the commands start without. */
export function message(content_type: string, content_encoding: string, content: string): Buffer {
  const bytes = Buffer.from(content);
  const byteorder = endianness() === "LE" ? "little" : "big";
  const header = Buffer.from(
    `{"byteorder": "${byteorder}", "content-type": "${content_type}", ` +
      `"content-encoding": "${content_encoding}", "content-length": ${bytes.length}}`,
  );
  const length = Buffer.alloc(2);
  length.writeUInt16BE(header.length);
  return Buffer.concat([length, header, bytes]);
}

/** A search, as app-client sends it. */
export const SEARCH: Buffer = message(
  "text/json",
  "utf-8",
  '{"action": "search", "value": "morpheus"}',
);
