/**
 * Serves small files by TFTP (RFC 1350).
 *
 * Usage: npx tsx examples/tftp-server.ts PORT, then curl tftp://127.0.0.1:PORT/hello
 */
import { b, KeyboardInterrupt, OSError, print } from "iomux/builtins";
import { split } from "iomux/bytes";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as struct from "iomux/struct";
import * as sys from "iomux/sys";

const [READ, DATA, ACK, ERROR] = [1, 3, 4, 5];
const FILES = new Map([
  ["hello", b`Hello, world\n`],
  ["blocks", Buffer.from(Array.from({ length: 256 * 6 }, (_, index) => index % 256))],
]);
const SIZE = 512;
const sel = new selectors.DefaultSelector<Transfer | null>();

/** One file on its way; it has a socket, and so a port, of its own. */
class Transfer {
  readonly sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  readonly name: string;
  block = 1;
  last = b``;

  constructor(name: string, address: socket.InetAddress) {
    this.sock.bind(["127.0.0.1", 0]);
    this.sock.connect(address);
    this.sock.setblocking(false);
    this.name = name;
    sel.register(this.sock, selectors.EVENT_READ, this);
  }

  send(): void {
    const offset = (this.block - 1) * SIZE;
    this.last = FILES.get(this.name)!.subarray(offset, offset + SIZE);
    this.sock.send(Buffer.concat([struct.pack("!HH", DATA, this.block), this.last]));
  }

  receive(): void {
    const [code, block] = struct.unpack_from("!HH", this.sock.recv(1024));
    if (code !== ACK) {
      print("Client:", "error", block);
      return this.close();
    }
    if (block !== this.block) return;
    if (this.last.length < SIZE) {
      print("Sent", this.name, "in", this.block, "blocks");
      return this.close();
    }
    this.block += 1;
    this.send();
  }

  close(): void {
    sel.unregister(this.sock);
    this.sock.close();
  }
}

type Datagrams = socket.socket<socket.AF_INET>;

function refuse(sock: Datagrams, address: socket.InetAddress, text: string): void {
  sock.sendto(Buffer.concat([struct.pack("!HH", ERROR, 1), Buffer.from(`${text}\0`)]), address);
}

function begin(sock: Datagrams): void {
  const [message, address] = sock.recvfrom(1024);
  const [code] = struct.unpack_from("!H", message);
  const name = String(split(message.subarray(2), b`\0`)[0]);
  if (code !== READ) {
    refuse(sock, address, "only reading is served");
  } else if (!FILES.has(name)) {
    print("There is no", name);
    refuse(sock, address, `there is no ${name}`);
  } else {
    new Transfer(name, address).send();
  }
}

function main(): void {
  const sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.bind(["127.0.0.1", Number(sys.argv[1])]);
  sel.register(sock, selectors.EVENT_READ, null);
  print("Listening on", sock.getsockname());
  try {
    for (;;) {
      for (const [key] of sel.select()) {
        try {
          if (key.data === null) begin(sock);
          else key.data.receive();
        } catch (error) {
          if (!(error instanceof struct.error || error instanceof OSError)) throw error;
          print("Ignored:", error);
        }
      }
    }
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt)) throw error;
    print("Stopped with", sel.get_map()!.size - 1, "transfers");
  } finally {
    sel.close();
    sock.close();
  }
}

main();
