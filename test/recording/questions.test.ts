/** Questions that are made from recordings of real runs: their right answers are what was recorded. */
import { describe, expect, test } from "vitest";

import { b, BlockingIOError, OSError } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import type { Line } from "iomux/trace";

import { questions_of } from "../../tools/recording/questions.ts";
import type { Question } from "../../tools/recording/questions.ts";
import { reserve } from "../support/ports.ts";
import {
  address,
  calls_of,
  connection,
  listener,
  ready,
  recorded,
  traced,
  with_connections,
} from "../support/recorded-scenes.ts";
import type { Selector } from "../support/recorded-scenes.ts";
import { waiting_call } from "../support/system.ts";
import { needs } from "../support/tools.ts";

const { EVENT_READ, EVENT_WRITE, DefaultSelector } = selectors;
const BOTH = EVENT_READ | EVENT_WRITE;

function right({ choices, answer }: Question): string {
  return choices[answer];
}

/** The questions about one call. */
function about(lines: readonly Line[], wanted: string | RegExp): Question[] {
  return questions_of(lines).filter(({ question }) => question.match(wanted) !== null);
}

function accept_wrapper(sel: Selector, lsock: socket.socket): void {
  const [conn] = lsock.accept();
  conn.setblocking(false);
  sel.register(conn, BOTH);
}

function service_connection(sel: Selector, sock: socket.socket, mask: number): void {
  if ((mask & EVENT_READ) === 0) return;
  const data = sock.recv(1024);
  if (data.length > 0) {
    sock.send(data);
    return;
  }
  sel.unregister(sock);
  sock.close();
}

/** The tutorial's server, with clients that come, ask and go in turn; each sends so many messages. */
function tutorial(clients: number, messages: number = 2): Line[] {
  return recorded(() => {
    using sel = new DefaultSelector<unknown, socket.socket>();
    using lsock = listener();
    sel.register(lsock, EVENT_READ);
    const turn = (): void => {
      for (const [{ fileobj }, mask] of sel.select()) {
        if (fileobj === lsock) accept_wrapper(sel, lsock);
        else service_connection(sel, fileobj, mask);
      }
    };
    for (let number = 0; number < clients; number++) {
      using client = new socket.socket();
      client.connect(address(lsock));
      turn();
      for (let message = 0; message < messages; message++) {
        turn();
        client.sendall(Buffer.from(`Message from client ${number}`));
        turn();
        client.recv(100);
      }
      client.close();
      while (sel.get_map()!.size > 1) turn();
    }
  });
}

describe("all questions of a run of the tutorial's server", () => {
  const lines = tutorial(4);
  const asked = questions_of(lines);

  test("are a dozen at most, in the order of the calls, each about another call", () => {
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.length).toBeLessThanOrEqual(12);
    const calls = asked.map(({ call }) => call);
    expect(calls).toEqual([...new Set(calls)].toSorted((one, other) => one - other));
    const last = calls_of(lines).at(-1)!.call;
    expect(calls.every((call) => call >= 0 && call <= last)).toBe(true);
    // From all over the recording.
    expect(calls[0]).toBeLessThan(last / 3);
    expect(calls.at(-1)!).toBeGreaterThan(last / 2);
  });

  test("have choices that differ, one of which is right", () => {
    for (const { choices, answer, question, explanation } of asked) {
      expect(choices.length).toBeGreaterThanOrEqual(2);
      expect(new Set(choices).size).toBe(choices.length);
      expect(choices[answer]).toBeTypeOf("string");
      expect(question.endsWith("?")).toBe(true);
      expect(explanation.endsWith(".")).toBe(true);
      expect(`${question} ${choices.join(" ")} ${explanation}`).not.toMatch(
        /undefined|null|NaN|\bObject\b/,
      );
    }
  });

  test("are of many kinds, and the right answer is not always at the same place", () => {
    expect(
      new Set(asked.map(({ question }) => question.replaceAll(/\d+/g, "N"))).size,
    ).toBeGreaterThan(6);
    expect(new Set(asked.map(({ answer }) => answer)).size).toBeGreaterThan(1);
  });

  test("are the same each time", () => {
    expect(questions_of(lines)).toEqual(asked);
  });

  test("ask for what was recorded of that very call", () => {
    const calls = calls_of(lines);
    for (const each of asked) {
      const call = calls.find(({ call: number }) => number === each.call)!;
      if (each.question.includes("calls recv")) {
        expect(right(each).startsWith("No bytes")).toBe(call.result === 0);
        expect(right(each).startsWith("Bytes")).toBe(Number(call.result) > 0);
        expect(each.question).toContain(`fd ${call.fd}`);
      }
      if (each.question.includes("calls send")) {
        expect(right(each)).toBe(`All ${Number(call.result)}.`);
      }
      if (each.question.includes("report as ready")) {
        for (const [fd] of call.wake!.ready) expect(right(each)).toMatch(new RegExp(`fd ${fd}\\b`));
        expect(right(each).match(/fd \d+/g)).toHaveLength(call.wake!.ready.length);
      }
    }
  });
});

