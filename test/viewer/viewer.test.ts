/** The viewer's page in a real browser: what is seen, read out, clicked and typed. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import type { Line } from "../../lib/trace/recording.ts";
import { page as page_of } from "../../tools/recording/page.ts";
import { build_viewer } from "../../tools/viewer/build.ts";
import { launch } from "../support/browser.ts";
import { as_text, multiconn } from "../support/multiconn-recordings.ts";
import { reserve } from "../support/ports.ts";
import { traced } from "../support/recorded-scenes.ts";

let browser: Browser;
let template: string;
const folder = mkdtempSync(join(tmpdir(), "iomux-viewer-"));

beforeAll(async () => {
  [browser, template] = await Promise.all([launch(), build_viewer().then(({ html }) => html)]);
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Recording {
  readonly title: string;
  readonly text: string;
}

const small: Recording = {
  title: "multiconn-server",
  text: as_text(multiconn({ turns: 12, clients: 2 })),
};

/** Opens a page with recordings in it. At the end of the test it must have complained of nothing. */
async function opened(
  recordings: readonly Recording[],
  { colorScheme, width = 1280 }: { colorScheme?: "light" | "dark"; width?: number } = {},
): Promise<Page> {
  const file = join(folder, `${expect.getState().currentTestName?.replaceAll(/\W+/g, "-")}.html`);
  writeFileSync(file, await page_of(template, "A <test> & more", recordings));
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
  await page.goto(`file://${file}`);
  return page;
}

function step(page: Page): Locator {
  return page.locator(".step-call");
}

function selected(page: Page): Locator {
  return page.getByRole("option", { selected: true });
}

/** Waits until a text is there: the page shows it in its own time. */
async function shows(locator: Locator, text: string | RegExp): Promise<void> {
  await locator.filter({ hasText: text }).first().waitFor();
}

test("an embedded recording opens at its first system call, with the program's text in both languages", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_create1() = 3");
  expect(await page.title()).toBe("A <test> & more");
  await page.keyboard.press("Shift+ArrowRight");
  const row = page.locator(".code .current");
  await shows(row, "const events = sel.select(null);");
  await shows(row, "events = sel.select(timeout=None)");
  expect(await row.isVisible()).toBe(true);
  await shows(page.getByRole("list", { name: "Call stack" }), "<module>");
});

test("steps by keys: calls, wake-ups, both ends", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_create1");
  for (const key of ["ArrowRight", "j", "ArrowRight"]) await page.keyboard.press(key);
  await shows(step(page), "listen(4, 128) = 0");
  await page.keyboard.press("k");
  await shows(step(page), 'bind(4, ("127.0.0.1", 65432)) = 0');
  await page.keyboard.press("Shift+ArrowRight");
  await shows(step(page), "epoll_wait(3, 8, -1) = 1");
  await shows(page.locator(".about"), "turn 1 of the loop");
  await page.keyboard.press("Shift+ArrowRight");
  await shows(page.locator(".about"), "turn 2 of the loop");
  await page.keyboard.press("Shift+ArrowLeft");
  await shows(page.locator(".about"), "turn 1 of the loop");
  await page.keyboard.press("End");
  await shows(step(page), "= -1 EAGAIN");
  await page.keyboard.press("ArrowRight");
  await shows(step(page), "= -1 EAGAIN");
  await page.keyboard.press("Home");
  await shows(step(page), "epoll_create1");
});

test("the keys are told by ?, and by a button", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_create1");
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await shows(keys, "next wake-up");
  await page.keyboard.press("Escape");
  await keys.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Keys" }).click();
  await keys.getByRole("button", { name: "Close" }).click();
  await keys.waitFor({ state: "hidden" });
});

