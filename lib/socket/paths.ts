/** Paths of AF_UNIX: bytes for the system, text for the program. */
import { encode_text } from "../core/codecs.ts";

/**
 * Python's os.fsencode: a lone surrogate U+DC80..U+DCFF stands for the byte 0x80..0xff of a path
 * that is not UTF-8.
 */
export function fsencode(path: string): Buffer {
  if (path.isWellFormed()) return Buffer.from(path);
  // Other lone surrogates cannot be encoded.
  encode_text(path.replaceAll(/[\udc80-\udcff]/gu, "?"), "utf-8");
  const parts = Array.from(path, (character) => {
    const code = character.codePointAt(0)!;
    return code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(character);
  });
  return Buffer.concat(parts);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Python's os.fsdecode: bytes that are not UTF-8 become lone surrogates. */
export function fsdecode(path: Buffer): string {
  try {
    return utf8.decode(path);
  } catch {
    return decode_escaping(path);
  }
}

function decode_escaping(path: Buffer): string {
  let text = "";
  for (let start = 0; start < path.length;) {
    const length = sequence_length(path, start);
    if (length === 0) text += String.fromCharCode(0xdc00 + path[start]);
    else text += path.toString("utf8", start, start + length);
    start += length || 1;
  }
  return text;
}

/** How many bytes the UTF-8 sequence at `start` has, 0 when there is none. */
function sequence_length(bytes: Buffer, start: number): number {
  for (let length = 1; length <= 4 && start + length <= bytes.length; length++) {
    try {
      utf8.decode(bytes.subarray(start, start + length));
      return length;
    } catch {
      // Not a whole sequence with this length.
    }
  }
  return 0;
}
