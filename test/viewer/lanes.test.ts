/** The viewer's lanes of time, its looks, and a recording of a million calls. */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Call, Line } from "../../lib/trace/recording.ts";
import { as_text, multiconn } from "../support/multiconn-recordings.ts";
import {
  folder,
  opened,
  painted,
  selected,
  settled,
  shows,
  small,
  step,
} from "../support/viewer-page.ts";

test("a click on a lane goes to the call there, the pointer over it tells of it", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  await page
    .getByRole("option", { name: /^accept4/ })
    .first()
    .click();
  await page.keyboard.press("z");
  const lanes = page.getByRole("region", { name: "Lanes" });
  const box = (await lanes.boundingBox())!;
  // Along the lane of the listener, from the left: what the tooltip says of the first call is where a click goes.
  const tooltip = page.locator(".tooltip");
  const y = box.y + 24 + 28 + 28 + 19 + 18 + 22 * 1.5;
  let x = box.x + 240;
  while (x < box.x + box.width && !(await tooltip.isVisible())) {
    await page.mouse.move(x, y);
    x += 3;
  }
  await shows(tooltip, "accept4(4");
  await shows(tooltip, "accept_wrapper");
  await page.keyboard.press("ArrowRight");
  await shows(step(page), "epoll_ctl");
  await page.mouse.down();
  await page.mouse.up();
  await shows(step(page), "accept4(4");
});

test("lanes can be read as a table", async () => {
  const page = await opened([small]);
  const image = page.getByRole("img", { name: /Lanes of time/ });
  expect(await image.getAttribute("aria-label")).toContain("12 wake-ups");
  await page.getByText("Lanes as a table").click();
  const row = page.getByRole("row", { name: /fd 5 · 127\.0\.0\.1:50000/ });
  await shows(row, "multiconn-server.ts");
  await shows(page.getByRole("columnheader"), "Not now");
  // A descriptor is there when the call that makes it returns.
  const calls = [...multiconn({ turns: 12, clients: 2 })].filter((line) => line.kind === "call");
  const { t, d } = calls.find(({ name }) => name === "accept4")!;
  const made = ((t + d) / 1e9).toFixed(6);
  await shows(row.getByRole("cell"), `${made.slice(0, -3)} ${made.slice(-3)} s`);
});

test("the time of each program is divided between sleep, itself and the recorder", async () => {
  const lines = Array.from(multiconn({ turns: 12, clients: 2 }), (line) =>
    line.kind === "end" ? { ...line, overhead: { calls: 40, ns: line.t / 100 } } : line,
  );
  const page = await opened([{ title: "recorded", text: as_text(lines) }]);
  await page.getByText("Lanes as a table").click();
  const table = page.getByRole("region", { name: "Lanes as a table" });
  await shows(table, /multiconn-server\.ts: asleep [1-9]\d? %, running [1-9]\d? %, recorder 1 %\./);
});

async function running_and_held(title: string, some: readonly Line[]) {
  const page = await opened([{ title, text: as_text(some) }]);
  await shows(step(page), "epoll_wait");
  return { grey: await painted(page, "recorder"), running: await painted(page, "running") };
}

test("what the recorder takes is grey, and as wide as it was long", async () => {
  const lines = [...multiconn({ turns: 12, clients: 2 })];
  const held = (overhead: (line: Call, until: number) => [number, number]) => {
    let until = 0;
    return lines.map((line) => {
      if (line.kind !== "call") return line;
      const free = Math.max(0, line.t - until);
      until = line.t + line.d;
      return { ...line, overhead: overhead(line, free) };
    });
  };
  const alone = await running_and_held("alone", lines);
  expect(alone.grey).toBe(0);
  const half = await running_and_held(
    "half",
    held((_, free) => [free / 4, free / 4].map(Math.floor) as [number, number]),
  );
  const all = await running_and_held(
    "all",
    held((_, free) => [free, 0]),
  );
  expect(half.grey).toBeGreaterThan(0);
  expect(all.grey / half.grey).toBeGreaterThan(1.6);
  expect(half.running).toBeLessThan(alone.running);
  expect(half.grey + half.running).toBeLessThanOrEqual(alone.running + alone.grey + 20);
});

