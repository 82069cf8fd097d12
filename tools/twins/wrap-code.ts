/**
 * Wraps lines of code between words, before a dot, after a bracket or a comma, and elsewhere only if
 * nothing else fits. wrap-ansi breaks at spaces only, and would cut names in a narrow column anywhere.
 */
import width_of from "string-width";

import type { Piece } from "../source/highlight.ts";

/** White space, or what stays on one line. */
const chunks = /\s+|\.?[^\s.,([{]+[,([{]*|\S/gu;

/** Wraps a line at `width` columns; all lines but the first are indented by `hang` more. */
export function wrap_code(
  pieces: readonly Piece[],
  width: number,
  hang: number,
): readonly (readonly Piece[])[] {
  const plain = pieces.map(({ text }) => text).join("");
  const indent = plain.length - plain.trimStart().length;
  const cuts = [indent];
  const room = () => width - indent - (cuts.length === 1 ? 0 : hang);
  let end = indent;
  for (const [text] of plain.slice(indent).matchAll(chunks)) {
    const begin = cuts.at(-1)!;
    const fits = width_of(plain.slice(begin, end + text.length).trimEnd()) <= room();
    if (!fits && end > begin) cuts.push(end);
    end += text.length;
    // Too long for any line.
    while (width_of(plain.slice(cuts.at(-1), end).trim()) > room()) {
      let size = 1;
      const cut = cuts.at(-1)!;
      while (width_of(plain.slice(cut, cut + size + 1)) <= room()) size++;
      cuts.push(cut + size);
    }
  }
  return cuts.map((cut, index) => {
    const margin = indent + (index === 0 ? 0 : hang);
    return slice(pieces, cut, cuts[index + 1] ?? plain.length, margin);
  });
}

/** The part of a line between two places, without the space around it, after a margin. */
function slice(pieces: readonly Piece[], begin: number, end: number, margin: number): Piece[] {
  const found: Piece[] = [{ kind: "", text: " ".repeat(margin) }];
  let at = 0;
  for (const { kind, text } of pieces) {
    const part = text.slice(Math.max(0, begin - at), Math.max(0, end - at));
    if (part !== "") found.push({ kind, text: found.length === 1 ? part.trimStart() : part });
    at += text.length;
  }
  const last = found.at(-1)!;
  if (found.length > 1) found[found.length - 1] = { ...last, text: last.text.trimEnd() };
  return found;
}
