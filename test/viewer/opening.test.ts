/** What the viewer opens: several recordings, files, broken ones, and where it can be put. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { with_link } from "../../tools/recording/page.ts";
import { build_viewer } from "../../tools/viewer/build.ts";
import { as_text, multiconn } from "../support/multiconn-recordings.ts";
import { browser, folder, small, opened, step, shows } from "../support/viewer-page.ts";

test("several recordings stand side by side, with what differs, and open alone", async () => {
  const recordings = (["epoll", "poll", "select"] as const).map((by) => ({
    title: `server-${by}`,
    text: as_text(multiconn({ turns: 12, clients: 2, by })),
  }));
  const page = await opened(recordings);
  const table = page.getByRole("region", { name: "Differences" });
  const cells = (name: string) =>
    table
      .getByRole("row", { name: new RegExp(`^${name} [\\d–]`) })
      .getByRole("cell")
      .allTextContents();
  await shows(table, "Wake-ups");
  expect(await cells("Wake-ups")).toEqual(["12", "12", "12"]);
  expect(await cells("epoll_ctl")).toEqual(["2", "0", "0"]);
  // poll and select get all of them in each of twelve waits: the listener, and mostly a connection.
  expect(await cells("Descriptors handed to the kernel")).toEqual(["2", "22", "22"]);
  const differences = page.getByRole("region", { name: "What differs" });
  const first = page.getByRole("region", { name: "server-epoll", exact: true });
  const [above, below] = [(await differences.boundingBox())!, (await first.boundingBox())!];
  expect(above.y + above.height).toBeLessThanOrEqual(below.y);
  expect(await cells("pselect6")).toEqual(["0", "0", "12"]);
  const calls = (await cells("System calls")).map(Number);
  // The epoll descriptor was made before the first socket, and is closed by no call here.
  expect(calls[0] - calls[1]).toBe(2);
  expect(await page.getByRole("region", { name: /^server-/ }).count()).toBe(3);
  await page.getByRole("button", { name: "Open alone: server-poll" }).click();
  await shows(step(page), "poll(");
  await page.getByRole("button", { name: "Side by side" }).click();
  await shows(table, "Wake-ups");
});

test("side by side, what came before the idle connections were there is cut off", async () => {
  const lines = [...multiconn({ turns: 12, clients: 2 })];
  const calls = lines.filter((line) => line.kind === "call");
  const socket = calls.findIndex(({ syscall }) => syscall === "socket");
  expect(socket).toBeGreaterThan(0);
  const middle = calls[Math.floor(calls.length / 2)];
  const idle = {
    kind: "fault",
    t: middle.t,
    name: "idle",
    text: "2 idle connections opened",
  } as const;
  const marked = lines.flatMap((line) => (line === middle ? [idle, line] : [line]));
  const page = await opened([
    { title: "whole", text: as_text(lines) },
    { title: "idle", text: as_text(marked) },
  ]);
  const made = (from: number) =>
    String(calls.slice(from).filter(({ syscall }) => syscall !== undefined).length);
  const row = page.getByRole("row", { name: "System calls" }).first();
  await row.waitFor();
  expect(await row.getByRole("cell").allTextContents()).toEqual([
    made(socket),
    made(calls.indexOf(middle)),
  ]);
  // It is no fault, and does not look like one.
  await page.getByRole("button", { name: "idle", exact: true }).click();
  await page.getByRole("searchbox", { name: "Filter the log" }).fill("idle connections");
  await page.getByRole("option", { name: /^2 idle connections opened/ }).waitFor();
});

test("files are opened by the button, several at once", async () => {
  const page = await opened([]);
  await shows(page.getByRole("heading"), "Nothing is open");
  const files = ["epoll", "poll"].map((by) => {
    const file = join(folder, `dropped-${by}.jsonl`);
    writeFileSync(file, as_text(multiconn({ turns: 5, clients: 1, by: by as "epoll" | "poll" })));
    return file;
  });
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open recordings" }).click();
  await (await chooser).setFiles(files);
  await page.getByRole("button", { name: "dropped-poll", exact: true }).click();
  await shows(step(page), "poll(");
});

test("a file that is dropped on the page is opened", async () => {
  const page = await opened([]);
  await shows(page.getByRole("heading"), "Nothing is open");
  const data = await page.evaluateHandle(
    `(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(small.text)}], "dropped.jsonl")); return data; })()`,
  );
  await page.locator(".content").dispatchEvent("drop", { dataTransfer: data });
  await shows(step(page), "epoll_wait");
  await page.getByRole("button", { name: "dropped" }).waitFor();
});

test("a recording that was cut off is shown as far as it goes", async () => {
  const page = await opened([{ title: "killed", text: small.text.slice(0, -200) }]);
  await shows(
    page.locator(".notices"),
    /killed was cut off in line \d+: only the lines before it are shown\./,
  );
  await shows(page.locator(".notices"), "The end of multiconn-server.ts is missing");
  await shows(step(page), "epoll_wait");
});

test.for([
  ["a foreign file", '{"name": "iomux"}\n', /is not an iomux recording/],
  ["no JSON at all", "#!/bin/sh\n", /is not an iomux recording/],
  ["another version", small.text.replace('"version":1', '"version":7'), /a version 7 recording/],
  ["an empty file", "", /is empty/],
  ["a recording without a call", `${small.text.split("\n")[0]}\n`, /no call to show: multiconn/],
] as const)("says what is wrong with %s", async ([, text, message]) => {
  const page = await opened([{ title: "given.jsonl", text }]);
  await shows(page.locator(".notices"), message);
  await shows(page.getByRole("heading"), "Nothing is open");
});

test("a title and a program cannot break out of the page", async () => {
  const text = small.text.replaceAll(
    "Listening on",
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>",
  );
  const page = await opened([{ title: `"><script>alert(3)</script>`, text }]);
  await shows(page.getByRole("navigation"), `"><script>alert(3)</script>`);
  await shows(page.getByRole("option"), "</script><script>alert(1)");
  expect(await page.locator("img").count()).toBe(0);
});

test("the viewer can be put into an element of another page", async () => {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const { script } = await build_viewer();
  await page.setContent("<h1>Theirs</h1><div id=here></div>");
  await page.addScriptTag({ content: script });
  const given = JSON.stringify([small]);
  await page.evaluate(`iomux_viewer.mount(document.getElementById("here"), ${given})`);
  await shows(step(page), "epoll_wait");
  // Keys that are pressed elsewhere on that page are not for the viewer.
  await page.keyboard.press("ArrowRight");
  await page.getByRole("option", { name: /^bind/ }).click();
  await page.getByRole("listbox").press("ArrowRight");
  await shows(step(page), "listen");
});

test("a tour of four sentences is there the first time, and can be skipped", async () => {
  const page = await opened([small]);
  const tour = page.getByRole("complementary", { name: "Tour" });
  await shows(tour, "1 of 4");
  const marked = page.locator(".toured");
  const seen: string[] = [];
  for (let stop = 1; stop <= 4; stop++) {
    await shows(tour, `${stop} of 4`);
    expect(await marked.count()).toBe(1);
    seen.push((await marked.getAttribute("class"))!);
    await tour.getByRole("button", { name: stop === 4 ? "Done" : "Next" }).click();
  }
  expect(new Set(seen).size).toBe(4);
  await tour.waitFor({ state: "detached" });
  expect(await marked.count()).toBe(0);
  await page.reload();
  await shows(step(page), "epoll_wait");
  expect(await tour.count()).toBe(0);

  const other = await opened([small]);
  await other.getByRole("button", { name: "Skip the tour" }).click();
  await other.reload();
  await shows(step(other), "epoll_wait");
  expect(await other.getByRole("complementary", { name: "Tour" }).count()).toBe(0);
});

test("while a long recording is read, a bar grows and the page is there; keys act when it is shown", async () => {
  const text = as_text(multiconn({ turns: 10_000, clients: 20 }));
  const page = await opened([{ title: "long", text }]);
  await page.addInitScript(() => {
    const seen: [number, number][] = [];
    Object.assign(globalThis, { seen });
    const look = (): void => {
      const root = document.querySelector("iomux-recording")?.shadowRoot;
      const bar = root?.querySelector("progress");
      if (bar) seen.push([bar.value, bar.max]);
    };
    setInterval(look, 1);
    addEventListener("DOMContentLoaded", () => {
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "End" }));
    });
  });
  await page.reload();
  const place = page.locator(".place");
  await shows(place, "call ");
  const [, call, calls] = /call (\S+) of (\S+)/.exec((await place.textContent())!)!;
  expect(Number(call.replaceAll(",", "")) + 1).toBe(Number(calls.replaceAll(",", "")));
  const seen = await page.evaluate(
    () => (globalThis as unknown as { seen: [number, number][] }).seen,
  );
  const values = seen.map(([value]) => value);
  expect(values.length).toBeGreaterThan(2);
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(new Set(seen.map(([, max]) => max))).toEqual(new Set([Buffer.byteLength(text)]));
  expect(await page.locator("progress").count()).toBe(0);
});

test("the page beside the script opens recordings as well", async () => {
  const { script, template } = await build_viewer();
  writeFileSync(join(folder, "viewer.js"), script);
  writeFileSync(join(folder, "viewer.html"), with_link(template, "viewer.js"));
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(`file://${join(folder, "viewer.html")}`);
  await shows(page.getByRole("heading"), "Nothing is open");
  const file = join(folder, "beside.jsonl");
  writeFileSync(file, small.text);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open recordings" }).click();
  await (await chooser).setFiles(file);
  await shows(step(page), "epoll_wait");
});
