/** The viewer, step by step: what is shown of a call, read out, asked and explained. */
import { expect, test } from "vitest";

import type { Call, Line } from "../../lib/trace/recording.ts";
import { as_text, multiconn } from "../support/multiconn-recordings.ts";
import { reserve } from "../support/ports.ts";
import { calls_of, traced } from "../support/recorded-scenes.ts";
import { small, opened, step, selected, settled, shows } from "../support/viewer-page.ts";

const TOLD =
  "multiconn-server slept 400 µs. It woke because a connection waits to be accepted on fd 4. Next: accept on fd 4.";

test("an embedded recording opens at its first wait, told in a sentence, with the program's text in both languages", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait(3, [{events=EPOLLIN, data={u32=4, u64=4}}], 8, -1) = 1");
  await shows(page.locator(".telling"), TOLD);
  expect(await page.title()).toBe("A <test> & more");
  const row = page.locator(".code .current");
  await shows(row, "const events = sel.select(null);");
  await shows(row, "events = sel.select(timeout=None)");
  expect(await row.isVisible()).toBe(true);
  await shows(page.getByRole("list", { name: "Call stack" }), "<module>");
});

test("the log begins at the step that is shown, wherever that is", async () => {
  const lines = [...multiconn({ turns: 6, clients: 1 })];
  const first = lines.findIndex((line) => line.kind === "call" && line.wake !== undefined);
  const { t } = lines[first] as Call;
  const prints = Array.from({ length: 40 }, (): Line => ({ kind: "print", t, fd: 1, text: "so" }));
  const text = as_text(lines.toSpliced(first, 0, ...prints));
  const page = await opened([{ title: "talkative", text }]);
  await shows(selected(page), "epoll_wait");
  const [row, list] = await Promise.all(
    [selected(page), page.locator(".log [role=listbox]")].map((one) => one.boundingBox()),
  );
  expect(row!.y).toBeGreaterThanOrEqual(list!.y);
  expect(row!.y + row!.height).toBeLessThanOrEqual(list!.y + list!.height);
});

test("steps by keys: calls, wake-ups, both ends", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  await page.keyboard.press("Home");
  await shows(step(page), "epoll_create1");
  for (const key of ["ArrowRight", "j", "ArrowRight"]) await page.keyboard.press(key);
  await shows(step(page), "listen(4, 128) = 0");
  await page.keyboard.press("k");
  await shows(
    step(page),
    'bind(4, {sa_family=AF_INET, sin_port=htons(65432), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
  );
  await page.keyboard.press("Shift+ArrowRight");
  await shows(step(page), "epoll_wait(3, [{events=EPOLLIN, data={u32=4, u64=4}}], 8, -1) = 1");
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
  await shows(step(page), "epoll_wait");
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
  await shows(step(page), "epoll_wait");
  await page.keyboard.press("Home");
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
  await shows(sets, "fd 5 has 22 bytes to read and has room to write 87,040 bytes");
  await shows(sets.getByRole("row", { name: "fd 4" }), "listener");
  // The interest set is the same in the next wake-ups, and is not said again there.
  for (let turn = 0; turn < 3; turn++) await page.keyboard.press("Shift+ArrowRight");
  await shows(sets.getByRole("row", { name: "fd 5" }).getByRole("cell").nth(0), "READ WRITE");
});

test("watched buffers are as full as they were at the step", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
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

test("a line is clicked although the log is drawn anew while the mouse is down", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  const list = page.getByRole("listbox", { name: "Calls" });
  const line = page.getByRole("option", { name: /^sendto/ }).first();
  await line.scrollIntoViewIfNeeded();
  // A line has 22 pixels. Another pixel, and the second one is not to be seen any more.
  await list.evaluate((element) => (element.scrollTop = 43));
  await line.hover();
  await page.mouse.down();
  await list.evaluate((element) => (element.scrollTop = 44));
  await page.locator("[aria-posinset='2']").waitFor({ state: "detached" });
  await page.mouse.up();
  await shows(selected(page), /^sendto/);
});

test("a message goes through its three stages", async () => {
  const lines = Array.from(multiconn({ turns: 6, clients: 1 }), (line) => {
    if (line.kind !== "call" || line.watched === undefined) return line;
    const jsonheader = { value: "{'content-length': 4}" };
    const values = { _jsonheader_len: { value: "105" }, jsonheader, request: { value: "None" } };
    return { ...line, watched: { 3: values } };
  });
  const page = await opened([{ title: "app-server", text: as_text(lines) }]);
  await shows(step(page), "epoll_wait");
  await page
    .getByRole("option", { name: /^sendto/ })
    .first()
    .click();
  const stages = page.getByRole("list", { name: "Message" }).getByRole("listitem");
  await stages.first().waitFor();
  expect(await stages.allTextContents()).toEqual([
    "proto-header: read",
    "JSON header: read",
    "content: being read",
  ]);
});

