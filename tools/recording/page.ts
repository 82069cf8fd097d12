/** Makes a page of the viewer that contains recordings: one file that works wherever it is opened. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import { html_text } from "../html.ts";
import { gathered } from "./pieces.ts";

/** A recording's title, and its JSON Lines in pieces. */
export interface PageRecording {
  readonly title: string;
  readonly text: Iterable<string>;
}

/** The page tools/viewer/page.html with the viewer's script in it: one file, which allows no script from elsewhere. */
export function with_script(template: string, script: string): string {
  return filled(template, "'unsafe-inline'", `<script>\n${script}\n</script>`);
}

/** The same page, for the folder that the script is in. */
export function with_link(template: string, script: string): string {
  return filled(template, "'self' file:", `<script src="${script}"></script>`);
}

function filled(template: string, allowed: string, element: string): string {
  // A function, because in a string "$&" has a special meaning.
  return template
    .replace("<!-- script-src -->", () => allowed)
    .replace("<!-- script -->", () => element);
}

/**
 * Fills the page `template`, which has the viewer's script, with recordings, and returns it in pieces.
 * Their content cannot break out of its element: it is gzipped and base64-encoded, and the titles are
 * escaped.
 */
export async function* page(
  template: string,
  title: string,
  recordings: readonly PageRecording[],
): AsyncGenerator<string> {
  const [before, after] = template.split("<!-- recordings -->");
  // A function, because in a string "$&" has a special meaning.
  yield before.replace("<!-- title -->", () => html_text(title));
  for (const { title: own, text } of recordings) {
    yield `<script type="application/x-iomux-recording" data-title="${html_text(own)}">`;
    yield* packed(text);
    yield "</script>\n";
  }
  yield after;
}

/** A text gzipped, in base64. */
async function* packed(text: Iterable<string>): AsyncGenerator<string> {
  const gzip = createGzip();
  // What fails in there is thrown to whoever reads from it.
  pipeline(Readable.from(gathered(text)), gzip).catch(() => {});
  let rest = Buffer.alloc(0);
  for await (const piece of gzip as AsyncIterable<Buffer>) {
    const all = Buffer.concat([rest, piece]);
    // Base64 has four characters for three bytes.
    const whole = all.length - (all.length % 3);
    yield all.toString("base64", 0, whole);
    rest = all.subarray(whole);
  }
  yield rest.toString("base64");
}
