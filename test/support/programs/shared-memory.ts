/**
 * Waits with a list of descriptors that another thread changes meanwhile, for test/native/boundary.test.ts: a
 * crash is the end of this process.
 */
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

import * as socket from "iomux/socket";

import { native } from "../../../lib/native.ts";

const ROUNDS = 20;
const WAIT_US = 50_000;

const [silent, peer] = socket.socketpair();
const readers = new Int32Array(new SharedArrayBuffer(4));
const begun = new Int32Array(new SharedArrayBuffer(4));
const none = new Int32Array(0);

// In the middle of each wait, a number far beyond an fd_set.
const other = new Worker(
  `const { readers, begun, none } = require("node:worker_threads").workerData;
   for (;;) {
     Atomics.wait(begun, 0, 0);
     Atomics.store(begun, 0, 0);
     Atomics.wait(none, 0, 0, 20);
     Atomics.store(readers, 0, 2 ** 30);
   }`,
  { eval: true, workerData: { readers, begun, none: new Int32Array(new SharedArrayBuffer(4)) } },
);

other.once("online", () => {
  let waits = 0;
  for (let round = 0; round < ROUNDS; round++) {
    Atomics.store(readers, 0, silent.fileno());
    Atomics.store(begun, 0, 1);
    Atomics.notify(begun, 0);
    try {
      if (native.select(readers, 1, none, 0, none, 0, WAIT_US) === 0) waits++;
    } catch (error) {
      // It came before the wait.
      if (!(error instanceof TypeError)) throw error;
    }
  }
  // Until here: dropped and collected before, it would be closed, and nothing would wait for its silence.
  peer.close();
  writeSync(1, `${waits > 0 ? "waited" : "did not wait"}\n`);
  process.exit();
});
