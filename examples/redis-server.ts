/**
 * A key-value store that speaks Redis's protocol.
 *
 * Usage: npx tsx examples/redis-server.ts PORT, then redis-cli -p PORT
 */
import { b, ConnectionError, KeyboardInterrupt, print, ValueError } from "iomux/builtins";
import { partition, split, startswith } from "iomux/bytes";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

class Client {
  readonly sock: socket.socket;
  inb = b``;
  outb = b``;

  constructor(sock: socket.socket) {
    this.sock = sock;
  }
}

const sel = new selectors.DefaultSelector<Client | null, socket.socket>();
// Keys are text, as Buffers are equal only to themselves.
const store = new Map<string, Buffer>();

/** Python's int(), for what a client has sent. */
function int(text: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) {
    throw new ValueError(`invalid literal for int() with base 10: b'${text}'`);
  }
  return Number(text);
}

/** The first command, a list of bytes, and what is behind it; null if it is not whole. */
function parse(inb: Buffer): readonly [words: Buffer[], rest: Buffer] | null {
  if (!startswith(inb, b`*`)) {
    const [line, end, rest] = partition(inb, b`\r\n`);
    return end.length > 0 ? [split(line), rest] : null;
  }
  let [head, end, rest] = partition(inb, b`\r\n`);
  if (end.length === 0) return null;
  const words: Buffer[] = [];
  const count = int(String(head.subarray(1)));
  while (words.length < count) {
    let size: Buffer;
    [size, end, rest] = partition(rest, b`\r\n`);
    if (end.length === 0) return null;
    const length = int(String(size.subarray(1)));
    if (rest.length < length + 2) return null;
    words.push(rest.subarray(0, length));
    rest = rest.subarray(length + 2);
  }
  return [words, rest];
}

function integer(n: number): Buffer {
  return Buffer.from(`:${n}\r\n`);
}

function bulk(value: Buffer | undefined): Buffer {
  if (value === undefined) return b`$-1\r\n`;
  return Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, b`\r\n`]);
}

function execute(words: readonly Buffer[]): Buffer {
  const name = String(words[0]).toUpperCase();
  const key = String(words.at(1) ?? "");
  switch (`${name} ${words.length - 1}`) {
    case "PING 0":
      return b`+PONG\r\n`;
    case "ECHO 1":
      return bulk(words[1]);
    case "SET 2":
      store.set(key, words[2]);
      return b`+OK\r\n`;
    case "GET 1":
      return bulk(store.get(key));
    case "INCR 1": {
      try {
        const n = int(String(store.get(key) ?? b`0`)) + 1;
        store.set(key, Buffer.from(String(n)));
        return integer(n);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        return b`-ERR value is not an integer or out of range\r\n`;
      }
    }
    case "KEYS 1":
      if (key !== "*") break;
      return Buffer.concat([
        Buffer.from(`*${store.size}\r\n`),
        ...[...store.keys()].toSorted().map((one) => bulk(Buffer.from(one))),
      ]);
    default:
      if (name === "DEL") {
        return integer(words.slice(1).filter((one) => store.delete(String(one))).length);
      }
  }
  return Buffer.concat([b`-ERR unknown command '`, words[0], b`'\r\n`]);
}

function drop(client: Client): void {
  sel.unregister(client.sock);
  client.sock.close();
}

function serve(client: Client, mask: number): void {
  if (mask & selectors.EVENT_READ) {
    const data = client.sock.recv(65536);
    if (data.length === 0) return drop(client);
    client.inb = Buffer.concat([client.inb, data]);
    for (let parsed = parse(client.inb); parsed !== null; parsed = parse(client.inb)) {
      const [words, rest] = parsed;
      client.inb = rest;
      if (words.length > 0) client.outb = Buffer.concat([client.outb, execute(words)]);
    }
  }
  if (client.outb.length > 0) {
    const sent = client.sock.send(client.outb);
    client.outb = client.outb.subarray(sent);
  }
  const events = selectors.EVENT_READ | (client.outb.length > 0 ? selectors.EVENT_WRITE : 0);
  sel.modify(client.sock, events, client);
}

function main(): void {
  const server = socket.create_server(["127.0.0.1", Number(sys.argv[1])]);
  server.setblocking(false);
  sel.register(server, selectors.EVENT_READ, null);
  print("Listening on", server.getsockname());
  try {
    for (;;) {
      for (const [{ data: client }, mask] of sel.select()) {
        if (client === null) {
          const [sock] = server.accept();
          sock.setblocking(false);
          sel.register(sock, selectors.EVENT_READ, new Client(sock));
          continue;
        }
        try {
          serve(client, mask);
        } catch (error) {
          if (!(error instanceof ConnectionError || error instanceof ValueError)) throw error;
          print("Dropped:", error);
          drop(client);
        }
      }
    }
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt)) throw error;
    print("Stopped with", store.size, "keys");
  } finally {
    sel.close();
    server.close();
  }
}

main();
