/**
 * kqueue, where there is one: macOS, the BSDs, or a build with a kqueue library for Linux (see
 * CONTRIBUTING.md). KqueueSelector itself is in test/selectors/contract-*.test.ts, with all the others.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { b, repr } from "iomux/builtins";
import * as select from "iomux/select";
import * as selectors from "iomux/selectors";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

import { flags_of } from "../support/proc.ts";
import { connection, pair } from "../support/sockets.ts";

const has_kqueue = "kqueue" in select && (select.kqueue as unknown) !== undefined;
/** Whose kqueue it is that runs here: the system's, or on Linux the library that is loaded. */
const whose = process.platform === "linux" ? library() : process.platform;

function library(): string {
  const loaded = readFileSync("/proc/self/maps", "utf8").match(/\S*kqueue\S*\.so\S*/);
  return loaded === null ? "a library's" : basename(loaded[0]);
}

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

function fields({ ident, filter, flags, fflags, data, udata }: select.kevent): unknown[] {
  return [ident, filter, flags, fflags, data, udata];
}

/** Which events of which sockets, in an order that is always the same. */
function named(...all: readonly (readonly [socket.socket, number])[]): string[] {
  return all.map(([sock, filter]) => `${sock.fileno()} ${filter}`).toSorted();
}

describe.runIf(has_kqueue)(`kqueue, ${whose}`, () => {
  const {
    KQ_EV_ADD,
    KQ_EV_CLEAR,
    KQ_EV_DELETE,
    KQ_EV_DISABLE,
    KQ_EV_ENABLE,
    KQ_EV_EOF,
    KQ_EV_ONESHOT,
  } = select;
  const { KQ_FILTER_READ, KQ_FILTER_WRITE } = select;

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
        raises("TypeError", "timeout argument must be a number or None, got float"),
      );
      expect(() => kq.control(null, 1, "1" as never)).toThrow(
        raises("TypeError", "timeout argument must be a number or None, got str"),
      );
      expect(() => kq.control(null, 1, 1e300)).toThrow(
        raises("TypeError", "timeout argument must be a number or None, got float"),
      );
      expect(() => kq.control(null, 2 ** 31)).toThrow(
        raises("OverflowError", "Python int too large to convert to C int"),
      );
      expect(() => kq.control(null, 2 ** 31 - 1, 0)).toThrow(raises("MemoryError", ""));
      expect(() => kq.control(1 as never, 0)).toThrow(
        raises("TypeError", "changelist is not iterable"),
      );
      for (const changes of [[1], [null], "e"]) {
        expect(() => kq.control(changes as never, 0)).toThrow(
          raises("TypeError", "changelist must be an iterable of select.kevent objects"),
        );
      }
    });

    test.each<[values: readonly unknown[], name: string, message: string]>([
      [[null], "TypeError", "argument must be an int, or have a fileno() method."],
      [[1.5], "TypeError", "argument must be an int, or have a fileno() method."],
      [[-1], "OverflowError", "can't convert negative value to unsigned int"],
      [[2n ** 64n], "OverflowError", "Python int too large to convert to C unsigned long"],
      [[1, 2 ** 15], "OverflowError", "signed short integer is greater than maximum"],
      [[1, -(2 ** 15) - 1], "OverflowError", "signed short integer is less than minimum"],
      [[1, "r"], "TypeError", "'str' object cannot be interpreted as an integer"],
      [[1, 1, 0.5], "TypeError", "'float' object cannot be interpreted as an integer"],
      [[1, 1, 1, null], "TypeError", "'NoneType' object cannot be interpreted as an integer"],
      [[1, 1, 1, 1, 2n ** 63n], "OverflowError", "Python int too large to convert to C long"],
      [[1, 1, 1, 1, 1, "x"], "TypeError", "kevent() argument 6 must be int, not str"],
    ])("of kevent: %s", (values, name, message) => {
      const Kevent = select.kevent as unknown as new (...all: readonly unknown[]) => select.kevent;
      expect(() => new Kevent(...values)).toThrow(raises(name, message));
    });

    test("of kevent: an object whose descriptor is negative", () => {
      expect(() => new select.kevent({ fileno: () => -1 })).toThrow(
        raises("ValueError", "file descriptor cannot be a negative integer (-1)"),
      );
    });

    test("of an event whose fields were changed", () => {
      const event = new select.kevent(0);
      event.data = "5" as never;
      expect(() => new_kqueue().control([event], 0)).toThrow(TypeError);
    });

    test("of one that is closed", () => {
      const kq = new_kqueue();
      kq.close();
      kq.close();
      expect(kq.closed).toBe(true);
      expect(() => kq.fileno()).toThrow("I/O operation on closed kqueue object");
      expect(() => kq.control(null, 0)).toThrow(
        raises("ValueError", "I/O operation on closed kqueue object"),
      );
    });

    test("a filter that is not there is ENOENT when it is taken away", () => {
      const kq = new_kqueue();
      const [left] = pair();
      const gone = new select.kevent(left, KQ_FILTER_READ, KQ_EV_DELETE);
      expect(() => kq.control([gone], 0, 0)).toThrow("[Errno 2]");
    });
  });

  describe("kevent", () => {
    test("what is left out is to be watched for reading", () => {
      expect(fields(new select.kevent(5))).toEqual([5, KQ_FILTER_READ, KQ_EV_ADD, 0, 0, 0]);
      const write = new select.kevent({ fileno: () => 5 }, KQ_FILTER_WRITE);
      expect(fields(write)).toEqual([5, KQ_FILTER_WRITE, KQ_EV_ADD, 0, 0, 0]);
    });

    test("keeps what it is given, in this order", () => {
      expect(fields(new select.kevent(1, 2, 3, 4, 5, 6))).toEqual([1, 2, 3, 4, 5, 6]);
      const large = [2n ** 64n - 1n, -(2 ** 15), 0xffff, 0xffffffff, -(2n ** 63n), 2n ** 63n];
      expect(fields(new select.kevent(...(large as [bigint, number])))).toEqual(large);
      expect(fields(new select.kevent(7n, 1, 1, 1, 7n, 7n))).toEqual([7, 1, 1, 1, 7, 7]);
    });

    test("takes the low bits of flags, fflags and udata", () => {
      const event = new select.kevent(0, 1, 0x12345, 0x123456789, 0, -1);
      expect(fields(event)).toEqual([0, 1, 0x2345, 0x23456789, 0, 2n ** 64n - 1n]);
    });

    test("prints as Python's", () => {
      const event = new select.kevent(1, -2, 3, 4, -5, 26);
      const text =
        "<select.kevent ident=1 filter=-2 flags=0x3 fflags=0x4 data=0xfffffffffffffffb udata=0x1a>";
      expect([repr(event), String(event)]).toEqual([text, text]);
    });

    test("is equal to one with the same fields", () => {
      const event = new select.kevent(1, 2, 3, 4, 5, 6);
      expect(event.__eq__(new select.kevent(1n, 2, 3, 4, 5n, 6n))).toBe(true);
      for (let field = 0; field < 6; field++) {
        const values = [1, 2, 3, 4, 5, 6].with(field, 9);
        expect(event.__eq__(new select.kevent(...(values as [number])))).toBe(false);
      }
      expect(event.__eq__(null)).toBe(false);
    });

    test("is less than one whose first other field is more", () => {
      const ascending = [
        new select.kevent(9, 2, 2, 2, 2, 2n ** 63n),
        new select.kevent(9, 2, 2, 2, 2, 2),
        new select.kevent(9, 2, 2, 2, 3, 1),
        new select.kevent(9, 2, 2, 3, -1, 1),
        new select.kevent(9, 2, 3, 0, 1, 1),
        new select.kevent(9, 3, 1, 1, 1, 1),
        new select.kevent(10, -1, 1, 1, 1, 1),
        new select.kevent(2n ** 63n, -2, 1, 1, 1, 1),
      ];
      for (const [index, event] of ascending.entries()) {
        expect(ascending.map((other) => event < other)).toEqual(ascending.map((_, i) => index < i));
        expect(ascending.map((other) => event >= other)).toEqual(
          ascending.map((_, i) => index >= i),
        );
      }
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

  test("both ends of a connection, by two objects of one kqueue", () => {
    const kq = new select.kqueue();
    const same = select.kqueue.fromfd(kq.fileno());
    onTestFinished(() => {
      // Both at once, before somebody else gets the number.
      same.close();
      kq.close();
    });
    const [client, server] = connection();
    expect(same.fileno()).toBe(kq.fileno());
    kq.control([new select.kevent(server, KQ_FILTER_WRITE, KQ_EV_ADD | KQ_EV_ENABLE)], 0);
    kq.control([new select.kevent(server, KQ_FILTER_READ, KQ_EV_ADD | KQ_EV_ENABLE)], 0);
    same.control([new select.kevent(client, KQ_FILTER_WRITE, KQ_EV_ADD | KQ_EV_ENABLE)], 0);
    same.control([new select.kevent(client, KQ_FILTER_READ, KQ_EV_ADD | KQ_EV_ENABLE)], 0);
    const happened = (most: number): string[] =>
      kq
        .control([], most, 1)
        .map(({ ident, filter }) => `${ident} ${filter}`)
        .toSorted();
    expect(happened(4)).toEqual(named([client, KQ_FILTER_WRITE], [server, KQ_FILTER_WRITE]));

    client.send(b`Hello!`);
    server.send(b`world!!!`);
    expect(client.recv(1, socket.MSG_PEEK)).toEqual(b`w`);
    expect(server.recv(1, socket.MSG_PEEK)).toEqual(b`H`);
    expect(happened(4)).toEqual(
      named(
        [client, KQ_FILTER_READ],
        [client, KQ_FILTER_WRITE],
        [server, KQ_FILTER_READ],
        [server, KQ_FILTER_WRITE],
      ),
    );
    expect(happened(1)).toHaveLength(1);

    kq.control([new select.kevent(client, KQ_FILTER_WRITE, KQ_EV_DELETE)], 0);
    kq.control([new select.kevent(client, KQ_FILTER_READ, KQ_EV_DELETE)], 0);
    kq.control([new select.kevent(server, KQ_FILTER_READ, KQ_EV_DELETE)], 0, 0);
    expect(happened(4)).toEqual(named([server, KQ_FILTER_WRITE]));
  });

  test("the changes may be anything that can be gone through, once or more", () => {
    const kq = new_kqueue();
    // Without KQ_EV_CLEAR, the library for Linux takes no second KQ_EV_ADD.
    const event = new select.kevent(pair()[0], KQ_FILTER_READ, KQ_EV_ADD | KQ_EV_CLEAR);
    for (const changes of [[event], new Set([event]), [event].values(), [event, event], []]) {
      expect(kq.control(changes, 0)).toEqual([]);
    }
  });

  test("KQ_EV_ONESHOT is reported once, KQ_EV_DISABLE not at all", () => {
    const kq = new_kqueue();
    const [left] = pair();
    kq.control([new select.kevent(left, KQ_FILTER_WRITE, KQ_EV_ADD | KQ_EV_ONESHOT)], 0);
    expect(kq.control(null, 4, 1)).toHaveLength(1);
    expect(kq.control(null, 4, 0)).toEqual([]);
    kq.control([new select.kevent(left, KQ_FILTER_WRITE, KQ_EV_ADD)], 0);
    kq.control([new select.kevent(left, KQ_FILTER_WRITE, KQ_EV_DISABLE)], 0);
    expect(kq.control(null, 4, 0)).toEqual([]);
    kq.control([new select.kevent(left, KQ_FILTER_WRITE, KQ_EV_ENABLE)], 0);
    expect(kq.control(null, 4, 1)).toHaveLength(1);
  });

  test.skipIf(process.platform !== "linux")("its descriptor is close-on-exec", () => {
    const O_CLOEXEC = 0o2000000;
    expect(flags_of(new_kqueue().fileno()) & O_CLOEXEC).toBe(O_CLOEXEC);
  });

  test("closed by a signal's handler while it waits, it is an error of the system", () => {
    const kq = new select.kqueue();
    signal.signal(signal.SIGALRM, () => kq.close());
    onTestFinished(() => void signal.signal(signal.SIGALRM, signal.SIG_DFL));
    signal.setitimer(signal.ITIMER_REAL, 0.02);
    // EBADF; libkqueue has a word of its own for it.
    expect(() => kq.control(null, 1)).toThrow(/Bad file descriptor|No such file or directory/);
  });

  test("fromfd(-1) makes a new one", () => {
    const made = select.kqueue.fromfd(-1);
    onTestFinished(() => made.close());
    expect(made.control(null, 0)).toEqual([]);
  });

  test("both filters of one descriptor are one event of the selector", () => {
    using sel = new selectors.KqueueSelector();
    const [left, right] = pair();
    right.send(b`x`);
    sel.register(left, selectors.EVENT_READ | selectors.EVENT_WRITE);
    expect(sel.select().map(([key, mask]) => [key.fd, mask])).toEqual([[left.fileno(), 3]]);
  });
});
