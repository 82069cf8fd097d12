/**
 * A SOCKS5 proxy without authentication.
 *
 * Usage: npx tsx examples/socks5-proxy.ts PORT, then curl --socks5-hostname 127.0.0.1:PORT URL
 */
import { b, BlockingIOError, KeyboardInterrupt, OSError, print, ValueError } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as struct from "iomux/struct";
import * as sys from "iomux/sys";

const LIMIT = 65536;
const sel = new selectors.DefaultSelector<End | null, socket.socket>();

/** One end of a relayed connection; `peer` is the other, null until the client has asked. */
class End {
  readonly sock: socket.socket;
  peer: End | null = null;
  /** Which method understands what comes next. */
  state: "greet" | "ask" | "relay" | "refuse" = "greet";
  inb = b``;
  outb = b``;
  has_ended = false;
  is_shut = false;

  constructor(sock: socket.socket) {
    this.sock = sock;
  }

  greet(): boolean {
    if (this.inb.length < 2 || this.inb.length < 2 + this.inb[1]) return false;
    const [version, count] = struct.unpack_from("!BB", this.inb);
    if (version !== 5) throw new ValueError("not SOCKS5");
    this.inb = this.inb.subarray(2 + count);
    this.outb = Buffer.concat([this.outb, b`\x05\x00`]);
    this.state = "ask";
    return true;
  }

  ask(): boolean {
    if (this.inb.length < 5) return false;
    const [, command, , kind] = struct.unpack_from("!BBBB", this.inb);
    const size = new Map([
      [1, 4],
      [3, 1 + this.inb[4]],
      [4, 16],
    ]).get(kind);
    if (size === undefined) throw new ValueError(`${kind}`);
    if (this.inb.length < 4 + size + 2) return false;
    const address = this.inb.subarray(4, 4 + size);
    const [port] = struct.unpack_from("!H", this.inb, 4 + size);
    this.inb = this.inb.subarray(4 + size + 2);
    let host: string;
    if (kind === 3) host = String(address.subarray(1));
    else host = socket.inet_ntop(kind === 1 ? socket.AF_INET : socket.AF_INET6, address);
    let sock: socket.socket;
    try {
      if (command !== 1) throw new OSError("only CONNECT is served");
      sock = socket.create_connection([host, port], 5);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      print("Refused", host, "port", port, "-", error);
      this.outb = Buffer.concat([this.outb, b`\x05\x05\x00\x01`, Buffer.alloc(6)]);
      this.state = "refuse";
      this.has_ended = true;
      return true;
    }
    print("Relaying to", host, "port", port);
    sock.setblocking(false);
    this.outb = Buffer.concat([this.outb, b`\x05\x00\x00\x01`, Buffer.alloc(6)]);
    this.state = "relay";
    this.peer = new End(sock);
    [this.peer.peer, this.peer.state] = [this, "relay"];
    sel.register(sock, selectors.EVENT_READ, this.peer);
    return true;
  }

  relay(): boolean {
    if (this.inb.length === 0) return false;
    this.peer!.outb = Buffer.concat([this.peer!.outb, this.inb]);
    this.inb = b``;
    watch(this.peer!);
    return true;
  }

  refuse(): boolean {
    return false;
  }
}

function watch(end: End): void {
  // A side that does not read stops the other from sending.
  const is_full = end.peer !== null && end.peer.outb.length > LIMIT;
  let events = end.has_ended || is_full ? 0 : selectors.EVENT_READ;
  events |= end.outb.length > 0 ? selectors.EVENT_WRITE : 0;
  const known = sel.get_map()!.has(end.sock);
  if (events && known) sel.modify(end.sock, events, end);
  else if (events) sel.register(end.sock, events, end);
  else if (known) sel.unregister(end.sock);
}

function close(end: End): void {
  for (const one of [end, end.peer]) {
    if (one !== null && one.sock.fileno() !== -1) {
      if (sel.get_map()!.has(one.sock)) sel.unregister(one.sock);
      one.sock.close();
    }
  }
}

/** Passes on an end of stream once everything before it is sent. */
function finish(end: End): boolean {
  const { peer } = end;
  if (peer === null) return end.outb.length === 0;
  if (end.has_ended && peer.outb.length === 0 && !peer.is_shut) {
    peer.sock.shutdown(socket.SHUT_WR);
    peer.is_shut = true;
  }
  return end.has_ended && peer.has_ended && end.outb.length === 0 && peer.outb.length === 0;
}

function serve(end: End, mask: number): void {
  if (mask & selectors.EVENT_READ) {
    const data = end.sock.recv(LIMIT);
    end.inb = Buffer.concat([end.inb, data]);
    end.has_ended ||= data.length === 0;
    while (end[end.state]()) continue;
  }
  if (mask & selectors.EVENT_WRITE || end.outb.length > 0) {
    const sent = end.sock.send(end.outb);
    end.outb = end.outb.subarray(sent);
  }
  if (end.has_ended || end.peer?.has_ended) {
    const ends = [end, end.peer].filter((one) => one !== null).map(finish);
    if (ends.every(Boolean)) return close(end);
  }
  watch(end);
  if (end.peer !== null) watch(end.peer);
}

function main(): void {
  const server = socket.create_server(["127.0.0.1", Number(sys.argv[1])]);
  server.setblocking(false);
  sel.register(server, selectors.EVENT_READ, null);
  print("Listening on", server.getsockname());
  try {
    for (;;) {
      for (const [{ fileobj, data: end }, mask] of sel.select()) {
        if (end === null) {
          const [sock] = server.accept();
          sock.setblocking(false);
          sel.register(sock, selectors.EVENT_READ, new End(sock));
        } else if (fileobj.fileno() !== -1) {
          try {
            serve(end, mask);
          } catch (error) {
            if (error instanceof BlockingIOError) continue;
            if (!(error instanceof OSError || error instanceof ValueError)) throw error;
            print("Dropped:", error);
            close(end);
          }
        }
      }
    }
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt)) throw error;
    print("Stopped");
  } finally {
    sel.close();
    server.close();
  }
}

main();