test("handlers that ran without a call are there", async () => {
  const lines = [...multiconn({ turns: 12, clients: 2 })];
  const turn_without_calls = (is_ready: boolean) =>
    lines.flatMap((line) => {
      if (line.kind !== "call" || line.loop !== 6) return [line];
      if (line.wake === undefined) return [];
      return [is_ready ? line : { ...line, wake: { ...line.wake, ready: [], selected: [] } }];
    });
  const handlers_of = async (title: string, is_ready: boolean) => {
    const page = await opened([{ title, text: as_text(turn_without_calls(is_ready)) }]);
    await shows(step(page), "epoll_wait");
    for (let wake = 1; wake < 6; wake++) await page.keyboard.press("Shift+ArrowRight");
    await shows(page.locator(".about"), "turn 6");
    await page.keyboard.press("z");
    return painted(page, "handler");
  };
  expect(await handlers_of("ready", true)).toBeGreaterThan(
    (await handlers_of("idle", false)) + 1000,
  );
});

test("EAGAIN, EINPROGRESS and EINTR do not look like failures, nor count as such", async () => {
  const lines = Array.from(multiconn({ turns: 12, clients: 2 }), (line) => {
    if (line.kind !== "call" || line.name !== "close") return line;
    return { ...line, result: null, errno: "EIO" };
  });
  const page = await opened([{ title: "failing", text: as_text(lines) }]);
  await shows(step(page), "epoll_wait");
  const colour_of = async (errno: string): Promise<string> => {
    await page.getByRole("searchbox", { name: "Filter the log" }).fill(errno);
    const option = page.getByRole("option", { name: errno }).first();
    await option.click();
    await shows(step(page), errno);
    const colours = await Promise.all(
      [option.locator(".text"), step(page)].map((one) =>
        one.evaluate((element) => getComputedStyle(element).color),
      ),
    );
    expect(new Set(colours).size).toBe(1);
    return colours[0];
  };
  const failed = await colour_of("EIO");
  const refused = await colour_of("EAGAIN");
  expect(refused).not.toBe(failed);
  await page.getByText("Lanes as a table").click();
  const row = page.getByRole("row", { name: /fd 5 · 127\.0\.0\.1:50000/ });
  // The table is filled after it has opened.
  await row.waitFor();
  const cells = await row.getByRole("cell").allTextContents();
  // Made, closed, calls, reads, writes, not now, failed.
  expect(cells.slice(-2)).toEqual(["4", "1"]);
});

test("zoom and pan change what is drawn, and Fit undoes it", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  const canvas = page.locator(".lanes canvas");
  const all = await settled(canvas);
  await page.keyboard.press("+");
  const nearer = await settled(canvas);
  expect(nearer).not.toBe(all);
  const box = (await canvas.boundingBox())!;
  await page.mouse.move(box.x + 700, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 500, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.mouse.move(0, 0);
  const moved = await settled(canvas);
  expect(moved).not.toBe(nearer);
  await page.mouse.move(box.x + 700, box.y + 60);
  await page.mouse.wheel(0, -300);
  await page.mouse.move(0, 0);
  expect(await settled(canvas)).not.toBe(moved);
  await page.getByRole("button", { name: "Fit: show all" }).click();
  expect(await settled(canvas)).toBe(all);
});

test("the strip above the lanes chooses a part of the time, and what was done in it is summed up", async () => {
  const lines = [...multiconn({ turns: 12, clients: 2 })];
  const sum = (from: number, to: number) => {
    const calls = lines.filter(
      (line) => line.kind === "call" && line.t >= from && line.t < to && line.syscall !== undefined,
    ) as Call[];
    const moved = (act: RegExp) =>
      calls.reduce((all, { name, bytes = 0 }) => all + (act.test(name) ? bytes : 0), 0);
    return (
      `${calls.length} system calls, ${moved(/^recv/)} bytes received, ` +
      `${moved(/^send/)} bytes sent, asleep `
    );
  };
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  const totals = page.locator(".totals");
  await shows(totals, sum(0, Infinity));
  const strip = page.getByRole("img", { name: "The whole time" });
  const { x, y, width } = (await strip.boundingBox())!;
  const drag = async (from: number, to: number) => {
    await page.mouse.move(x + width * from, y + 10);
    await page.mouse.down();
    await page.mouse.move(x + width * to, y + 10, { steps: 4 });
    await page.mouse.up();
  };
  // Without folds, places are times.
  await page.keyboard.press("f");
  const until = Math.max(...lines.map((line) => ("t" in line ? line.t : 0)));
  await drag(0.85, 0.6);
  await shows(totals, sum(until * 0.6, until * 0.85));
  // Inside of the part, a drag moves it.
  await drag(0.7, 0.4);
  await shows(totals, sum(until * 0.3, until * 0.55));
  // At its edge, a drag moves the edge.
  await drag(0.55, 0.3625);
  await shows(totals, sum(until * 0.3, until * 0.3625));
  // A click moves it there.
  await page.mouse.click(x + width * 0.77, y + 10);
  await shows(totals, sum(until * 0.74, until * 0.8));
  await page.keyboard.press("0");
  await shows(totals, sum(0, Infinity));
});