test("a wake-up shows what was asked for beside what was ready, and why", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_create1");
  const sets = page.getByRole("region", { name: "Interest and ready" });
  await shows(sets, "Before the first wake-up");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  const row = sets.getByRole("row", { name: "fd 5" });
  await shows(row, "127.0.0.1:50000");
  await shows(row.getByRole("cell").nth(0), "READ WRITE");
  await shows(row.getByRole("cell").nth(1), "POLLIN|POLLOUT");
  await shows(row.getByRole("cell").nth(2), "READ WRITE");
  await shows(sets, "ESTABLISHED");
  await shows(sets.getByRole("row", { name: "fd 4" }), "listener");
  // The interest set is the same in the next wake-ups, and is not said again there.
  for (let turn = 0; turn < 3; turn++) await page.keyboard.press("Shift+ArrowRight");
  await shows(sets.getByRole("row", { name: "fd 5" }).getByRole("cell").nth(0), "READ WRITE");
});

test("watched buffers are as full as they were at the step", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_create1");
  const buffers = page.getByRole("region", { name: "Buffers of the program" });
  await page
    .getByRole("option", { name: /^sendto/ })
    .first()
    .click();
  await shows(buffers, "Message 1 from client.");
  await shows(buffers.locator(".level-value"), "22 B");
  await page.keyboard.press("ArrowRight");
  await shows(buffers.locator(".level-value"), "0 B");
});

test("a message goes through its three stages", async () => {
  const lines = Array.from(multiconn({ turns: 6, clients: 1 }), (line) => {
    if (line.kind !== "call" || line.watched === undefined) return line;
    const jsonheader = { value: "{'content-length': 4}" };
    const values = { _jsonheader_len: { value: "105" }, jsonheader, request: { value: "None" } };
    return { ...line, watched: { 3: values } };
  });
  const page = await opened([{ title: "app-server", text: as_text(lines) }]);
  await page
    .getByRole("option", { name: /^sendto/ })
    .first()
    .click();
  const stages = page.getByRole("list", { name: "Message" }).getByRole("listitem");
  expect(await stages.allTextContents()).toEqual([
    "proto-header: read",
    "JSON header: read",
    "content: being read",
  ]);
});

test("the log is a list: it can be read out, filtered, and jumped from", async () => {
  const page = await opened([small]);
  const list = page.getByRole("listbox", { name: "Calls" });
  await shows(selected(page), "epoll_create1");
  expect(await selected(page).getAttribute("aria-posinset")).toBe("1");
  const size = Number(await selected(page).getAttribute("aria-setsize"));
  await page
    .getByRole("option", { name: /^accept4/ })
    .first()
    .click();
  await shows(step(page), /^accept4\(4, SOCK_CLOEXEC/);
  await shows(selected(page), /^accept4/);
  expect(await list.getAttribute("aria-activedescendant")).toBe(
    await selected(page).getAttribute("id"),
  );
  await shows(page.locator("[aria-live=polite]"), "accept4");
  // The call that makes no system call is neither listed nor a step, unless it is asked for.
  await page.keyboard.press("ArrowRight");
  await shows(step(page), "epoll_ctl(3, EPOLL_CTL_ADD, 5");
  await page.getByRole("checkbox", { name: "without a system call" }).check();
  await shows(page.getByRole("option"), "sockaddr_decode");
  expect(Number(await selected(page).getAttribute("aria-setsize"))).toBe(size + 2);
  await page.getByRole("searchbox", { name: "Filter the log" }).fill("eagain");
  await shows(page.getByRole("status").or(page.locator("output")), /^\d+ lines$/);
  const texts = await page.getByRole("option").allTextContents();
  expect(texts.length).toBeGreaterThan(3);
  for (const text of texts) expect(text).toContain("EAGAIN");
  const before = Number(/call (\d+)/.exec((await page.locator(".place").textContent())!)![1]);
  await list.focus();
  await page.keyboard.press("ArrowDown");
  await shows(page.locator(".place"), `call ${before + 1} of`);
});

test("a click on a lane goes to the call there, the pointer over it tells of it", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_create1");
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
});

test("zoom and pan change what is drawn, and Fit undoes it", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_create1");
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
  await page.getByRole("button", { name: "Show all" }).click();
  expect(await settled(canvas)).toBe(all);
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
  await shows(step(page), "epoll_create1");
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
  await shows(page.locator(".place"), "multiconn-server.ts, call 0");
  await page.keyboard.press("ArrowRight");
  await shows(step(page), "epoll_create1");
  await page.getByText("Lanes as a table").click();
  const rows = page.getByRole("row", { name: /fd 3 · epoll/ });
  // The table is filled after it has opened.
  await rows.nth(1).waitFor();
  expect(await rows.count()).toBe(2);
});

