/** Recordings as scripts/multiconn-server.ts would have made them, of any length: to test what reads them. */
import { readFileSync } from "node:fs";

import type { Call, Header, Interest, Line, Source, Stack } from "../../lib/trace/recording.ts";

const PATH = "scripts/multiconn-server.ts";

/** What is asked of a recording. */
export interface Wanted {
  /** How many turns of the loop there are: five calls each. */
  readonly turns: number;
  /** How many clients there are, one after the other on the same few descriptors. */
  readonly clients: number;
  readonly by?: "epoll" | "poll" | "select";
}

/** The line of the program in which `text` stands. */
function line_of(program: string, text: string): number {
  const at = program.split("\n").findIndex((line) => line.includes(text));
  if (at === -1) throw new Error(`${PATH} has no line with ${text}`);
  return at + 1;
}

/** The lines of a recording, in their order. */
export function* multiconn({ turns, clients, by = "epoll" }: Wanted): Generator<Line> {
  const text = readFileSync(PATH, "utf8");
  const twin = {
    path: PATH.replace(/ts$/, "py"),
    text: readFileSync(PATH.replace(/ts$/, "py"), "utf8"),
  };
  yield {
    kind: "header",
    format: "iomux-recording",
    version: 1,
    pid: 4000,
    program: "multiconn-server.ts",
    argv: [PATH, "127.0.0.1", "65432"],
    runs_on: "iomux",
    seen_by: "iomux",
    runtime: process.version,
    platform: "linux",
    started: "2026-01-02T03:04:05.000Z",
    clock: "1000000",
    why: true,
    watch: ["outb"],
  } satisfies Header;
  yield { kind: "source", path: PATH, text, twin } satisfies Source;
  const places: readonly (readonly [string | null, string])[] = [
    [null, "sel.select(null)"],
    ["accept_wrapper", "sock.accept()"],
    ["service_connection", "sock.recv(1024)"],
    ["service_connection", "sock.send(data.outb)"],
    ["service_connection", "sock.close()"],
    ["accept_wrapper", "sel.register(conn"],
    [null, "lsock.listen()"],
  ];
  for (const [stack, [name, place]] of places.entries()) {
    const module = ["<module>", PATH, line_of(text, name ?? place)] as const;
    const frames = name === null ? [module] : [[name, PATH, line_of(text, place)] as const, module];
    yield { kind: "stack", stack, frames } satisfies Stack;
  }
  yield* calls(turns, clients, by);
}

function* calls(turns: number, clients: number, by: "epoll" | "poll" | "select"): Generator<Line> {
  let number = 0;
  let t = 0;
  let loop = 0;
  const call = (name: string, d: number, rest: Partial<Call>): Call => {
    const line = {
      kind: "call",
      call: number++,
      t,
      d,
      name,
      syscall: name,
      args: {},
      result: 0,
      loop,
      ...rest,
    } as Call;
    t += d + 2000;
    return line;
  };
  if (by === "epoll") {
    yield call("epoll_create1", 3000, { result: 3, made: [{ fd: 3, life: 1, what: "epoll" }] });
  }
  yield call("socket", 3000, {
    result: 4,
    made: [{ fd: 4, life: 2, what: "socket" }],
    args: { family: "AF_INET", type: "SOCK_STREAM", protocol: 0 },
  });
  yield call("bind", 3000, { fd: 4, life: 2, args: { fd: 4, address: ["127.0.0.1", 65432] } });
  yield call("listen", 3000, { fd: 4, life: 2, args: { fd: 4, backlog: 128 }, stack: 6 });
  yield { kind: "print", t, fd: 1, text: "Listening on ('127.0.0.1', 65432)\n" };
  const waits = { epoll: "epoll_wait", poll: "poll", select: "pselect6" }[by];
  const each = Math.max(1, Math.floor(turns / clients));
  for (let turn = 0; turn < turns; turn++) {
    const client = Math.min(clients - 1, Math.floor(turn / each));
    const [fd, life] = [5 + (client % 3), 3 + client];
    const first = turn % each === 0 && turn / each === client;
    loop++;
    const wake = (ready: Interest): Partial<Call> => {
      const interest: Interest[] = first
        ? [[4, 2, 1]]
        : [
            [4, 2, 1],
            [fd, life, 3],
          ];
      return {
        result: 1,
        stack: 0,
        args: by === "epoll" ? { epfd: 3, max_events: 8, timeout_ms: -1 } : {},
        ...(by === "epoll" ? { fd: 3, life: 1 } : {}),
        wake: {
          by,
          timeout: null,
          ...(by === "epoll" ? { poller: 1 } : {}),
          ...(turn % each < 2 ? { interest } : {}),
          ready: [ready],
          selected: [[ready[0], ready[1], ready[2] & 4 ? 3 : 1]],
          why: [
            {
              fd: ready[0],
              life: ready[1],
              receive: ready[0] === 4 ? 1 : 22,
              send: 0,
              send_room: 87040,
              receive_room: 131072,
              state: ready[0] === 4 ? "LISTEN" : "ESTABLISHED",
              error: false,
            },
          ],
        },
      };
    };
    if (first) {
      yield call(waits, 400_000, wake([4, 2, 1]));
      const peer = ["127.0.0.1", 50_000 + (client % 10_000)];
      yield call("accept4", 9000, {
        fd: 4,
        life: 2,
        result: fd,
        stack: 1,
        args: { fd: 4, flags: "SOCK_CLOEXEC", may_block: false, address: peer },
        made: [{ fd, life, what: "socket", peer }],
      });
      yield call("sockaddr_decode", 500, { result: peer, stack: 1, syscall: undefined as never });
      if (by === "epoll") {
        const args = { epfd: 3, op: "EPOLL_CTL_ADD", fd, events: "EPOLLIN|EPOLLOUT" };
        yield call("epoll_ctl", 3000, { fd, life, args, stack: 5 });
      }
      continue;
    }
    const last = turn % each === each - 1 && client < clients - 1;
    yield call(waits, turn % 7 === 0 ? 150_000 : 4000, wake([fd, life, 5]));
    const data = last ? "" : "Message 1 from client.";
    const args = { fd, length: 1024, flags: 0, may_block: false };
    yield call("recv", 5000, {
      syscall: "recvfrom",
      fd,
      life,
      args,
      bytes: data.length,
      data,
      result: data.length,
      stack: 2,
    });
    if (last) {
      yield call("close", 4000, { fd, life, args: { fd }, ended: life, stack: 4 });
      continue;
    }
    yield call("send", 8000, {
      syscall: "sendto",
      fd,
      life,
      args: { ...args, length: 22 },
      bytes: 22,
      data: "Message 1 from client.",
      result: 22,
      stack: 3,
      watched: { [life]: { outb: { bytes: 22, data: "Message 1 from client." } } },
    });
    const again = { syscall: "recvfrom", fd, life, args, result: null, errno: "EAGAIN", stack: 2 };
    yield call("recv", 1500, { ...again, watched: { [life]: { outb: { bytes: 0, data: "" } } } });
  }
  yield { kind: "end", t, status: 0 };
}

/** As the text of a file. */
export function as_text(lines: Iterable<Line>): string {
  return Array.from(lines, (line) => `${JSON.stringify(line)}\n`).join("");
}
