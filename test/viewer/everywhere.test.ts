/** What the viewer is for, at four widths and in both themes: with two programs that ran, and side by side. */
import { expect, test } from "vitest";

import type { Line } from "../../lib/trace/recording.ts";
import { as_text, multiconn } from "../support/multiconn-recordings.ts";
import { reserve } from "../support/ports.ts";
import { traced } from "../support/recorded-scenes.ts";
import { opened, painted, shows, small, step } from "../support/viewer-page.ts";
import type { TitledRecording } from "../support/viewer-page.ts";

let both: Promise<TitledRecording> | undefined;

async function recorded(): Promise<TitledRecording> {
  const where = ["127.0.0.1", String(await reserve())];
  const scripts = "build-test/scripts";
  const client = [`${scripts}/multiconn-client.js`, ...where, "1"];
  const lines: readonly Line[] = await traced(
    "--why",
    `${scripts}/multiconn-server.js`,
    ...where,
    "--",
    ...client,
  );
  return { title: "both", text: as_text(lines) };
}

const themes = ["light", "dark"] as const;
const places = [390, 768, 1024, 1440].flatMap((width) =>
  themes.map((colorScheme) => ({ width, colorScheme })),
);

test.each(places)("two programs, $width pixels, $colorScheme", async (place) => {
  both ??= recorded();
  const page = await opened([await both], place);
  // A sentence says what the step is, and why the program woke; so do words beside the masks.
  const sentence = page.locator(".telling");
  await shows(sentence, "It woke because a connection waits to be accepted");
  await shows(page.locator(".state-panels"), "a connection waits to be accepted");
  // A call as its man page has it.
  await shows(step(page), /^epoll_wait\(\d+, \[\{events=EPOLLIN, data=.*\}\], \d+, -1\) = 1$/);
  // The recorder's share has a look and a figure of its own, and the time that is shown is summed up.
  expect(await painted(page, "recorder")).toBeGreaterThan(0);
  await shows(
    page.locator(".totals"),
    /multiconn-server\.js: \d+ system calls, \d+ bytes received/,
  );
  await page.getByText("Lanes as a table").click();
  const table = page.getByRole("region", { name: "Lanes as a table" });
  await shows(table, /multiconn-server\.js: asleep \d+ %, running \d+ %, recorder \d+ %/);
  await page.getByText("Lanes as a table").click();
  // The search finds calls by name; a connect that is under way is no failure, and leads to an accept.
  await page.getByRole("searchbox", { name: "Filter the log" }).fill("connect");
  await shows(page.locator(".found"), "1 line");
  await page.getByRole("option", { name: /^1? ?connect\(/ }).click();
  await page.locator(".step-call.not-now").waitFor();
  const way = page.getByRole("button", { name: /^Go to call \d+ of multiconn-server/ });
  await way.click();
  await shows(step(page), "accept4(");
  await shows(sentence, "accepted");
  await page.getByRole("button", { name: "Next step in this program" }).click();
  await shows(page.locator(".place"), "multiconn-server.js");
  // A question hides what comes, wherever its panel is.
  await page.getByRole("tab", { name: /^Questions/ }).click();
  await page.getByRole("button", { name: "Ask me" }).click();
  await shows(step(page), "= ?");
  await page.locator(".choices").getByRole("button").first().click();
  await shows(page.locator(".explanation"), /^(?:Right|Wrong)\. ./);
  const content = page.locator(".content");
  expect(await content.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
});

test.each(places)("side by side, $width pixels, $colorScheme", async (place) => {
  const poll = as_text(multiconn({ turns: 12, clients: 2, by: "poll" }));
  const page = await opened([small, { title: "poll", text: poll }], place);
  const differs = page.getByRole("region", { name: "What differs" });
  await shows(differs.getByRole("row"), "Descriptors handed to the kernel");
  await page.getByRole("button", { name: "Open alone: poll" }).click();
  await shows(step(page), "poll(");
});
