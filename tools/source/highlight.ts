/** Source text in the pieces that are coloured differently. */
import hljs from "highlight.js/lib/core";
import python from "highlight.js/lib/languages/python";
import typescript from "highlight.js/lib/languages/typescript";

import type { Language } from "./tokens.ts";

hljs.registerLanguage("python", python);
hljs.registerLanguage("typescript", typescript);

/** A piece of a line, and what highlight.js takes it for: "keyword", "title function_", "" for nothing. */
export interface Piece {
  readonly kind: string;
  readonly text: string;
}

const entities: ReadonlyMap<string, string> = new Map([
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&#x27;", "'"],
  ["&amp;", "&"],
]);

/** The pieces of each line. A comment over several lines is a comment in each of them. */
export function highlighted(text: string, language: Language): readonly (readonly Piece[])[] {
  const lines: Piece[][] = [[]];
  // What highlight.js writes is spans inside each other, and text.
  const open: string[] = [];
  for (const [tag, kind] of hljs
    .highlight(text, { language, ignoreIllegals: true })
    .value.matchAll(/<span class="([^"]*)">|<\/span>|[^<]+/g)) {
    if (kind !== undefined) open.push(kind.replaceAll("hljs-", ""));
    else if (tag === "</span>") open.pop();
    else {
      const plain = tag.replaceAll(/&[^;]+;/g, (entity) => entities.get(entity) ?? entity);
      const [first, ...rest] = plain
        .split("\n")
        .map((part) => ({ kind: open.at(-1) ?? "", text: part }));
      lines.at(-1)!.push(first);
      for (const piece of rest) lines.push([piece]);
    }
  }
  // Behind the last line break is no line.
  if (text.endsWith("\n")) lines.pop();
  return lines.map((line) => line.filter((piece) => piece.text !== ""));
}
