/** Where recordings come from: files that were opened, and those that lie in the page itself. */

/** A recording that can be read. */
export interface Given {
  readonly title: string;
  /** Its text, in pieces, from the beginning each time. */
  readonly stream: () => ReadableStream<Uint8Array>;
}

/** The type of the scripts that hold a recording: gzip as base64. */
export const EMBEDDED = "application/x-iomux-recording";

/** How much base64 is unpacked at a time: whole groups of four. */
const PIECE = 1 << 20;

/** The recordings in the elements below `root`. */
export function embedded_in(root: HTMLElement): Given[] {
  const scripts = root.querySelectorAll<HTMLScriptElement>(`script[type="${EMBEDDED}"]`);
  return [...scripts].map((script) => ({
    title: script.dataset.title ?? "recording",
    stream: () => unpacked((script.textContent ?? "").trim()),
  }));
}

/** A recording as text. */
export function given_text(title: string, text: string): Given {
  return { title, stream: () => new Blob([text]).stream() };
}

/** Files of the reader's machine. */
export function given_files(files: Iterable<File>): Given[] {
  return [...files].map((file) => ({
    title: file.name.replace(/\.jsonl$/, ""),
    stream: () => file.stream(),
  }));
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
