/** Runs a server as its options say: alone, or as one of several workers, or as their supervisor. */
import * as socket from "iomux/socket";

import type { Connection, Loop } from "./connection.ts";
import type { Options } from "./options.ts";
import { listen, say_listening, Server } from "./server.ts";
import { supervise } from "./workers.ts";

/** Serves until SIGTERM or SIGINT; `connect` makes the connections. */
export function serve(
  options: Options,
  connect: (loop: Loop, sock: socket.socket, addr: socket.SocketAddress) => Connection,
) {
  const fd = options["listener-fd"];
  if (fd !== null) {
    new Server(new socket.socket(null, null, null, fd), options, connect).run();
  } else if (options.workers > 0) {
    supervise(options);
  } else {
    const listener = listen(options.host, options.port, false);
    const server = new Server(listener, options, connect);
    // Not before it can be ended in peace.
    say_listening(listener);
    server.run();
  }
}