test("whether a wait sleeps", () => {
  const lines = with_connections(2, BOTH, (sel) => {
    sel.select();
    sel.select();
  });
  const [first] = about(lines, "at once, or sleep");
  // With a machine under load even that may have taken long.
  if (first !== undefined) expect(right(first)).toBe("It returns at once.");
  const asleep = with_connections(1, EVENT_READ, (sel) => {
    expect(sel.select(0.05)).toEqual([]);
  });
  const [second] = about(asleep, "at once, or sleep");
  expect(right(second)).toBe("It sleeps for 50 ms and reports nothing.");
});

test("how much a send takes when the peer does not read", () => {
  const lines = with_connections(1, EVENT_WRITE, (sel, _, [conn]) => {
    sel.select();
    const big = Buffer.alloc(1 << 24);
    expect(() => {
      while (true) conn.send(big);
    }).toThrow(BlockingIOError);
  });
  const sends = calls_of(lines).filter(({ name }) => name === "send");
  const found = about(lines, "How many does it take");
  const some = found.find((each) => right(each) === "Some of them.")!;
  const taken = Number(sends.find(({ call }) => call === some.call)!.result);
  expect(some.explanation).toContain(`It took ${taken.toLocaleString("en")} of 16,777,216`);
  const none = found.find((each) => right(each) === "None now: EAGAIN.")!;
  expect(none.call).toBe(sends.at(-1)!.call);
});

test("what recv returns where nothing is there, and after a reset", () => {
  const lines = with_connections(1, EVENT_READ, (sel, [client], [conn]) => {
    expect(() => conn.recv(100)).toThrow(BlockingIOError);
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
    client.close();
    sel.select();
    expect(() => conn.recv(200)).toThrow(OSError);
  });
  const [again, reset] = about(lines, "calls recv");
  expect(right(again)).toBe("EAGAIN: nothing to read now.");
  expect(right(reset)).toBe("ECONNRESET: the peer reset the connection.");
});

test("what a wait says of bytes that one recv has left behind", () => {
  const lines = with_connections(1, EVENT_READ, (sel, [client], [conn]) => {
    client.sendall(b`a message that is long`);
    sel.select();
    conn.recv(2);
    sel.select();
    conn.recv(100);
  });
  const [left] = about(lines, /^recv has taken 2 of 22 bytes/);
  expect(right(left)).toContain("Yes, at once");
  expect(left.explanation).toContain("20 bytes still lay in the receive buffer");
});

test("how the end of a stream is reported", () => {
  const lines = with_connections(1, EVENT_READ, (sel, [client], [conn]) => {
    client.shutdown(socket.SHUT_WR);
    sel.select();
    conn.recv(100);
  });
  const [end] = about(lines, "has closed its sending side");
  expect(right(end)).toBe("As ready to be read, as if bytes had arrived.");
  expect(calls_of(lines)[end.call].name).toBe(waiting_call);
});

