/** The viewer without a mouse: where Tab goes, and that the focus is never lost. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { opened, shows, small, step } from "../support/viewer-page.ts";

const AREAS =
  "header, .tour, .telling, .legend, .zoom, .lanes, .lane-table, .transport, .side, .sources, .state-panels";

/** What has the focus: the class of its area, and its name. */
async function focused(page: Page): Promise<{ area: string; name: string }> {
  return page.locator("iomux-recording").evaluate((element, areas) => {
    const active = element.shadowRoot!.activeElement;
    const area = active?.closest(areas);
    return {
      area: area?.classList[0] ?? area?.localName ?? "",
      name: active?.getAttribute("aria-label") ?? active?.textContent ?? "",
    };
  }, AREAS);
}

/** Presses Tab until what has the focus has this name. */
async function tab_to(page: Page, name: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press("Tab");
    const { name: found } = await focused(page);
    if (typeof name === "string" ? found === name : name.test(found)) return;
  }
  throw new Error(`Tab does not come to ${name}`);
}

test.each([
  [1280, "header tour telling zoom lanes lane-table transport side sources state-panels"],
  [390, "header tour telling legend zoom lanes lane-table transport state-panels side"],
])("%i pixels: Tab goes through the page as one reads it", async (width, order) => {
  const page = await opened([small], { width });
  await shows(step(page), "epoll_wait");
  const areas: string[] = [];
  for (let presses = 0; presses < 200 && areas.at(-1) !== ""; presses++) {
    await page.keyboard.press("Tab");
    const { area } = await focused(page);
    if (areas.at(-1) !== area) areas.push(area);
  }
  expect(areas.filter((area) => area !== "").join(" ")).toBe(order);
});

test("the focus stays where the page changes below it", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  await tab_to(page, "Skip the tour");
  await page.keyboard.press("Enter");
  await tab_to(page, "fd");
  await page.keyboard.press("ArrowRight");
  await shows(step(page), "accept4");
  expect((await focused(page)).area).toBe("telling");
  await tab_to(page, /^<module>/);
  await page.keyboard.press("Enter");
  expect((await focused(page)).name).toMatch(/^<module>/);
  await page.keyboard.press("Home");
  await shows(page.locator(".place"), "call 0");
  expect((await focused(page)).area).toBe("sources");
});

test("questions are answered by Tab and Enter", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  await page.getByRole("tab", { name: /Questions/ }).click();
  await tab_to(page, "Ask me");
  await page.keyboard.press("Enter");
  const choices = page.locator(".choice");
  expect((await focused(page)).name).toBe(await choices.first().textContent());
  await page.keyboard.press("Enter");
  await shows(page.locator(".explanation"), /Right|Wrong/);
  expect((await focused(page)).name).toBe("Next question");
  await page.keyboard.press("Enter");
  expect((await focused(page)).name).toBe(await choices.first().textContent());
});
