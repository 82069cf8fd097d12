/** Selectors inside a Node program: the event loop waits, and everything else goes on. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

import { describe, expect, onTestFinished, test } from "vitest";

import { b } from "iomux/builtins";
import {
  BaseSelector,
  DefaultSelector,
  EVENT_READ,
  EVENT_WRITE,
  PollSelector,
  SelectSelector,
} from "iomux/selectors";
import type { Ready, SelectorKey, SelectorMap } from "iomux/selectors";

import { compiled } from "../support/commands.ts";
import { start } from "../support/programs.ts";
import { not_on } from "../support/runtime.ts";
import { pair } from "../support/sockets.ts";
import { between, trace } from "../support/strace.ts";
import { has_epoll, has_poller } from "../support/system.ts";
import { needs } from "../support/tools.ts";

function selector<Data = unknown>(): DefaultSelector<Data> {
  const sel = new DefaultSelector<Data>();
  onTestFinished(() => sel.close());
  return sel;
}

/** A selector of one's own, as one may write it: it forgets that BaseSelector has a `close()`, too. */
class Mine extends BaseSelector {
  readonly #inner = new DefaultSelector();
  fileno(): number {
    return this.#inner.fileno();
  }
  register(...args: Parameters<BaseSelector["register"]>): SelectorKey {
    return this.#inner.register(...args);
  }
  unregister(...args: Parameters<BaseSelector["unregister"]>): SelectorKey {
    return this.#inner.unregister(...args);
  }
  select(timeout?: number | null): Ready[] {
    return this.#inner.select(timeout);
  }
  get_map(): SelectorMap | null {
    return this.#inner.get_map();
  }
  override close(): void {
    this.#inner.close();
  }
}

function data_of(events: Ready[]): [unknown, number][] {
  return events.map(([key, mask]) => [key.data, mask]);
}

function raises(name: string): unknown {
  return expect.objectContaining({ name });
}

describe("misuse", () => {
  test.each([SelectSelector, PollSelector])(
    "%o has no descriptor, and says so",
    async (Selector) => {
      const sel = new Selector();
      await expect(sel.select_async(0)).rejects.toThrow(
        expect.objectContaining({
          name: "RuntimeError",
          message: expect.stringContaining(`${Selector.name} has no descriptor`) as string,
        }),
      );
    },
  );

  test("NaN is a ValueError, infinity an OverflowError, a text a TypeError", async () => {
    const sel = selector();
    await expect(sel.select_async(Number.NaN)).rejects.toThrow(raises("ValueError"));
    await expect(sel.select_async(Infinity)).rejects.toThrow(raises("OverflowError"));
    await expect(sel.select_async(1e9)).rejects.toThrow(raises("OverflowError"));
    await expect(sel.select_async("1" as never)).rejects.toThrow(raises("TypeError"));
  });

  test.skipIf(!has_poller)("a closed selector is a ValueError", async () => {
    const sel = selector();
    sel.close();
    await expect(sel.select_async()).rejects.toThrow("I/O operation on closed");
  });

  test.skipIf(!has_poller)("a second wait is a RuntimeError, and the first goes on", async () => {
    const sel = selector();
    const [left, right] = pair();
    sel.register(left, EVENT_READ, "left");
    const first = sel.select_async();
    await expect(sel.select_async()).rejects.toThrow("waits on this selector already");
    right.send(b`x`);
    expect(data_of(await first)).toEqual([["left", EVENT_READ]]);
  });
});

describe.skipIf(!has_poller)("select_async", () => {
  test("returns what select() would", async () => {
    const sel = selector();
    const [left, right] = pair();
    sel.register(left, EVENT_READ, "left");
    sel.register(right, EVENT_WRITE, "right");
    expect(data_of(await sel.select_async())).toEqual([["right", EVENT_WRITE]]);
    right.send(b`x`);
    const both = data_of(await sel.select_async());
    expect(both.toSorted((one, other) => one[1] - other[1])).toEqual([
      ["left", EVENT_READ],
      ["right", EVENT_WRITE],
    ]);
  });

  test("wakes when something becomes ready, registered before or meanwhile", async () => {
    const sel = selector();
    const [left, right] = pair();
    const wait = sel.select_async();
    sel.register(left, EVENT_READ, "left");
    right.send(b`x`);
    expect(data_of(await wait)).toEqual([["left", EVENT_READ]]);
  });

  test.each([0, -1, -Infinity])("with a timeout of %s looks and does not wait", async (timeout) => {
    expect(await selector().select_async(timeout)).toEqual([]);
  });

  test("returns an empty list when time is out, and no earlier", async () => {
    const begin = performance.now();
    expect(await selector().select_async(0.1)).toEqual([]);
    // Node's timers count in whole milliseconds of their own clock.
    expect(performance.now() - begin).toBeGreaterThan(98);
  });

  test("several selectors wait at once, each for its own", async () => {
    const all = Array.from({ length: 50 }, (_, index) => {
      const sel = selector<number>();
      const [left, right] = pair();
      sel.register(left, EVENT_READ, index);
      return { right, ready: sel.select_async() };
    });
    for (const { right } of all.toReversed()) right.send(b`x`);
    for (const [index, { ready }] of all.entries()) {
      expect(data_of(await ready)).toEqual([[index, EVENT_READ]]);
    }
  });

  test("one that is always ready leaves the event loop its turn", async () => {
    const sel = selector();
    sel.register(pair()[0], EVENT_WRITE);
    const over = AbortSignal.timeout(20);
    while (!over.aborted) expect(await sel.select_async()).toHaveLength(1);
  });

  test("timers, files and HTTP go on meanwhile", async () => {
    const [left, right] = pair();
    const sel = selector();
    sel.register(left, EVENT_READ);
    const wait = sel.select_async();
    const server = createServer((_, response) => response.end("served"));
    onTestFinished(() => void server.close());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(get({ port, host: "127.0.0.1", agent: false }), "response")) as [
      AsyncIterable<Buffer>,
    ];
    for await (const chunk of response) expect(chunk.toString()).toBe("served");
    expect((await readFile("package.json")).length).toBeGreaterThan(0);
    right.send(b`x`);
    expect(await wait).toHaveLength(1);
  });

  test("works for a selector of one's own that has a descriptor", async () => {
    const sel = new Mine();
    onTestFinished(() => sel.close());
    const [left, right] = pair();
    sel.register(left, EVENT_READ, "left");
    const wait = sel.select_async();
    right.send(b`x`);
    expect(data_of(await wait)).toEqual([["left", EVENT_READ]]);
  });
});

