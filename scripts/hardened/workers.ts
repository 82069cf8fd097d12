/** Several processes that serve one port, and their supervisor. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

import type * as socket from "iomux/socket";

import { log } from "./log.ts";
import type { Options } from "./options.ts";
import { listen, say_listening } from "./server.ts";

/** A worker that ends by itself is started again, but not more often than this, in milliseconds. */
const PAUSE_MS = 1000;

/**
 * Starts workers, and replaces those that end. Each has a listening socket of its own, among which the
 * kernel distributes the connections (SO_REUSEPORT, Linux). This process keeps all of them open: while
 * SIGHUP replaces the workers, connections wait in the socket and none is refused. SIGTERM and SIGINT
 * end the workers, and then this process.
 */
export function supervise({ host, port, workers }: Options) {
  const listeners = [listen(host, port, true)];
  const [, shared] = listeners[0].getsockname() as socket.InetAddress;
  while (listeners.length < workers) listeners.push(listen(host, shared, true));
  say_listening(listeners[0]);

  const current: ChildProcess[] = [];
  let is_ending = false;

  const start = (index: number) => {
    const args = [...process.execArgv, ...process.argv.slice(1), "--listener-fd=3"];
    const stdio = ["ignore", "inherit", "inherit", listeners[index].fileno()] as const;
    const began = performance.now();
    const worker = spawn(process.execPath, args, { stdio: [...stdio] });
    current[index] = worker;
    worker.on("exit", (status, signal) => {
      // Another one has its place.
      if (is_ending || current[index] !== worker) return;
      log(`Worker ${worker.pid} ended by itself: ${signal ?? `status ${status}`}`);
      // What fails at once would fail again, as often as the machine can start it.
      const restart = () => {
        if (!is_ending && current[index] === worker) start(index);
      };
      setTimeout(restart, Math.max(0, began + PAUSE_MS - performance.now()));
    });
  };

  for (let index = 0; index < workers; index++) start(index);

  process.on("SIGHUP", () => {
    log(`Replacing ${workers} workers`);
    for (const [index, worker] of current.entries()) {
      start(index);
      worker.kill("SIGTERM");
    }
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      is_ending = true;
      for (const worker of current) worker.kill(signal);
    });
  }
}
