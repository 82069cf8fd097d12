/**
 * Sends standard input, prints what comes.
 *
 * Usage: npx tsx examples/netcat.ts HOST PORT, or npx tsx examples/netcat.ts -l PORT
 */
import { KeyboardInterrupt, OSError, print } from "iomux/builtins";
import * as select from "iomux/select";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

function connect(): socket.socket {
  if (sys.argv[1] === "-l") {
    using server = socket.create_server(["127.0.0.1", Number(sys.argv[2])]);
    const [sock] = server.accept();
    return sock;
  }
  return socket.create_connection([sys.argv[1], Number(sys.argv[2])]);
}

function main(): void {
  using sock = connect();
  let readers = [sock, sys.stdin];
  while (readers.length > 0) {
    for (const ready of select.select(readers, [], [])[0]) {
      let data: Buffer;
      if (ready === sock) {
        data = sock.recv(65536);
        sys.stdout.buffer.write(data);
        sys.stdout.buffer.flush();
      } else {
        data = sys.stdin.buffer.read1(65536);
        if (data.length > 0) sock.sendall(data);
        else sock.shutdown(socket.SHUT_WR);
      }
      if (data.length === 0) readers = readers.filter((one) => one !== ready);
    }
  }
}

try {
  main();
} catch (error) {
  if (error instanceof KeyboardInterrupt) sys.exit(130);
  if (!(error instanceof OSError)) throw error;
  print(error, { file: sys.stderr });
  sys.exit(1);
}
