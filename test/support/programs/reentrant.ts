/**
 * Calls with arguments that do something else in the middle of the call: close what it is about, unregister it,
 * give its descriptor to a stranger, take its memory away. For test/package/misuse.test.ts: a crash is the end of this
 * process. For each call there are two lines of output, its name and, as JSON, what was wrong.
 */
import { writeSync } from "node:fs";

import * as fc from "fast-check";

import * as select from "iomux/select";
import type { BaseSelector } from "iomux/selectors";
import * as socket from "iomux/socket";

import { detach } from "../arbitrary.ts";
import { count_descriptors } from "../own-process.ts";
import { has_epoll, kinds } from "../system.ts";

const RUNS = Number(process.argv[2]);
const SEED = Number(process.argv[3] ?? 1);
const SECRET = "what is the stranger's";

/** What there is to act on, new for each call. */
class World {
  /** Its peer has sent something. */
  readonly [0]: socket.socket;
  readonly [1]: socket.socket;
  readonly memory = new ArrayBuffer(64, { maxByteLength: 4096 });
  readonly bytes = new Uint8Array(this.memory);
  readonly poller = select.poll();
  readonly epoll = has_epoll ? new select.epoll() : null;
  readonly selectors: BaseSelector[] = kinds.map(([, Selector]) => new Selector());
  /** Who has got a descriptor that was closed. */
  strangers: readonly socket.socket[] = [];

  constructor() {
    [this[0], this[1]] = socket.socketpair();
    for (const sock of [this[0], this[1]]) sock.setblocking(false);
    this[1].send(Buffer.from("data"));
    this.poller.register(this[0], select.POLLIN);
    this.epoll?.register(this[0], 1);
    for (const sel of this.selectors) sel.register(this[0], 1);
  }

  close(): void {
    for (const sel of this.selectors) sel.close();
    this.epoll?.close();
    for (const sock of [this[0], this[1], ...this.strangers]) sock.close();
  }

  /** Whether the stranger has still got what is its own. */
  is_robbed(): boolean {
    const [stranger] = this.strangers;
    return stranger !== undefined && String(stranger.recv(100)) !== SECRET;
  }
}

type Act = (world: World) => unknown;

const acts: Readonly<Record<string, Act>> = {
  "closes the socket": (world) => world[0].close(),
  "closes its peer": (world) => world[1].close(),
  "gives the descriptor to a stranger"(world) {
    if (world.strangers.length > 0) return;
    world[0].close();
    world.strangers = socket.socketpair();
    for (const sock of world.strangers) sock.setblocking(false);
    world.strangers[1].send(Buffer.from(SECRET));
  },
  "detaches the socket": (world) => socket.close(world[0].detach()),
  "closes the selectors"(world) {
    for (const sel of world.selectors) sel.close();
    world.epoll?.close();
  },
  "unregisters the socket"(world) {
    for (const sel of world.selectors) sel.unregister(world[0]);
    world.poller.unregister(world[0]);
    world.epoll?.unregister(world[0]);
  },
  "registers its peer"(world) {
    for (const sel of world.selectors) sel.register(world[1], 3);
    world.poller.register(world[1], 5);
    world.epoll?.register(world[1], 5);
  },
  "looks itself"(world) {
    for (const sel of world.selectors) sel.select(0);
    world.poller.poll(0);
    world.epoll?.poll(0);
  },
  "receives itself": (world) => world[0].recv(100),
  "shrinks the memory": (world) => world.memory.resize(1),
  "grows the memory": (world) => world.memory.resize(4096),
  "takes the memory away": (world) => detach(world.memory),
  throws() {
    throw new Error("on purpose");
  },
};

/** Something that acts when it is looked at. */
interface Trap {
  readonly number: (value: number) => number;
  readonly file: () => { fileno(): number };
  readonly items: (...items: readonly unknown[]) => Iterable<unknown>;
}

function trap(act: () => unknown, world: World): Trap {
  return {
    number: (value) =>
      ({
        valueOf() {
          act();
          return value;
        },
      }) as unknown as number,
    file: () => ({
      fileno() {
        const fd = world[0].fileno();
        act();
        return fd;
      },
    }),
    *items(...items) {
      for (const item of items) {
        yield item;
        act();
      }
    },
  };
}

type Call = (world: World, trapped: Trap) => unknown;

