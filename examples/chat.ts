/**
 * A chat room: whatever one client says, all the others hear.
 *
 * Usage: npx tsx examples/chat.ts, then `nc 127.0.0.1 6667` in two other terminals.
 */

import { b, KeyboardInterrupt, print, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

using sel = new selectors.DefaultSelector<socket.SocketAddress, socket.socket>();
using lsock = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
lsock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
lsock.bind(["127.0.0.1", 6667]);
lsock.listen();
lsock.setblocking(false);
sel.register(lsock, selectors.EVENT_READ);
print(`Chatting on ${str(lsock.getsockname())}, until Ctrl-C`);

try {
  while (true) {
    for (const [{ fileobj: sock, data: addr }] of sel.select()) {
      if (sock === lsock) {
        const [conn, peer] = lsock.accept();
        conn.setblocking(false);
        sel.register(conn, selectors.EVENT_READ, peer);
        continue;
      }
      const words = sock.recv(4096);
      if (words.length === 0) {
        sel.unregister(sock);
        sock.close();
      }
      say(words.length > 0 ? words : b`(has left)\n`, sock, `${str(addr)}: `);
    }
  }
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Bye.");
}

function say(words: Buffer, from: socket.socket, name: string) {
  for (const { fileobj: sock } of sel.get_map()!.values()) {
    // A listener too slow to take a whole line misses the rest of it.
    if (sock !== lsock && sock !== from) sock.send(Buffer.concat([Buffer.from(name), words]));
  }
}