test("long sleeps are folded, and unfolded on demand", async () => {
  // A minute asleep before the first client comes.
  const late = Array.from(multiconn({ turns: 12, clients: 2 }), (line) => {
    if (line.kind === "call" && line.loop === 1 && line.wake !== undefined)
      line = { ...line, d: 6e10 };
    return "t" in line && line.t > 30_000 ? { ...line, t: line.t + 6e10 } : line;
  });
  const page = await opened([{ title: "late", text: as_text(late) }]);
  const fold = page.getByRole("button", { name: "Fold sleeps" });
  await shows(step(page), "epoll_wait");
  expect(await fold.getAttribute("aria-pressed")).toBe("true");
  const canvas = page.locator(".lanes canvas");
  const folded = await settled(canvas);
  await page.keyboard.press("f");
  expect(await fold.getAttribute("aria-pressed")).toBe("false");
  expect(await settled(canvas)).not.toBe(folded);
  await fold.click();
  await page.mouse.move(0, 0);
  expect(await settled(canvas)).toBe(folded);
});

/** The lines of a short recording as those of a process among others, a microsecond after the one before it. */
function process_lines(process: number): Line[] {
  return Array.from(multiconn({ turns: 6, clients: 1 }), (line) =>
    "t" in line ? { ...line, t: line.t + process * 1000, process } : { ...line, process },
  );
}

test("several processes of one recording each have their lanes and their steps", async () => {
  const text = as_text([0, 1].flatMap(process_lines));
  const page = await opened([{ title: "both", text }]);
  await shows(step(page), "epoll_wait");
  await page.keyboard.press("Home");
  await shows(page.locator(".place"), "multiconn-server.ts, call 0");
  await page.keyboard.press("ArrowRight");
  await shows(step(page), "epoll_create1");
  await page.getByText("Lanes as a table").click();
  const rows = page.getByRole("row", { name: /fd 3 · epoll/ });
  // The table is filled after it has opened.
  await rows.nth(1).waitFor();
  expect(await rows.count()).toBe(2);
});

test("light and dark follow the system, and turn by a button", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await opened([small], { colorScheme });
    await shows(step(page), "epoll_wait");
    const viewer = page.locator(".viewer");
    const ground = () => viewer.evaluate((element) => getComputedStyle(element).backgroundColor);
    const before = await ground();
    expect(before).toBe(colorScheme === "light" ? "rgb(252, 251, 248)" : "rgb(22, 24, 29)");
    const drawn = await settled(page.locator(".lanes canvas"));
    await page.getByRole("button", { name: "Light or dark" }).click();
    expect(await ground()).not.toBe(before);
    expect(await settled(page.locator(".lanes canvas"))).not.toBe(drawn);
  }
});

test.each([390, 700, 768, 1024, 1440])("it fits into %i pixels", async (width) => {
  const page = await opened([small], { width });
  await shows(step(page), "epoll_wait");
  const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBe(0);
  const content = page.locator(".content");
  expect(await content.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  for (const button of await page.getByRole("button").all()) {
    const { x, width: own } = (await button.boundingBox())!;
    expect(x + own).toBeLessThanOrEqual(width);
  }
});

test("a million calls open, zoom, pan and step", async () => {
  const file = join(folder, "million.jsonl");
  let calls = 0;
  let part = "";
  for (const line of multiconn({ turns: 252_000, clients: 2000 })) {
    if (line.kind === "call") calls++;
    part += `${JSON.stringify(line)}\n`;
    if (part.length > 4_000_000 || line.kind === "end") {
      writeFileSync(file, part, { flag: "a" });
      part = "";
    }
  }
  expect(calls).toBeGreaterThan(1_000_000);
  expect(statSync(file).size).toBeGreaterThan(100_000_000);
  const page = await opened([]);
  page.setDefaultTimeout(250_000);
  await page.getByLabel("Recordings to open").setInputFiles(file);
  await shows(step(page), "epoll_wait");
  const canvas = page.locator(".lanes canvas");
  const all = await settled(canvas);
  const box = (await canvas.boundingBox())!;
  await page.mouse.move(box.x + 700, box.y + 60);
  for (let turn = 0; turn < 6; turn++) await page.mouse.wheel(0, -400);
  expect(await settled(canvas)).not.toBe(all);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.press("End");
  await shows(selected(page), "EAGAIN");
  await shows(page.locator(".place"), "of 1,0");
  await page.keyboard.press("Shift+ArrowLeft");
  await shows(step(page), "epoll_wait");
  expect(await selected(page).isVisible()).toBe(true);
}, 300_000);
