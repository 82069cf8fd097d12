/**
 * A chat room: whatever one client says, all the others hear.
 *
 * Usage: npx tsx examples/chat.ts, then `nc 127.0.0.1 6667` in two other terminals.
 */

import { b, KeyboardInterrupt, OSError, print, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

/** How many bytes may wait for a client that does not read. */
const LIMIT = 65_536;

interface Client {
  readonly sock: socket.socket;
  readonly name: string;
  /** What is still to be sent. */
  outb: Buffer;
}

const clients = new Set<Client>();
using sel = new selectors.DefaultSelector<Client | null, socket.socket>();
using lsock = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
lsock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
lsock.bind(["127.0.0.1", 6667]);
lsock.listen();
lsock.setblocking(false);
sel.register(lsock, selectors.EVENT_READ, null);
print(`Chatting on ${str(lsock.getsockname())}, until Ctrl-C`);

try {
  while (true) {
    for (const [{ data: client }, mask] of sel.select()) {
      if (client === null) accept();
      // One that was just dropped may still be among the ready ones.
      else if (clients.has(client)) serve(client, mask);
    }
  }
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Bye.");
}

function accept() {
  const [sock, addr] = lsock.accept();
  sock.setblocking(false);
  const client = { sock, name: str(addr), outb: b`` };
  clients.add(client);
  sel.register(sock, selectors.EVENT_READ, client);
}

function serve(client: Client, mask: number) {
  try {
    if (mask & selectors.EVENT_WRITE) {
      client.outb = client.outb.subarray(client.sock.send(client.outb));
      if (client.outb.length === 0) sel.modify(client.sock, selectors.EVENT_READ, client);
    }
    if (mask & selectors.EVENT_READ) {
      const words = client.sock.recv(4096);
      if (words.length > 0) say(client, words);
      else drop(client, "has left");
    }
  } catch (error) {
    // A broken connection is the end of one client, not of the chat.
    if (!(error instanceof OSError)) throw error;
    drop(client, `is gone: ${error.message}`);
  }
}

/** Gives the words to all others: select() says when each of them has room for more. */
function say(from: Client, words: Buffer) {
  const line = Buffer.concat([Buffer.from(`${from.name}: `), words]);
  for (const client of clients) {
    if (client === from) continue;
    if (client.outb.length === 0) {
      sel.modify(client.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, client);
    }
    client.outb = Buffer.concat([client.outb, line]);
    if (client.outb.length > LIMIT) drop(client, "does not read");
  }
}

function drop(client: Client, why: string) {
  clients.delete(client);
  sel.unregister(client.sock);
  client.sock.close();
  print(`${client.name} ${why}`);
  say(client, Buffer.from(`(${why})\n`));
}