describe.skipIf(!has_poller)("an AbortSignal", () => {
  test("ends the wait with its reason, and the selector can wait again", async () => {
    const sel = selector();
    const [left, right] = pair();
    sel.register(left, EVENT_READ);
    const controller = new AbortController();
    const wait = sel.select_async(null, { signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(wait).rejects.toBe(reason);
    right.send(b`x`);
    expect(await sel.select_async(10, { signal: new AbortController().signal })).toHaveLength(1);
  });

  test("that was aborted before prevents it", async () => {
    const wait = selector().select_async(null, { signal: AbortSignal.abort() });
    await expect(wait).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });

  test("of a timeout is one more way to stop", async () => {
    const wait = selector().select_async(null, { signal: AbortSignal.timeout(20) });
    await expect(wait).rejects.toThrow(expect.objectContaining({ name: "TimeoutError" }));
  });
});

describe.skipIf(!has_poller)("for await", () => {
  test("gives what is ready, again and again, until the selector is closed", async () => {
    const sel = selector();
    const [left, right] = pair();
    sel.register(left, EVENT_READ);
    right.send(b`12345`);
    const received: string[] = [];
    for await (const events of sel) {
      expect(events).toHaveLength(1);
      received.push(left.recv(1).toString());
      if (received.length === 5) void setTimeout(10).then(() => sel.close());
    }
    expect(received.join("")).toBe("12345");
  });

  test("ends at once for a closed selector", async () => {
    const sel = selector();
    sel.close();
    for await (const _ of sel) expect.unreachable();
  });

  test("throws what the wait throws", async () => {
    await expect(new SelectSelector()[Symbol.asyncIterator]().next()).rejects.toThrow(
      "has no descriptor",
    );
  });
});

describe.skipIf(!has_poller)("close()", () => {
  test("ends the wait with ValueError", async () => {
    const sel = selector();
    const wait = sel.select_async();
    sel.close();
    await expect(wait).rejects.toThrow(
      expect.objectContaining({ name: "ValueError", message: expect.stringContaining("closed") }),
    );
  });

  test("leaves the number of its descriptor to others", async () => {
    const sel = selector();
    const wait = sel.select_async();
    const fd = sel.fileno();
    sel.close();
    const [left, right] = pair();
    expect([left.fileno(), right.fileno()]).toContain(fd);
    await expect(wait).rejects.toThrow("closed");
    const other = selector();
    other.register(left, EVENT_READ, "left");
    const next = other.select_async();
    right.send(b`x`);
    expect(data_of(await next)).toEqual([["left", EVENT_READ]]);
  });

  test.each([DefaultSelector, Mine])(
    "of %o, before the event loop goes on, leaves the number to the next",
    async (Selector) => {
      const [left, right] = pair();
      right.send(b`x`);
      const fds = [];
      for (let turn = 0; turn < 3; turn++) {
        const sel = new Selector();
        sel.register(left, EVENT_READ, "left");
        expect(data_of(await sel.select_async(10))).toEqual([["left", EVENT_READ]]);
        fds.push(sel.fileno());
        sel.close();
      }
      expect(new Set(fds).size).toBe(1);
    },
  );
});

test.skipIf(!has_epoll)(
  "a loop that waits again at once asks the kernel once to watch",
  async () => {
    not_on("Bun", "there a thread watches");
    not_on("Deno", "there a thread watches");
    needs("strace");
    const command = [...compiled("test/support/programs/select-async.ts"), "looping"];
    const calls = between(await trace(command, ["epoll_ctl", "write"]), "begin\\n", "end\\n");
    const asked = calls.filter(({ name }) => name === "epoll_ctl");
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThan(20);
  },
);

describe.skipIf(!has_poller)("a process", () => {
  test("ends, whatever selectors it has, unless one waits", async () => {
    const program = start("select-async.ts", ["unused"]);
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test("stays for one that waits", async () => {
    const program = start("select-async.ts", ["waiting"]);
    expect(await program.line()).toBe("ready 1");
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test("neither polls nor starts threads while it waits", async () => {
    const program = start("select-async.ts", ["idle"]);
    const [turns, threads] = JSON.parse(await program.line()) as number[];
    // One turn of the event loop for each selector's wait, not one for each millisecond.
    expect(turns).toBeLessThan(50);
    // Of 20 waits. The runtime itself may start one at any time.
    expect(threads).toBeLessThan(10);
  });
});
