/** A long text in pieces, as it is written. */

/** How long a piece is at least, but for the last: short ones take more time than what is in them. */
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
