/** Splits source text into pieces by syntax, for highlighting. */
import python from "highlight.js/lib/languages/python";
import typescript from "highlight.js/lib/languages/typescript";
import { createLowlight } from "lowlight";

import type { Language } from "./tokens.ts";

const lowlight = createLowlight({ python, typescript });

/** A piece of a line, and its scope in highlight.js: "keyword", "title function_", "" for none. */
export interface Piece {
  readonly kind: string;
  readonly text: string;
}

/** The pieces of each line. A comment of several lines is a comment in each of them. */
export function highlighted(text: string, language: Language): readonly (readonly Piece[])[] {
  const lines: Piece[][] = [[]];
  const add = (node: Node, kind: string): void => {
    if (node.type === "element") {
      const names = node.properties.className as readonly string[];
      const own = names.join(" ").replaceAll("hljs-", "");
      for (const child of node.children) add(child, own);
    } else if (node.type === "text") {
      for (const [index, part] of node.value.split("\n").entries()) {
        if (index > 0) lines.push([]);
        if (part !== "") lines.at(-1)!.push({ kind, text: part });
      }
    }
  };
  for (const node of lowlight.highlight(language, text).children) add(node, "");
  // No line follows the last line break.
  if (text.endsWith("\n")) lines.pop();
  return lines;
}

type Node = ReturnType<typeof lowlight.highlight>["children"][number];
