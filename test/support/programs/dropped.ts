/**
 * Opens 2,000 sockets in one go, by the call argv[2], and drops or (argv[3] is "keep") keeps them: for
 * a process that may have few descriptors open. Prints how many there were.
 */
import { OSError } from "iomux/builtins";
import { dup, socket, socketpair } from "iomux/socket";
import type { InetAddress } from "iomux/socket";

const [how, keep] = process.argv.slice(2);

const listener = new socket();
listener.bind(["127.0.0.1", 0]);
listener.listen();
const [, port] = listener.getsockname() as InetAddress;

const opening: Readonly<Record<string, () => unknown>> = {
  socket: () => new socket(),
  socketpair: () => socketpair(),
  "socket.dup": () => listener.dup(),
  dup: () => new socket(null, null, null, dup(listener.fileno())),
  accept() {
    const client = new socket();
    client.connect(["127.0.0.1", port]);
    return [client, listener.accept()];
  },
};

process.removeAllListeners("warning");
const kept: unknown[] = [];
let count = 0;
try {
  for (; count < 2000; count++) {
    const opened = opening[how]();
    if (keep !== undefined) kept.push(opened);
  }
  console.log("all");
} catch (error) {
  if (!(error instanceof OSError)) throw error;
  console.log(error.name, error.errno);
}