test("the log is a list: it can be read out, filtered, and jumped from", async () => {
  const page = await opened([small]);
  const list = page.getByRole("listbox", { name: "Calls" });
  await shows(step(page), "epoll_wait");
  await page.keyboard.press("Home");
  await shows(selected(page), "epoll_create1");
  expect(await selected(page).getAttribute("aria-posinset")).toBe("1");
  const size = Number(await selected(page).getAttribute("aria-setsize"));
  await page
    .getByRole("option", { name: /^accept4/ })
    .first()
    .click();
  await shows(step(page), /^accept4\(4, \{sa_family/);
  await shows(selected(page), /^accept4/);
  expect(await list.getAttribute("aria-activedescendant")).toBe(
    await selected(page).getAttribute("id"),
  );
  await shows(page.locator("[aria-live=polite]"), "was accepted: it is fd 5. Next: epoll_ctl");
  // The call that makes no system call is neither listed nor a step, unless it is asked for.
  await page.keyboard.press("ArrowRight");
  await shows(step(page), "epoll_ctl(3, EPOLL_CTL_ADD, 5");
  await page.getByRole("checkbox", { name: "without a system call" }).check();
  await shows(page.getByRole("option"), "sockaddr_decode");
  expect(Number(await selected(page).getAttribute("aria-setsize"))).toBe(size + 2);
  await page.getByRole("searchbox", { name: "Filter the log" }).fill("eagain");
  await shows(page.getByRole("status").or(page.locator("output")), /^\d+ lines$/);
  // The list is drawn in the frame after the count.
  const others = page.getByRole("option").filter({ hasNotText: "EAGAIN" });
  await others.first().waitFor({ state: "detached" });
  const texts = await page.getByRole("option").allTextContents();
  expect(texts.length).toBeGreaterThan(3);
  for (const text of texts) expect(text).toContain("EAGAIN");
  const before = Number(/call (\d+)/.exec((await page.locator(".place").textContent())!)![1]);
  await list.focus();
  await page.keyboard.press("ArrowDown");
  await shows(page.locator(".place"), `call ${before + 1} of`);
});

test("a search finds calls, descriptors, programs and lines of the source, one after the other", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  const search = page.getByRole("searchbox", { name: "Filter the log" });
  /** Looks for a text, of which each line that is found has this form; returns how many are shown. */
  const found = async (text: string, form: RegExp): Promise<number> => {
    await search.fill(text);
    await shows(page.locator("output"), /^[\d,]+ lines?$/);
    // The list is drawn in the frame after the count.
    await page.evaluate(
      "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
    );
    const texts = await page.getByRole("option").allTextContents();
    expect(texts.filter((one) => !form.test(one))).toEqual([]);
    return texts.length;
  };
  expect(await found("accept", /^accept4\(/)).toBe(2);
  expect(await found("fd 6", /\(6,|, 6,| = 6/)).toBeGreaterThan(3);
  expect(await found("fd 5 eagain", /^recvfrom\(5,.*EAGAIN/)).toBe(4);
  expect(await found("service_connection", /^(?:recvfrom|sendto|close)/)).toBeGreaterThan(8);
  expect(await found("multiconn-server.ts:65", /^epoll_wait/)).toBeGreaterThan(3);
  expect(await found("multiconn-server", /./)).toBeGreaterThan(8);
  expect(await found("nowhere", /^$/)).toBe(0);
  expect(await found("accept", /^accept4\(/)).toBe(2);
  await page.getByRole("button", { name: "First step" }).click();
  await search.press("Enter");
  await shows(step(page), /= 5$/);
  await search.press("Enter");
  await shows(step(page), /= 6$/);
  await search.press("Shift+Enter");
  await shows(step(page), /= 5$/);
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

test("one program can be followed, while the others' state stays shown", async () => {
  const where = ["127.0.0.1", String(await reserve())];
  const scripts = "build-test/scripts";
  const client = [`${scripts}/multiconn-client.js`, ...where, "2"];
  const lines = await traced(`${scripts}/multiconn-server.js`, ...where, "--", ...client);
  const page = await opened([{ title: "both", text: as_text(lines) }]);
  const place = page.locator(".place");
  await shows(place, "multiconn-server.js");
  const numbers: number[] = [];
  for (const key of ["n", "n", "n", "n", "n", "p"]) {
    await page.keyboard.press(key);
    await shows(place, "multiconn-server.js");
    numbers.push(Number(/call (\d+) of/.exec((await place.textContent())!)![1]));
  }
  expect(numbers.toSorted((a, b) => a - b)).toEqual([
    ...numbers.slice(0, 4),
    numbers[3],
    numbers[4],
  ]);
  await page.getByRole("button", { name: "Next step in this program" }).click();
  await shows(place, `call ${numbers[4]} of`);
});

test("what one program does leads to what it does to another, and back", async () => {
  const where = ["127.0.0.1", String(await reserve())];
  const scripts = "build-test/scripts";
  const client = [`${scripts}/multiconn-client.js`, ...where, "1"];
  const lines = await traced("--why", `${scripts}/multiconn-server.js`, ...where, "--", ...client);
  const page = await opened([{ title: "both", text: as_text(lines) }]);
  const place = page.locator(".place");
  const way = page.locator(".step .ways button");
  const go = async (search: string, found: RegExp, leads: string): Promise<void> => {
    await page.getByRole("searchbox").fill(search);
    await page.getByRole("option", { name: found }).first().click();
    await shows(way.last(), leads);
    await way.last().click();
  };
  await shows(step(page), "epoll_wait");
  await go("connect", /connect\(/, "→ leads to accept4 in multiconn-server.js");
  await shows(step(page), "accept4(");
  await shows(place, "multiconn-server.js");
  await shows(way, "← comes from connect in multiconn-client.js");
  await way.click();
  await shows(step(page), "connect(");
  // The client sends two messages, and closes when it has got both back.
  await go("sendto", /sendto\(\d+, "Message 1/, "→ leads to recvfrom in multiconn-server.js");
  await shows(step(page), /^recvfrom\(\d+, "Message 1/);
  await shows(place, "multiconn-server.js");
  const calls = calls_of(lines).filter(({ process }) => process === 1);
  const { fd } = calls.find(({ name }) => name === "connect")!;
  await go("close", new RegExp(`close\\(${fd}\\)`), "→ leads to recvfrom in multiconn-server.js");
  await shows(step(page), /^recvfrom.*= 0$/);
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
  await page.keyboard.press("Home");
  await trouble.getByRole("button", { name: /^Go to multiconn-server\.(?:ts|js):\d+$/ }).click();
  await shows(page.locator(".code .current"), "sock.recv(1024)");
});

test("a question hides what comes until it is answered", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  const canvas = page.locator(".lanes canvas");
  /** How many colours the right half of the axis has. */
  const colours_of_axis = async (): Promise<number> => {
    await settled(canvas);
    return canvas.evaluate((element) => {
      const { width } = element as HTMLCanvasElement;
      // Of a copy, as Chromium complains of reading the same canvas twice.
      const copy = new OffscreenCanvas(width / 2, 22).getContext("2d")!;
      copy.drawImage(element as HTMLCanvasElement, -width / 2, 0);
      const pixels = new Uint32Array(copy.getImageData(0, 0, width / 2, 22).data.buffer);
      return new Set(pixels).size;
    });
  };
  expect(await colours_of_axis()).toBeGreaterThan(1);
  await page.getByRole("tab", { name: /^Questions/ }).click();
  await page.getByRole("button", { name: "Ask me" }).click();
  await shows(step(page), "= ?");
  await shows(page.locator(".telling"), "is about to call");
  expect(await colours_of_axis()).toBe(1);
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
  const way = trouble.getByRole("button", { name: /^Go to call \d/ }).first();
  const number = await way.textContent();
  await way.click();
  await shows(page.locator(".place"), `call ${number} of`);
  await shows(step(page), "= -1 EAGAIN");
});

test("a term is explained under the pointer and in focus, and all are in the help", async () => {
  const page = await opened([small]);
  await shows(step(page), "epoll_wait");
  const meaning = page.locator(".meaning");
  const sets = page.getByRole("region", { name: "Interest and ready" });
  const term = sets.locator(".term", { hasText: /^POLLIN$/ }).first();
  expect(await meaning.isVisible()).toBe(false);
  await term.hover();
  await shows(meaning, "Something can be read without waiting");
  await page.mouse.move(2, 2);
  await meaning.waitFor({ state: "hidden" });
  await term.focus();
  await shows(meaning, "Something can be read without waiting");
  expect(await term.getAttribute("aria-description")).toContain("Something can be read");
  const [box, around] = [(await meaning.boundingBox())!, page.viewportSize()!];
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(around.width);
  expect(box.y + box.height).toBeLessThanOrEqual(around.height);
  await page.keyboard.press("Escape");
  await meaning.waitFor({ state: "hidden" });
  await page.keyboard.press("?");
  await shows(page.getByRole("dialog").getByRole("term"), "CLOSE WAIT");
});