/** What a canvas shows after the frames that were asked for. */
async function settled(canvas: Locator): Promise<string> {
  return canvas.evaluate(async (element) => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    return (element as HTMLCanvasElement).toDataURL();
  });
}

test("light and dark follow the system, and turn by a button", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await opened([small], { colorScheme });
    await shows(step(page), "epoll_create1");
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

test("it fits into 700 pixels", async () => {
  const page = await opened([small], { width: 700 });
  await shows(step(page), "epoll_create1");
  const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBe(0);
  const content = page.locator(".content");
  expect(await content.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
});

test("several recordings stand side by side, with what differs, and open alone", async () => {
  const recordings = (["epoll", "poll", "select"] as const).map((by) => ({
    title: `server-${by}`,
    text: as_text(multiconn({ turns: 12, clients: 2, by })),
  }));
  const page = await opened(recordings);
  const table = page.getByRole("region", { name: "Differences" });
  const cells = (name: string) =>
    table
      .getByRole("row", { name: new RegExp(`^${name} `) })
      .getByRole("cell")
      .allTextContents();
  await shows(table, "Wake-ups");
  expect(await cells("Wake-ups")).toEqual(["12", "12", "12"]);
  expect(await cells("epoll_ctl")).toEqual(["2", "0", "0"]);
  expect(await cells("pselect6")).toEqual(["0", "0", "12"]);
  const calls = (await cells("System calls")).map(Number);
  expect(calls[0] - calls[1]).toBe(3);
  expect(await page.getByRole("region", { name: /^server-/ }).count()).toBe(3);
  await page.getByRole("button", { name: "Open server-poll alone" }).click();
  await shows(step(page), "socket(");
  await page.getByRole("button", { name: "Side by side" }).click();
  await shows(table, "Wake-ups");
});

test("a server and its client, as they really ran", async () => {
  const where = ["127.0.0.1", String(await reserve())];
  const scripts = "build-test/scripts";
  const client = [`${scripts}/multiconn-client.js`, ...where, "2"];
  const lines = await traced("--why", `${scripts}/multiconn-server.js`, ...where, "--", ...client);
  const page = await opened([{ title: "both", text: as_text(lines) }]);
  await page.getByText("Lanes as a table").click();
  await page.getByRole("row", { name: /multiconn-server.*listener/ }).waitFor();
  await page
    .getByRole("row", { name: /multiconn-client/ })
    .first()
    .waitFor();
  await page.getByRole("searchbox").fill("recvfrom");
  await page
    .getByRole("option", { name: /Message 1 from client/ })
    .first()
    .click();
  await shows(page.locator(".code .current"), "sock.recv(1024)");
  await shows(page.getByRole("list", { name: "Call stack" }), "service_connection");
  const ready = page.locator(".sets .is-ready");
  await shows(ready, "POLLIN");
  await shows(ready, "ESTABLISHED");
  await page.getByRole("tab", { name: /^Questions/ }).click();
  await page.getByRole("button", { name: "Ask me" }).click();
  await shows(step(page), "= ?");
});

test("a connection that was reset, as it really was: failed, in trouble, explained", async () => {
  const script = "build-test/scripts/multiconn-server.js";
  const lines = await traced("--fault", "rst", script, "127.0.0.1", String(await reserve()));
  const page = await opened([{ title: "reset", text: as_text(lines) }]);
  await page.getByRole("tab", { name: /^Troubles/ }).click();
  const trouble = page.locator(".trouble").filter({ hasText: "ECONNRESET" });
  await trouble
    .getByRole("button", { name: /^Go to call/ })
    .first()
    .click();
  await shows(page.locator(".step-call.failed"), "= -1 ECONNRESET");
  await shows(page.locator(".code .current"), "sock.recv(1024)");
});

test("files are opened by the button, several at once", async () => {
  const page = await opened([]);
  await shows(page.getByRole("heading"), "See the loop");
  const files = ["epoll", "poll"].map((by) => {
    const file = join(folder, `dropped-${by}.jsonl`);
    writeFileSync(file, as_text(multiconn({ turns: 5, clients: 1, by: by as "epoll" | "poll" })));
    return file;
  });
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open recordings" }).click();
  await (await chooser).setFiles(files);
  await page.getByRole("button", { name: "dropped-poll", exact: true }).click();
  await shows(step(page), "socket(");
});

test("a file that is dropped on the page is opened", async () => {
  const page = await opened([]);
  await shows(page.getByRole("heading"), "See the loop");
  const data = await page.evaluateHandle(
    `(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(small.text)}], "dropped.jsonl")); return data; })()`,
  );
  await page.locator(".content").dispatchEvent("drop", { dataTransfer: data });
  await shows(step(page), "epoll_create1");
  await page.getByRole("button", { name: "dropped" }).waitFor();
});

test("a question hides what comes until it is answered", async () => {
  const page = await opened([small]);
  await page.getByRole("tab", { name: /^Questions/ }).click();
  await page.getByRole("button", { name: "Ask me" }).click();
  await shows(step(page), "= ?");
  const choices = page.locator(".choices").getByRole("button");
  const number = await choices.count();
  expect(number).toBeGreaterThan(1);
  await page.getByRole("tab", { name: "Log" }).click();
  await shows(page.getByRole("option"), "What happens here?");
  await page.getByRole("tab", { name: /^Questions/ }).click();
  await choices.first().click();
  await shows(page.locator(".explanation"), /^(?:Right|Wrong)\. ./);
  expect(await page.locator(".choice.right").count()).toBe(1);
  expect(await step(page).textContent()).not.toContain("= ?");
  await shows(page.locator(".questions"), /of 1 answer right/);
  // Who steps on gives a question up: nothing is hidden any more.
  await page.getByRole("button", { name: "Next question" }).click();
  await shows(step(page), "= ?");
  await page.keyboard.press("ArrowRight");
  await shows(page.getByRole("button"), "Ask me");
  expect(await step(page).textContent()).not.toContain("= ?");
});

test("a trouble is explained, and leads to its calls", async () => {
  const page = await opened([
    { title: "spinning", text: as_text(multiconn({ turns: 400, clients: 1 })) },
  ]);
  await page.getByRole("tab", { name: /^Troubles/ }).click();
  const trouble = page.locator(".trouble").filter({ hasText: "EAGAIN" }).first();
  await trouble.waitFor();
  const way = trouble.getByRole("button").first();
  const number = await way.textContent();
  await way.click();
  await shows(page.locator(".place"), `call ${number} of`);
  await shows(step(page), "= -1 EAGAIN");
});

test("a recording that was cut off is shown as far as it goes", async () => {
  const page = await opened([{ title: "killed", text: small.text.slice(0, -200) }]);
  await shows(
    page.locator(".notices"),
    /killed was cut off in line \d+: only the lines before it are shown\./,
  );
  await shows(page.locator(".notices"), "The end of multiconn-server.ts is missing");
  await shows(step(page), "epoll_create1");
});

test.for([
  ["a foreign file", '{"name": "iomux"}\n', /is not an iomux recording/],
  ["no JSON at all", "#!/bin/sh\n", /is not an iomux recording/],
  ["another version", small.text.replace('"version":1', '"version":7'), /a version 7 recording/],
  ["an empty file", "", /is empty/],
] as const)("says what is wrong with %s", async ([, text, message]) => {
  const page = await opened([{ title: "given.jsonl", text }]);
  await shows(page.locator(".notices"), message);
  await shows(page.getByRole("heading"), "See the loop");
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
  await shows(step(page), "epoll_create1");
  // Keys that are pressed elsewhere on that page are not for the viewer.
  await page.keyboard.press("ArrowRight");
  await page.getByRole("option", { name: /^bind/ }).click();
  await page.getByRole("listbox").press("ArrowRight");
  await shows(step(page), "listen");
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
  await shows(step(page), "epoll_create1");
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
