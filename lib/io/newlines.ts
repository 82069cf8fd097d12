/** How lines of text end, and where: Python's universal newlines. */
import type { IncrementalDecoder } from "../core/codecs.ts";
import { tuple } from "../core/repr.ts";

/** null and "" stand for all three; null makes each of them "\n". */
export type Newline = "" | "\n" | "\r" | "\r\n" | null;

/** The end of the first line; -1 if it has not arrived. */
export function end_of_line(text: string, newline: Newline): number {
  if (newline === "") {
    const found = text.match(/\r\n?|\n/);
    return found === null ? -1 : (found.index as number) + found[0].length;
  }
  const end = newline ?? "\n";
  const at = text.indexOf(end);
  return at < 0 ? -1 : at + end.length;
}

/** The line ends, in the order in which Python lists them. */
const all_newlines = ["\r", "\n", "\r\n"];

/** Decodes, and keeps "\r\n" in one piece. Python: `io.IncrementalNewlineDecoder`. */
export class NewlineDecoder {
  readonly #decoder: IncrementalDecoder;
  readonly #newline: Newline;
  readonly #seen = new Set<string>();
  /** Whether the last character was a "\r" whose "\n" may still come. */
  #pending = false;

  constructor(decoder: IncrementalDecoder, newline: Newline) {
    this.#decoder = decoder;
    this.#newline = newline;
  }

  decode(data: Buffer, final: boolean): string {
    let text = this.#decoder.decode(data, final);
    // Any other newline is looked for as it is.
    if (this.#newline !== null && this.#newline !== "") return text;
    if (this.#pending && (final || text !== "")) {
      text = `\r${text}`;
      this.#pending = false;
    }
    if (!final && text.endsWith("\r")) {
      text = text.slice(0, -1);
      this.#pending = true;
    }
    if (text.includes("\r")) {
      for (const [newline] of text.matchAll(/\r\n?|\n/g)) this.#seen.add(newline);
      return this.#newline === null ? text.replaceAll(/\r\n?/g, "\n") : text;
    }
    if (text.includes("\n")) this.#seen.add("\n");
    return text;
  }

  reset(): void {
    this.#decoder.reset();
    this.#seen.clear();
    this.#pending = false;
  }

  get newlines(): string | readonly string[] | null {
    const seen = all_newlines.filter((newline) => this.#seen.has(newline));
    return seen.length < 2 ? (seen[0] ?? null) : tuple(seen);
  }
}
