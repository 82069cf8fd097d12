/** Makes a page of the viewer that contains recordings: one file that works wherever it is opened. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { html_text } from "../html.ts";

const packed = promisify(gzip);

/**
 * Fills the page `template`, which tools/viewer/build.ts makes, with recordings in JSON Lines. Their content
 * cannot break out of its element: it is gzipped and base64-encoded, and the titles are escaped.
 */
export async function page(
  template: string,
  title: string,
  recordings: readonly { readonly title: string; readonly text: string | Uint8Array }[],
): Promise<string> {
  const scripts = await Promise.all(
    recordings.map(async (recording) => {
      const base64 = (await packed(recording.text)).toString("base64");
      const name = html_text(recording.title);
      return `<script type="application/x-iomux-recording" data-title="${name}">${base64}</script>`;
    }),
  );
  // Functions, because in a string "$&" has a special meaning.
  return template
    .replace("<!-- title -->", () => html_text(title))
    .replace("<!-- recordings -->", () => scripts.join("\n"));
}
