/**
 * The server that is measured, on several threads: each runs iomux.ts on a listening socket of its own,
 * among which the system distributes the connections (SO_REUSEPORT).
 *
 * Usage: iomux-workers.ts <host> <port> <echo | http> <workers>
 */
import { Worker } from "node:worker_threads";

import { int, print, str } from "iomux/builtins";
import * as socket from "iomux/socket";

const [host, port, what, workers] = process.argv.slice(2);
const options = { backlog: 1024, reuse_port: true };

// All of them listen before the first connection comes, which only then can go to any.
const listeners = Array.from({ length: int(workers) }, () =>
  socket.create_server([host, int(port)], options),
);
print(`Listening on ${str(listeners[0].getsockname())}`);
for (const lsock of listeners) {
  const argv = [host, port, what, "epoll", String(lsock.detach())];
  void new Worker(new URL("iomux.js", import.meta.url), { argv });
}
