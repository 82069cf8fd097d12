/**
 * Keeps what it receives, in the way its argument says, for test/socket/memory.test.ts. Wants
 * --expose-gc. Its line of output is JSON: how many Buffers and bytes it keeps, and how many bytes of
 * memory are alive for them.
 */
import { setTimeout } from "node:timers/promises";

import { print } from "iomux/builtins";
import * as socket from "iomux/socket";

declare const gc: () => void;

const [near, far] = socket.socketpair();
far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1024 * 1024);
const sent = Buffer.alloc(256 * 1024, "x");
const kept: Buffer[] = [];

function receive(n: number, bufsize: number = 65536): Buffer {
  far.sendall(sent.subarray(0, n));
  return near.recv(bufsize);
}

function times(count: number, step: (index: number) => void): void {
  for (let index = 0; index < count; index++) step(index);
}

const patterns: Record<string, () => void> = {
  /** Clients of a server that have sent a byte each, among some that send much. */
  bytes_between_large_receives(): void {
    times(10_000, () => {
      kept.push(receive(1));
      receive(65536);
    });
  },
  datagrams_between_large_ones(): void {
    const [a, b] = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM);
    times(10_000, () => {
      b.send(sent.subarray(0, 1));
      kept.push(a.recvfrom(65536)[0]);
      b.send(sent.subarray(0, 60_000));
      a.recvfrom(65536);
    });
    a.close();
    b.close();
  },
  messages_with_control_data(): void {
    times(10_000, () => {
      far.sendall(x);
      kept.push(near.recvmsg(65536, 1024)[0]);
    });
  },
  bytes_received_with_room_for_much(): void {
    times(3000, () => kept.push(receive(1, 1024 * 1024)));
  },
  /** One of each slab's worth of results. */
  one_of_many(): void {
    times(40_000, (index) => {
      const n = 1 + ((index * 7919) % 16384);
      const data = receive(n);
      if (index % 32 === 0) kept.push(data);
    });
  },
  /** Well behaved until much memory may be in use, as nothing is kept. */
  late(): void {
    times(20_000, () => receive(16384));
    times(20_000, (index) => {
      const data = receive(index % 16 === 0 ? 300 : 16384);
      if (index % 16 === 0) kept.push(data);
    });
  },
  files(): void {
    using file = near.makefile("rb");
    times(2000, () => {
      far.sendall(Buffer.from("a\nbcdefgh"));
      kept.push(file.readline(), file.read(1)!, file.peek(1).subarray(0, 1), file.read1(2));
      kept.push(file.read(4)!);
    });
  },
  unbuffered_files(): void {
    using file = near.makefile("rb", 0);
    times(2000, () => {
      far.sendall(x);
      kept.push(file.read(65536)!);
    });
  },
  options(): void {
    times(2000, () => kept.push(near.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 1024)));
  },
};

const x = Buffer.from("x");
const arrays = (): number => process.memoryUsage().arrayBuffers;

// What is made once.
receive(1);
gc();
await setTimeout(50);
const before = arrays();
patterns[process.argv[2]]();
// Its memory is given back in the background.
let alive = Infinity;
for (let tries = 0; tries < 10; tries++) {
  gc();
  await setTimeout(20);
  alive = Math.min(alive, arrays() - before);
}
print(
  JSON.stringify({
    buffers: kept.length,
    bytes: kept.reduce((sum, { length }) => sum + length, 0),
    alive,
  }),
);
