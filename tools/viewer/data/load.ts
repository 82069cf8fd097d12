/** Reads a recording a slice at a time, so that the page stays responsive. */
import { indexed } from "./index-lines.ts";
import type { IndexedRecording } from "./model.ts";
import { Reader } from "./reader.ts";
import { blocks_of, lines_of } from "./text-lines.ts";
import { yield_to_browser } from "./yield-to-browser.ts";

/** How long to read before yielding to the browser, in milliseconds. */
const SLICE = 14;

/** Reads `stream`, and calls `progress` with the number of lines and bytes so far. Throws BadRecording. */
export async function load(
  title: string,
  stream: ReadableStream<Uint8Array>,
  progress: (lines: number, bytes: number) => void,
): Promise<IndexedRecording> {
  const reader = new Reader(title);
  let bytes = 0;
  let pause = performance.now() + SLICE;
  for await (const block of blocks_of(stream)) {
    const address = reader.text.keep(block);
    for (const { text, start, size } of lines_of(block)) {
      reader.read(text, address + start, size);
      if (performance.now() > pause) {
        progress(reader.count, bytes + start + size);
        await yield_to_browser();
        pause = performance.now() + SLICE;
      }
    }
    bytes += block.length;
  }
  reader.end();
  return indexed(reader);
}
