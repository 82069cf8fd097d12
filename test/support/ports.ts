/** Ports for servers, each of which one test has at a time. */
import { setTimeout } from "node:timers/promises";

import { onTestFinished } from "vitest";

import { OSError } from "iomux/builtins";
import * as socket from "iomux/socket";

/** Below the ports that the system gives to clients. */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000];
let next = FIRST_PORT + ((process.pid * 31) % (LAST_PORT - FIRST_PORT));

/** Longer than the system remembers a connection, which is a minute, and than tests need a port. */
const LONGEST_WAIT = 240_000;

/**
 * A port for a server, until the end of the test: this one when it is free, or any. A server that
 * sets SO_REUSEADDR need not wait for the connections of the one before to be forgotten.
 */
export async function reserve(wanted?: number, reuses: boolean = false): Promise<number> {
  const begin = performance.now();
  while (performance.now() - begin < LONGEST_WAIT) {
    const port = wanted ?? next++;
    if (next > LAST_PORT) next = FIRST_PORT;
    if (is_reserved(port, reuses)) return port;
    if (wanted !== undefined) await setTimeout(10);
  }
  throw new Error(`port ${wanted} stays in use: end the program that has it`);
}

/**
 * Takes a port away from all other tests, those of other processes too: a name in the abstract
 * namespace is gone when its socket is. Then the port must be free.
 */
function is_reserved(port: number, reuses: boolean): boolean {
  const lock = new socket.socket(socket.AF_UNIX);
  using probe = new socket.socket();
  try {
    lock.bind(Buffer.from(`\0iomux-test-port-${port}`));
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuses);
    probe.bind(["127.0.0.1", port]);
  } catch (error) {
    lock.close();
    if (error instanceof OSError) return false;
    throw error;
  }
  onTestFinished(() => lock.close());
  return true;
}
