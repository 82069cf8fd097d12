/** Where the viewer gets recordings from: files that the user opens, and scripts in the page. */

/** A recording to load. */
export interface RecordingInput {
  readonly title: string;
  /** How many bytes its text has. */
  readonly size: number;
  /** Its text, from the beginning at each call. */
  readonly stream: () => ReadableStream<Uint8Array>;
}

/** The type of a script that holds a recording, as base64 of gzip. */
const EMBEDDED = "application/x-iomux-recording";

/** How much base64 to decode at a time: a multiple of four. */
const PIECE = 1 << 20;

/** The recordings in the elements below `root`. */
export function inputs_in(root: HTMLElement): RecordingInput[] {
  const scripts = root.querySelectorAll<HTMLScriptElement>(`script[type="${EMBEDDED}"]`);
  return [...scripts].map((script) => {
    const text = (script.textContent ?? "").trim();
    const title = script.dataset.title ?? "recording";
    return { title, size: unpacked_size(text), stream: () => unpacked(text) };
  });
}

export function input_from_text(title: string, text: string): RecordingInput {
  const blob = new Blob([text]);
  return { title, size: blob.size, stream: () => blob.stream() };
}

export function inputs_from_files(files: Iterable<File>): RecordingInput[] {
  return [...files].map((file) => ({
    title: file.name.replace(/\.jsonl$/, ""),
    size: file.size,
    stream: () => file.stream(),
  }));
}

/** gzip ends with the size of what it holds, which is 0 here if it is cut off. RFC 1952 */
function unpacked_size(base64: string): number {
  const end = atob(base64.slice(-8));
  const bytes = Uint8Array.from(end, (character) => character.codePointAt(0) ?? 0);
  return bytes.length < 4 ? 0 : new DataView(bytes.buffer).getUint32(bytes.length - 4, true);
}

function unpacked(base64: string): ReadableStream<Uint8Array> {
  let at = 0;
  const packed = new ReadableStream<BufferSource>({
    pull(controller) {
      if (at >= base64.length) {
        controller.close();
        return;
      }
      const text = atob(base64.slice(at, at + PIECE));
      at += PIECE;
      const bytes = new Uint8Array(text.length);
      for (let index = 0; index < text.length; index++) bytes[index] = text.codePointAt(index) ?? 0;
      controller.enqueue(bytes);
    },
  });
  return packed.pipeThrough(new DecompressionStream("gzip"));
}
