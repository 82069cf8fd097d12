/** The viewer's page in one browser for all tests of a file: how to open it, and what it shows. */
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished } from "vitest";

import { launch } from "../../tools/browser.ts";
import { page as page_of } from "../../tools/recording/page.ts";
import { build_viewer } from "../../tools/viewer/build.ts";
import { cover, covers_children } from "./coverage.ts";
import { as_text, multiconn } from "./multiconn-recordings.ts";
import { has, needs } from "./tools.ts";

export let browser: Browser;
let template: string;
export const folder: string = mkdtempSync(join(tmpdir(), "iomux-viewer-"));

beforeAll(async () => {
  if (!has("Chromium")) return;
  [browser, template] = await Promise.all([
    launch(),
    build_viewer(covers_children).then(({ html }) => html),
  ]);
});

beforeEach(() => needs("Chromium"));

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

export interface TitledRecording {
  readonly title: string;
  readonly text: string;
}

export const small: TitledRecording = {
  title: "multiconn-server",
  text: as_text(multiconn({ turns: 12, clients: 2 })),
};

/** Opens a page with recordings in it. At the end of the test it must have complained of nothing. */
export async function opened(
  recordings: readonly TitledRecording[],
  { colorScheme, width = 1280 }: { colorScheme?: "light" | "dark"; width?: number } = {},
): Promise<Page> {
  const file = join(folder, `${expect.getState().currentTestName?.replaceAll(/\W+/g, "-")}.html`);
  const parts = recordings.map(({ title, text }) => ({ title, text: [text] }));
  await writeFile(file, page_of(template, "A <test> & more", parts));
  const page = await browser.newPage({
    viewport: { width, height: 800 },
    colorScheme: colorScheme ?? "light",
  });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!/^(?:file|data):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
  });
  onTestFinished(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });
  await cover(page);
  await page.goto(`file://${file}`);
  return page;
}

export function step(page: Page): Locator {
  return page.locator(".step-call");
}

export function selected(page: Page): Locator {
  return page.getByRole("option", { selected: true });
}

/** Waits until a text is there: the page shows it in its own time. */
export async function shows(locator: Locator, text: string | RegExp): Promise<void> {
  await locator.filter({ hasText: text }).first().waitFor();
}

/** How many pixels of the lanes have a colour of the style sheet, by its name. */
export async function painted(page: Page, name: string): Promise<number> {
  const canvas = page.locator(".lanes canvas").first();
  await settled(canvas);
  return canvas.evaluate((element: HTMLCanvasElement, property) => {
    const colour = getComputedStyle(element).getPropertyValue(property);
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    // From a copy, as Chromium complains of reading one that it has moved to the graphics card.
    const copy = new OffscreenCanvas(element.width, element.height).getContext("2d", {
      willReadFrequently: true,
    })!;
    copy.drawImage(element, 0, 0);
    const { data } = copy.getImageData(0, 0, element.width, element.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) count++;
    }
    return count;
  }, `--${name}`);
}

/** What a canvas shows after the frames that were asked for. */
export async function settled(canvas: Locator): Promise<string> {
  return canvas.evaluate(async (element) => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    return (element as HTMLCanvasElement).toDataURL();
  });
}
