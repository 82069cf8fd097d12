/** Anything with a descriptor can be waited for: pipes, timers, terminals, processes, other selectors. */
import { readSync, writeSync } from "node:fs";

import { describe, expect, onTestFinished, test } from "vitest";

import { select } from "iomux/select";
import { DefaultSelector, EVENT_READ, EVENT_WRITE } from "iomux/selectors";
import type { BaseSelector } from "iomux/selectors";

import { reads_descriptors } from "../support/runtime.ts";
import { descriptors, pair } from "../support/sockets.ts";
import type { Descriptor } from "../support/sockets.ts";
import { kinds } from "../support/system.ts";
import { needs_linux } from "../support/tools.ts";

/** A selector of the test's own, or select.select in the place of one: who is ready at once, or in the end. */
interface Waiter {
  readonly name: string;
  wait(file: Descriptor, events: number, timeout: number | null): number;
}

function by_selector(Selector: new () => BaseSelector): Waiter {
  return {
    name: Selector.name,
    wait(file, events, timeout) {
      const sel = new Selector();
      onTestFinished(() => sel.close());
      const key = sel.register(file, events);
      const ready = sel.select(timeout);
      expect(ready.every(([one]) => one === key && one.fileobj === file)).toBe(true);
      sel.close();
      return ready[0]?.[1] ?? 0;
    },
  };
}

const select_itself: Waiter = {
  name: "select.select",
  wait(file, events, timeout) {
    const readers = (events & EVENT_READ) === 0 ? [] : [file];
    const writers = (events & EVENT_WRITE) === 0 ? [] : [file];
    const [readable, writable] = select(readers, writers, [], timeout);
    expect([...readable, ...writable].every((one) => one === file)).toBe(true);
    return (readable.length && EVENT_READ) | (writable.length && EVENT_WRITE);
  },
};

const waiters = kinds.map(([, Selector]) => by_selector(Selector));
const BOTH = EVENT_READ | EVENT_WRITE;

describe.each([...waiters, select_itself])("$name", (waiter) => {
  test("a pipe", () => {
    reads_descriptors();
    const [reader, writer] = descriptors("fds = os.pipe()");
    expect(waiter.wait(reader, BOTH, 0)).toBe(0);
    expect(waiter.wait(writer, BOTH, 0)).toBe(EVENT_WRITE);
    writeSync(writer.fileno(), "x");
    expect(waiter.wait(reader, BOTH, null)).toBe(EVENT_READ);
    readSync(reader.fileno(), Buffer.alloc(10));
    writer.close();
    // The end is something to read.
    expect(waiter.wait(reader, EVENT_READ, null)).toBe(EVENT_READ);
    expect(readSync(reader.fileno(), Buffer.alloc(10))).toBe(0);
  });

  test("a pipe that nobody reads is ready, and writing says why", () => {
    reads_descriptors();
    const [reader, writer] = descriptors("fds = os.pipe()");
    reader.close();
    expect(waiter.wait(writer, EVENT_WRITE, null)).toBe(EVENT_WRITE);
    expect(() => writeSync(writer.fileno(), "x")).toThrow("EPIPE");
  });

  test("a pipe that is full", () => {
    reads_descriptors();
    const [reader, writer] = descriptors(
      "fds = os.pipe(); os.set_blocking(fds[1], False); os.write(fds[1], bytes(1 << 20))",
    );
    expect(waiter.wait(writer, EVENT_WRITE, 0)).toBe(0);
    readSync(reader.fileno(), Buffer.alloc(2 ** 20));
    expect(waiter.wait(writer, EVENT_WRITE, null)).toBe(EVENT_WRITE);
  });

  test("an eventfd", () => {
    reads_descriptors();
    needs_linux();
    const [counter] = descriptors("fds = [os.eventfd(0)]");
    expect(waiter.wait(counter, BOTH, 0)).toBe(EVENT_WRITE);
    writeSync(counter.fileno(), BigUint64Array.of(3n));
    expect(waiter.wait(counter, BOTH, null)).toBe(BOTH);
    const value = new BigUint64Array(1);
    readSync(counter.fileno(), value);
    expect(value[0]).toBe(3n);
    expect(waiter.wait(counter, EVENT_READ, 0)).toBe(0);
  });

  test("a timerfd", () => {
    reads_descriptors();
    needs_linux();
    // struct itimerspec: once, in a hundredth of a second. The clock is CLOCK_MONOTONIC.
    const [timer, never] = descriptors(`
import ctypes
libc = ctypes.CDLL(None)
fds = [libc.timerfd_create(1, 0), libc.timerfd_create(1, 0)]
libc.timerfd_settime(fds[0], 0, (ctypes.c_long * 4)(0, 0, 0, 10_000_000), None)
`);
    expect(waiter.wait(timer, EVENT_READ, null)).toBe(EVENT_READ);
    const expirations = new BigUint64Array(1);
    readSync(timer.fileno(), expirations);
    expect(expirations[0]).toBe(1n);
    expect(waiter.wait(timer, EVENT_READ, 0)).toBe(0);
    expect(waiter.wait(never, BOTH, 0)).toBe(0);
  });

  test("a terminal", () => {
    reads_descriptors();
    const [controller, terminal] = descriptors("import pty; fds = pty.openpty()");
    expect(waiter.wait(terminal, BOTH, 0)).toBe(EVENT_WRITE);
    writeSync(controller.fileno(), "a line");
    // Only a whole line is something to read.
    expect(waiter.wait(terminal, EVENT_READ, 0)).toBe(0);
    writeSync(controller.fileno(), "\n");
    expect(waiter.wait(terminal, EVENT_READ, null)).toBe(EVENT_READ);
    const line = Buffer.alloc(100);
    expect(line.toString("utf8", 0, readSync(terminal.fileno(), line))).toBe("a line\n");
  });

  test("a process, which is ready when it has ended", () => {
    needs_linux();
    const [ended] = descriptors("fds = [os.pidfd_open(os.getpid())]");
    expect(waiter.wait(ended, EVENT_READ, null)).toBe(EVENT_READ);
  });
});

