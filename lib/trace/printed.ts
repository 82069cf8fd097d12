/** How much of what a program prints is recorded. */

/** A recording keeps the first 16 MiB: whoever reads it sees no more, and it must not fill the disk. */
const MOST = 16 * 2 ** 20;

/** What a recording has of one text. */
export interface Kept {
  readonly text: string;
  /** Whether its end is left out, and everything that is printed later. */
  readonly cut?: true;
}

/** What a program has printed, up to a limit. */
export class Printed {
  #left = MOST;
  /** How much is left out: characters of texts, bytes of others. */
  omitted = 0;

  /** What to record of the next text; nothing after one that was cut. */
  keep(data: string | NodeJS.ArrayBufferView): Kept | null {
    const size = typeof data === "string" ? data.length : data.byteLength;
    const kept = Math.min(size, this.#left);
    const is_first = this.omitted === 0;
    this.#left -= kept;
    this.omitted += size - kept;
    if (this.omitted > 0 && !is_first) return null;
    const text =
      typeof data === "string"
        ? data.slice(0, kept)
        : Buffer.from(data.buffer, data.byteOffset, kept).toString();
    return this.omitted > 0 ? { text, cut: true } : { text };
  }
}
