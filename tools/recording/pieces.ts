/** Files and texts in pieces: they may be longer than the memory, or than a text can be. */
import { closeSync, openSync, readSync } from "node:fs";

/** How much is read at a time, in bytes. */
const PIECE = 1 << 18;

/** What is in a file; a piece is valid until the next one is asked for. */
export function* pieces_in(path: string): Generator<Buffer> {
  const piece = Buffer.alloc(PIECE);
  const fd = openSync(path, "r");
  try {
    for (;;) {
      const size = readSync(fd, piece, 0, PIECE, null);
      if (size === 0) return;
      yield piece.subarray(0, size);
    }
  } finally {
    closeSync(fd);
  }
}

/** How long a piece that is written is at least, but for the last: short ones take more time than what is in them. */
const LENGTH = 1 << 16;

/** The same text in fewer pieces. */
export function* gathered(pieces: Iterable<string>): Generator<string> {
  let some: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    some.push(piece);
    length += piece.length;
    if (length < LENGTH) continue;
    yield some.join("");
    some = [];
    length = 0;
  }
  yield some.join("");
}