const on_sockets: Readonly<Record<string, Call>> = {
  "recv(n)": (world, { number }) => world[0].recv(number(10)),
  "recv(10, flags)": (world, { number }) => world[0].recv(10, number(0)),
  "recvfrom(n)": (world, { number }) => world[0].recvfrom(number(10)),
  "recv_into(bytes, n)": (world, { number }) => world[0].recv_into(world.bytes, number(10)),
  "recvfrom_into(bytes, n)": (world, { number }) => world[0].recvfrom_into(world.bytes, number(10)),
  "recvmsg(n, n)": (world, { number }) => world[0].recvmsg(number(10), number(100)),
  "recvmsg_into(items)": (world, { items }) =>
    world[0].recvmsg_into(items(world.bytes, Buffer.alloc(4)) as Uint8Array[]),
  "send(bytes, flags)": (world, { number }) => world[0].send(world.bytes, number(0)),
  "sendall(bytes, flags)": (world, { number }) => world[0].sendall(world.bytes, number(0)),
  "sendmsg(items)": (world, { items }) =>
    world[0].sendmsg(items(world.bytes, Buffer.alloc(4)) as Uint8Array[]),
  "sendmsg([], items)": (world, { items }) =>
    world[0].sendmsg([world.bytes], items([1, 1, Buffer.alloc(4)]) as never),
  "sendto(bytes, flags, address)": (world, { number }) =>
    world[0].sendto(world.bytes, number(0), "/nowhere"),
  "setsockopt(value)": (world, { number }) => world[0].setsockopt(1, 2, number(1)),
  "setsockopt(bytes)": (world) => world[0].setsockopt(1, 2, world.bytes),
  "getsockopt(n)": (world, { number }) => world[0].getsockopt(1, 2, number(4)),
  "settimeout(seconds)": (world, { number }) => world[0].settimeout(number(0)),
  "shutdown(how)": (world, { number }) => world[0].shutdown(number(1)),
  "listen(backlog)": (world, { number }) => world[0].listen(number(1)),
  "bind(address)": (world, { items }) => world[0].bind(items("", 0) as never),
  "makefile().read(n)"(world, { number }) {
    using file = world[0].makefile("rb");
    file.read(number(3));
  },
  "send_fds(items)": (world, { items }) =>
    socket.send_fds(world[0], [world.bytes], items(world[1].fileno()) as number[]),
};

const on_pollers: Readonly<Record<string, Call>> = {
  "select(files)": (world, { file }) =>
    select.select([file(), world[1]], [world[1], file()], [], 0),
  "select(items)": (world, { items }) =>
    select.select(items(world[0], world[1]) as never, items(world[1]) as never, [], 0),
  "select(timeout)": (world, { number }) => select.select([world[0]], [], [], number(0)),
  "poll.register(file)": (world, { file }) => world.poller.register(file(), 1),
  "poll.register(events)": (world, { number }) => world.poller.register(world[0], number(1)),
  "poll.modify(file)": (world, { file }) => world.poller.modify(file(), 4),
  "poll.unregister(file)": (world, { file }) => world.poller.unregister(file()),
  "poll.poll(timeout)": (world, { number }) => world.poller.poll(number(0)),
  ...(has_epoll && {
    "epoll.register(file)": (world, { file }) => world.epoll!.register(file(), 1),
    "epoll.modify(file)": (world, { file, number }) => world.epoll!.modify(file(), number(4)),
    "epoll.unregister(file)": (world, { file }) => world.epoll!.unregister(file()),
    "epoll.poll(timeout, n)": (world, { number }) => world.epoll!.poll(number(0), number(4)),
  }),
};

/** For each of the world's selectors in turn. */
const on_selectors: Readonly<
  Record<string, (sel: BaseSelector, world: World, trapped: Trap) => unknown>
> = {
  register: (sel, _, { file, number }) => sel.register(file(), number(1)),
  modify: (sel, _, { file, number }) => sel.modify(file(), number(3)),
  unregister: (sel, _, { file }) => sel.unregister(file()),
  get_key: (sel, _, { file }) => sel.get_key(file()),
  select: (sel, _, { number }) => sel.select(number(0)),
  select_async: (sel, _, { number }) => sel.select_async(number(0)).catch(() => {}),
  "the map": (sel, world, { items }) => {
    for (const _ of items(...sel.get_map()!.values())) sel.get_key(world[0]);
  },
  "what select() returns": (sel, _, { items }) => {
    for (const key of items(...sel.select(0)) as Iterable<[{ fileobj: socket.socket }]>) {
      key[0].fileobj.recv(1);
    }
  },
};

function attempt(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof Error && !/\bread properties\b|is not a function/.test(error.message)
      ? null
      : `throws ${String(error)}`;
  }
}

function check(label: string, call: Call): void {
  writeSync(1, `${label}\n`);
  const before = count_descriptors();
  const chosen = fc.tuple(fc.constantFrom(...Object.keys(acts)), fc.nat(3), fc.boolean());
  let problem: string | null = null;
  try {
    fc.assert(
      fc.property(chosen, ([name, after, again]) => {
        const world = new World();
        let looks = 0;
        const act = (): unknown =>
          looks++ === after || (again && looks > after) ? acts[name](world) : null;
        const wrong = attempt(() => call(world, trap(act, world)));
        const is_robbed = world.is_robbed();
        world.close();
        if (wrong !== null) throw new Error(`${name}: ${wrong}`);
        if (is_robbed) throw new Error(`${name}: the stranger is robbed`);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  } catch (error) {
    problem = (error as Error).message;
  }
  const left = count_descriptors() - before;
  if (left !== 0) problem = `${problem ?? ""} leaves ${left} descriptors`;
  writeSync(1, `${JSON.stringify(problem)}\n`);
}

// What is opened with the first call stays open.
select.select([], [], [], 0.001);
for (const [label, call] of Object.entries({ ...on_sockets, ...on_pollers })) check(label, call);
for (const [place, [kind]] of kinds.entries()) {
  for (const [label, call] of Object.entries(on_selectors)) {
    check(`${kind}: ${label}`, (world, trapped) => call(world.selectors[place], world, trapped));
  }
}
writeSync(1, "end\n");
process.exit();
