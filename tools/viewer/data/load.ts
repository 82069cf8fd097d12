/** Reads a recording, a little at a time, so that the page goes on answering meanwhile. */
import { indexed } from "./index-lines.ts";
import type { IndexedRecording } from "./model.ts";
import { Reader } from "./reader.ts";
import { blocks_of, lines_of } from "./text-lines.ts";
import { yield_to_browser } from "./yield-to-browser.ts";

/** How long reading goes on before the page may answer again, in milliseconds. */
const SLICE = 14;

/** Reads `stream`; `progress` is told how many lines there are so far. Throws BadRecording. */
export async function load(
  title: string,
  stream: ReadableStream<Uint8Array>,
  progress: (lines: number) => void,
): Promise<IndexedRecording> {
  const reader = new Reader(title);
  let pause = performance.now() + SLICE;
  for await (const block of blocks_of(stream)) {
    const address = reader.text.keep(block);
    for (const { text, start, size } of lines_of(block)) {
      reader.read(text, address + start, size);
      if (performance.now() > pause) {
        progress(reader.count);
        await yield_to_browser();
        pause = performance.now() + SLICE;
      }
    }
  }
  reader.end();
  return indexed(reader);
}
