import type { Locator, Page } from "playwright-core";
/** The viewer on a phone and on a tablet: what is where, and that nothing is out of reach. */
import { expect, test } from "vitest";

import { as_text, multiconn } from "../support/multiconn-recordings.ts";
import { opened, shows, small, step } from "../support/viewer-page.ts";

async function top_of(locator: Locator): Promise<number> {
  return (await locator.boundingBox())!.y;
}

/** Two programs with sources, of which the second begins later. */
function two(): string {
  return as_text(
    [0, 1].flatMap((process) =>
      Array.from(multiconn({ turns: 6, clients: 1 }), (line) =>
        "t" in line ? { ...line, t: line.t + process * 1000, process } : { ...line, process },
      ),
    ),
  );
}

async function lanes_height(page: Page): Promise<number> {
  return page.locator(".lanes-spacer").evaluate((element) => element.clientHeight);
}

test.each([390, 768])(
  "%i pixels: the sentence, lanes, what was waited for, and the rest in tabs",
  async (width) => {
    const page = await opened([small], { width });
    await shows(step(page), "epoll_wait");
    const parts = [".telling", ".overview", ".lanes", ".transport", ".state-panels", ".side"];
    const tops = await Promise.all(parts.map(async (part) => top_of(page.locator(part))));
    expect(tops).toEqual(tops.toSorted((a, b) => a - b));
    // The first screen of a phone has the answer to why it woke.
    await shows(page.locator(".state-panels"), "a connection waits to be accepted");
    const source = page.getByRole("region", { name: "Source" });
    expect(await source.isVisible()).toBe(false);
    await page.getByRole("tab", { name: "Source" }).click();
    await source.waitFor();
    const row = page.locator(".code .current");
    await row.waitFor();
    const [line, view] = [(await row.boundingBox())!, (await source.boundingBox())!];
    expect(line.y).toBeGreaterThanOrEqual(view.y);
    expect(line.y + line.height).toBeLessThanOrEqual(view.y + view.height);
    const bar = (await page.locator(".transport").boundingBox())!;
    // However far one has scrolled.
    expect(bar.y).toBeGreaterThanOrEqual(0);
    expect(bar.y + bar.height).toBeLessThanOrEqual(800);
  },
);

test("a narrow page has the lanes of one program, that of the step; a wide one all", async () => {
  const page = await opened([{ title: "two", text: two() }], { width: 390 });
  await shows(step(page), "epoll_wait");
  const one = await lanes_height(page);
  const first = await page.locator(".place").textContent();
  await page.keyboard.press("End");
  expect(await page.locator(".place").textContent()).not.toBe(first);
  expect(await lanes_height(page)).toBe(one);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("tab", { name: "Source" }).waitFor({ state: "detached" });
  expect(await lanes_height(page)).toBeGreaterThan(one * 1.8);
  await page.getByRole("region", { name: "Source" }).waitFor();
});
