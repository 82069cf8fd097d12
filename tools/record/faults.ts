/**
 * Injects faults while a program is recorded: peers that misbehave, and changes inside the program
 * (see register.ts).
 */
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { SEARCH } from "./message.ts";
import type { ListeningAddress } from "./processes.ts";

/** The faults, which come from a peer, from a change inside the program, or both. */
export const FAULTS = {
  "slow-peer": "a peer that sends and reads a few bytes at a time",
  rst: "a peer that resets its connection in the middle of a request",
  "half-close": "a peer that half-closes after the request and keeps reading",
  "tiny-buffers": "the smallest SO_SNDBUF, and a peer that starts reading late",
  "full-backlog": "a backlog with room for one connection, and eight peers",
  signal: "SIGUSR2 while the program sleeps",
} as const;

export type FaultName = keyof typeof FAULTS;

/** The faults that change the program. */
export type InProcessFault = "tiny-buffers" | "full-backlog" | "signal";

const CHANGED = new Set<string>(["tiny-buffers", "full-backlog", "signal"]);

/** Those of `faults` that change the program. */
export function in_process(faults: readonly FaultName[]): InProcessFault[] {
  return faults.filter((name) => CHANGED.has(name)) as InProcessFault[];
}

/** The process to disturb, where it listens, and a function that records what was done. */
export interface FaultTarget {
  readonly pid: number;
  readonly address: ListeningAddress | null;
  readonly note: (name: FaultName, text: string) => void;
}

const SLOW_MS = 20;

/** Makes a fault, and waits for its end. */
export async function make_fault(name: FaultName, target: FaultTarget): Promise<void> {
  if (name === "signal") {
    target.note(name, "SIGUSR2 was sent");
    process.kill(target.pid, "SIGUSR2");
    return;
  }
  if (target.address === null)
    throw new Error(`--fault ${name} needs a program that listens on TCP`);
  await peers[name](target.address, target);
}

type FaultMaker = (address: ListeningAddress, target: FaultTarget) => Promise<void>;

const peers: Readonly<Record<Exclude<FaultName, "signal">, FaultMaker>> = {
  async "slow-peer"(address, { note }) {
    const peer = await connected(address);
    peer.setNoDelay();
    note("slow-peer", `a peer sends ${SEARCH.length} bytes, one every ${SLOW_MS} ms`);
    for (const byte of SEARCH) {
      peer.write(Uint8Array.of(byte));
      await sleep(SLOW_MS);
    }
    note("slow-peer", "the peer reads the answer, seven bytes at a time");
    await drained(peer, 7, SLOW_MS);
  },

  async rst(address, { note }) {
    const peer = await connected(address);
    peer.write(SEARCH.subarray(0, 20));
    await sleep(SLOW_MS);
    note("rst", "the peer resets its connection in the middle of a request");
    peer.resetAndDestroy();
    await ended(peer);
  },

  async "half-close"(address, { note }) {
    const peer = await connected(address);
    note(
      "half-close",
      "the peer sends a request, shuts down its sending side (FIN), and keeps reading",
    );
    peer.end(SEARCH);
    await drained(peer, 65536, 0);
  },

  async "tiny-buffers"(address, { note }) {
    const peer = await connected(address);
    const size = 1 << 18;
    note("tiny-buffers", `a peer sends ${size} bytes and reads nothing for 300 ms`);
    peer.write(Buffer.concat([SEARCH, Buffer.alloc(size, "x")]));
    await sleep(300);
    note("tiny-buffers", "the peer starts reading");
    await drained(peer, 65536, 0);
  },

  async "full-backlog"(address, { pid, note }) {
    process.kill(pid, "SIGSTOP");
    note("full-backlog", "the program is stopped while eight peers connect");
    const many = Array.from({ length: 8 }, () => started(address));
    await sleep(300);
    const through = many.filter((peer) => peer.readyState === "open").length;
    note("full-backlog", `${through} of 8 connections are established; the program continues`);
    process.kill(pid, "SIGCONT");
    await Promise.all(
      many.map(async (peer) => {
        // The kernel resends a SYN that found no room after a second.
        if (peer.connecting) await Promise.race([once(peer, "connect"), once(peer, "close")]);
        peer.end(SEARCH);
        await drained(peer, 65536, 0);
      }),
    );
  },
};

function started({ host, port }: ListeningAddress): Socket {
  const peer = connect({ host, port, allowHalfOpen: true });
  // Errors show in the recording of the program.
  peer.on("error", () => {});
  return peer;
}

async function connected(address: ListeningAddress): Promise<Socket> {
  const peer = started(address);
  await Promise.race([once(peer, "connect"), once(peer, "close")]);
  return peer;
}

/** How long a peer waits for the next bytes of an answer. */
const ANSWER_MS = 500;

/** Reads `size` bytes at a time until nothing arrives for a while, then ends the connection. */
async function drained(peer: Socket, size: number, pause: number): Promise<void> {
  let last = Date.now();
  while (!peer.readableEnded && !peer.destroyed && Date.now() - last < ANSWER_MS) {
    const some: unknown = peer.read(Math.min(size, peer.readableLength || size));
    if (some !== null) last = Date.now();
    await sleep(Math.max(pause, 1));
  }
  peer.end();
  peer.resume();
  await ended(peer);
}

async function ended(peer: Socket): Promise<void> {
  if (!peer.closed) await Promise.race([once(peer, "close"), sleep(ANSWER_MS)]);
  peer.destroy();
}