test.each(kinds)("%s: descriptors of all kinds at once, and a socket among them", (_, Selector) => {
  reads_descriptors();
  needs_linux();
  using sel: BaseSelector<string> = new Selector<string>();
  const [reader, writer, counter] = descriptors("fds = [*os.pipe(), os.eventfd(1)]");
  const [left, right] = pair();
  sel.register(reader, EVENT_READ, "pipe");
  sel.register(counter.fileno(), EVENT_READ, "eventfd");
  sel.register(left, EVENT_READ, "socket");
  const ready = (): string[] =>
    sel
      .select(0)
      .map(([key]) => key.data)
      .toSorted();
  expect(ready()).toEqual(["eventfd"]);
  writeSync(writer.fileno(), "x");
  right.send(Buffer.from("x"));
  expect(ready()).toEqual(["eventfd", "pipe", "socket"]);
  sel.unregister(counter);
  left.recv(1);
  expect(ready()).toEqual(["pipe"]);
});

test("select.select takes numbers and objects, and gives back what it was given", () => {
  const [reader, writer] = descriptors("fds = os.pipe()");
  const [left, right] = pair();
  right.send(Buffer.from("x"));
  const [readable, writable] = select([reader, left], [writer.fileno(), left], [], 0);
  expect(readable).toEqual([left]);
  expect(readable[0]).toBe(left);
  expect(writable).toEqual([writer.fileno(), left]);
});

test("a key that has only a number speaks of whoever has it now; one that has an object does not", () => {
  using sel = new DefaultSelector();
  const [one] = pair();
  const [other, other_peer] = pair();
  const by_number = sel.register(one.fileno(), EVENT_WRITE);
  const by_object = sel.register(other, EVENT_WRITE);
  expect(sel.select(0)).toHaveLength(2);
  // A handler of the same batch closes them, and new sockets take their numbers.
  one.close();
  other.close();
  const strangers = new Set<number>();
  while (!strangers.has(by_number.fd)) for (const sock of pair()) strangers.add(sock.fileno());
  expect(() => (by_object.fileobj as typeof other).send(Buffer.from("x"))).toThrow(
    "[Errno 9] Bad file descriptor",
  );
  expect(other_peer.recv(1)).toHaveLength(0);
});