test("who is served first", () => {
  const lines = with_connections(3, EVENT_READ, (sel, clients) => {
    for (const client of clients.toReversed()) client.sendall(b`hello`);
    // The first one is left alone.
    for (const conn of ready(sel).slice(1)) conn.recv(10);
  });
  const wait = calls_of(lines).find(({ wake }) => wake !== undefined)!;
  const [first, second] = wait.wake!.ready;
  const [who] = about(lines, "in this order");
  expect(who.call).toBe(wait.call + 1);
  expect(right(who)).toBe(`fd ${second[0]}`);
  expect(who.choices).toHaveLength(3);
  expect(who.explanation).toContain(
    `For fd ${first[0]}, which came first, the program found nothing to do.`,
  );
});

test("which function runs next", () => {
  const found = about(tutorial(4), "Which function");
  expect(found.map(right).toSorted()).toEqual(expect.arrayContaining(["accept_wrapper"]));
  for (const each of found) {
    expect(each.choices).toEqual([
      "accept_wrapper",
      "service_connection",
      "none: the loop waits again",
    ]);
    expect(each.explanation).toMatch(
      /^(accept_wrapper|service_connection) did: .*questions\.test\.ts, line \d+/,
    );
  }
});

test("that a number is given again, and what is meant by it then", () => {
  const lines = recorded(() => {
    using lsock = listener();
    const [client, conn] = connection(lsock);
    const fd = conn.fileno();
    const other = new socket.socket();
    other.connect(address(lsock));
    conn.close();
    const [again] = lsock.accept();
    expect(again.fileno()).toBe(fd);
    other.sendall(b`hello`);
    again.recv(100);
    for (const sock of [client, other, again]) sock.close();
  });
  const close = calls_of(lines).find(({ name }) => name === "close")!;
  const [number] = about(lines, "Which number");
  expect(right(number)).toBe(`fd ${close.fd}`);
  expect(number.explanation).toContain(`since call ${close.call} closed`);
  const [life] = about(lines, "which connection is that");
  expect(life.question).toContain(`In call ${close.call} the program closed fd ${close.fd}`);
  expect(right(life)).toBe("Another one, which got the same number.");
});

test("what a connect that does not wait returns", () => {
  const lines = recorded(() => {
    using lsock = listener();
    using sock = new socket.socket();
    sock.setblocking(false);
    expect(sock.connect_ex(address(lsock))).toBeGreaterThan(0);
  });
  const [connect] = about(lines, "calls connect");
  expect(right(connect)).toContain("EINPROGRESS");
});

test("a long recording has no more questions than a short one, from its beginning to its end", () => {
  const lines = tutorial(150);
  const asked = questions_of(lines);
  expect(asked.length).toBeLessThanOrEqual(12);
  const calls = calls_of(lines).length;
  expect(asked[0].call).toBeLessThan(calls / 10);
  expect(asked.at(-1)!.call).toBeGreaterThan(calls / 2);
});

test.each([
  ["TypeScript", "build-test/scripts/multiconn-server.js"],
  ["Python", "scripts/multiconn-server.py"],
])("a server in %s and its client together", async (language, script) => {
  if (language === "Python") needs("python3", "strace");
  const where = ["127.0.0.1", String(await reserve())];
  const client = ["build-test/scripts/multiconn-client.js", ...where, "3"];
  const lines = await traced(script, ...where, "--", ...client);
  const asked = questions_of(lines);
  expect(new Set(asked.map(({ process }) => process))).toEqual(new Set([0, 1]));
  const time = ({ process, call }: Question): number =>
    calls_of(lines).find((one) => one.process === process && one.call === call)!.t;
  const times = asked.map(time);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(asked.some(({ question }) => question.includes("report as ready"))).toBe(true);
});

test("nothing was recorded", () => {
  expect(questions_of([])).toEqual([]);
});
