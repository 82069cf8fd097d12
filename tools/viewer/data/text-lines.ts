/** The lines of a file as bytes: a million strings would take too much memory, and few are ever read. */

/** An address is the number of a block times this, plus the offset in the block. */
const BLOCK = 2 ** 32;

const decoder = new TextDecoder();

/** Keeps blocks of lines, and returns a line by its address and size. */
export class TextLines {
  readonly #blocks: Uint8Array[] = [];

  /** Keeps a block, and returns the address of its first byte. */
  keep(bytes: Uint8Array): number {
    this.#blocks.push(bytes);
    return (this.#blocks.length - 1) * BLOCK;
  }

  text(address: number, size: number): string {
    const start = address % BLOCK;
    return decoder.decode(this.#blocks[Math.floor(address / BLOCK)].subarray(start, start + size));
  }
}

/** Cuts a stream into blocks of whole lines; the last line may be cut off. */
export async function* blocks_of(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array[] = [];
  const reader = stream.getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) break;
    const end = value.lastIndexOf(10) + 1;
    if (end > 0) {
      yield joined([...rest, value.subarray(0, end)]);
      rest = [];
    }
    if (end < value.length) rest.push(value.slice(end));
  }
  if (rest.length > 0) yield joined(rest);
}

/** The lines of a block with their line breaks, and the positions of their bytes. */
export function* lines_of(
  block: Uint8Array,
): Generator<{ readonly text: string; readonly start: number; readonly size: number }> {
  const text = decoder.decode(block);
  let from = 0;
  let start = 0;
  while (start < block.length) {
    const newline = block.indexOf(10, start);
    const end = newline === -1 ? block.length : newline + 1;
    const text_end = newline === -1 ? text.length : text.indexOf("\n", from) + 1;
    yield { text: text.slice(from, text_end), start, size: end - start };
    from = text_end;
    start = end;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
