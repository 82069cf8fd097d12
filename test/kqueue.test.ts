/**
 * kqueue, where there is one: macOS, the BSDs, or a build with a kqueue library for Linux (see
 * CONTRIBUTING.md). KqueueSelector itself is in test/selectors.test.ts, with all the others.
 */
import { describe, expect, onTestFinished, test } from "vitest";

import { b } from "iomux/builtins";
import * as select from "iomux/select";
import * as selectors from "iomux/selectors";

import { pair } from "./helpers.ts";

const has_kqueue = "kqueue" in select && (select.kqueue as unknown) !== undefined;
/** Whose kqueue it is that runs here. */
const whose = process.platform === "linux" ? "a library's" : process.platform;

function new_kqueue(): select.kqueue {
  const kq = new select.kqueue();
  onTestFinished(() => kq.close());
  return kq;
}

function raises(name: string, message: string): unknown {
  return expect.objectContaining({ name, message });
}

test.skipIf(has_kqueue)(
  `no kqueue runs here (${process.platform}): the names are undefined`,
  () => {
    const { kqueue, kevent, KQ_FILTER_READ } = select;
    expect([kqueue, kevent, KQ_FILTER_READ, selectors.KqueueSelector]).toEqual(
      Array.from({ length: 4 }),
    );
  },
);

describe.runIf(has_kqueue)(`kqueue, ${whose}`, () => {
  const { KQ_EV_ADD, KQ_EV_DELETE, KQ_EV_EOF, KQ_FILTER_READ, KQ_FILTER_WRITE } = select;

  describe("misuse", () => {
    test("of control()", () => {
      const kq = new_kqueue();
      expect(() => kq.control(null, -1)).toThrow(
        raises("ValueError", "Length of eventlist must be 0 or positive, got -1"),
      );
      expect(() => kq.control(null, 1, -1)).toThrow(
        raises("ValueError", "timeout must be positive or None"),
      );
      expect(() => kq.control(null, 1, Number.NaN)).toThrow(
        raises("ValueError", "Invalid value NaN (not a number)"),
      );
      expect(() => kq.control(null, 1, "1" as never)).toThrow(
        raises("TypeError", "timeout argument must be a number or None, got str"),
      );
      for (const changes of [1, [1], [null]]) {
        expect(() => kq.control(changes as never, 0)).toThrow(
          raises("TypeError", "changelist must be an iterable of select.kevent objects"),
        );
      }
    });

    test("of kevent()", () => {
      expect(() => new select.kevent(null as never)).toThrow(TypeError);
      expect(() => new select.kevent({ fileno: () => -1 })).toThrow("negative");
      expect(() => new select.kevent(1, 2 ** 31)).toThrow("signed integer is greater than maximum");
    });

    test("of one that is closed", () => {
      const kq = new_kqueue();
      kq.close();
      kq.close();
      expect(kq.closed).toBe(true);
      expect(() => kq.fileno()).toThrow("I/O operation on closed kqueue object");
      expect(() => kq.control(null, 0)).toThrow("I/O operation on closed kqueue object");
    });

    test("a filter that is not there is ENOENT when it is taken away", () => {
      const kq = new_kqueue();
      const [left] = pair();
      const gone = new select.kevent(left, KQ_FILTER_READ, KQ_EV_DELETE);
      expect(() => kq.control([gone], 0, 0)).toThrow("[Errno 2]");
    });
  });

  test("an event says how many bytes there are, and brings back what was given", () => {
    const kq = new_kqueue();
    const [left, right] = pair();
    const udata = 2n ** 63n - 1n;
    kq.control([new select.kevent(left, KQ_FILTER_READ, KQ_EV_ADD, 0, 0, udata)], 0);
    right.send(b`hello`);
    const [event, ...others] = kq.control(null, 10, 1);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ ident: left.fileno(), filter: KQ_FILTER_READ, data: 5, udata });
    expect(String(event)).toMatch(
      `<select.kevent ident=${left.fileno()} filter=${KQ_FILTER_READ} flags=0x`,
    );
  });

  test("the end of the stream is an event with KQ_EV_EOF", () => {
    const kq = new_kqueue();
    const [left, right] = pair();
    kq.control([new select.kevent(left)], 0);
    right.close();
    expect(kq.control(null, 1, 1)[0].flags & KQ_EV_EOF).toBe(KQ_EV_EOF);
  });

  test("changes and events in one call", () => {
    const [left] = pair();
    const changes = [KQ_FILTER_READ, KQ_FILTER_WRITE].map((f) => new select.kevent(left, f));
    const ready = new_kqueue().control(changes, 4, 1);
    expect(ready.map(({ filter }) => filter)).toEqual([KQ_FILTER_WRITE]);
  });

  test("asked for no events it returns at once, else it waits", () => {
    const kq = new_kqueue();
    expect(kq.control(null, 0)).toEqual([]);
    const begin = performance.now();
    expect(kq.control(null, 1, 0.1)).toEqual([]);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(99);
  });

  test("both filters of one descriptor are one event of the selector", () => {
    using sel = new selectors.KqueueSelector();
    const [left, right] = pair();
    right.send(b`x`);
    sel.register(left, selectors.EVENT_READ | selectors.EVENT_WRITE);
    expect(sel.select().map(([key, mask]) => [key.fd, mask])).toEqual([[left.fileno(), 3]]);
  });
});
