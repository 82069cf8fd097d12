/** Bytes as Python prints them, without the quotes: the format of a recording's `data`. */

const escapes = new Map([
  [9, "\\t"],
  [10, "\\n"],
  [13, "\\r"],
  [92, "\\\\"],
]);

/** The bytes as text: "Hello\\r\\n\\x00". */
export function to_python(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const is_printable = byte >= 0x20 && byte < 0x7f;
    text +=
      escapes.get(byte) ??
      (is_printable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`);
  }
  return text;
}

/** The bytes of such a text. */
export function from_python(text: string): Uint8Array {
  const numbers: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13 };
  const bytes: number[] = [];
  for (const [part, hex, other] of text.matchAll(/\\x([\da-f]{2})|\\(.)|[^\\]/gs)) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else
      bytes.push(
        other === undefined ? part.charCodeAt(0) : (numbers[other] ?? other.charCodeAt(0)),
      );
  }
  return Uint8Array.from(bytes);
}
