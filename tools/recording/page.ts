/** Puts recordings into a page of the viewer: one file, that shows them wherever it is opened. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { html_text } from "../html.ts";

const packed = promisify(gzip);

/**
 * The page `template`, as tools/viewer/build.ts makes it, with these recordings, JSON Lines, in it. What is in
 * them cannot get out of its place: they are packed into base64, and their titles are escaped.
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
  // Functions, because in a string "$&" would mean something.
  return template
    .replace("<!-- title -->", () => html_text(title))
    .replace("<!-- recordings -->", () => scripts.join("\n"));
}
