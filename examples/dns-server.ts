/**
 * A name server for one zone.
 *
 * Usage: npx tsx examples/dns-server.ts PORT, then dig -p PORT @127.0.0.1 www.example.test
 */
import { b, IndexError, KeyboardInterrupt, print, ValueError } from "iomux/builtins";
import { at } from "iomux/bytes";
import * as socket from "iomux/socket";
import * as struct from "iomux/struct";
import * as sys from "iomux/sys";

const [A, TXT, AAAA, IN] = [1, 16, 28, 1];
const ZONE = new Map([
  [
    "example.test",
    new Map([
      [A, [socket.inet_aton("192.0.2.1")]],
      [TXT, [b`\x05hello`]],
    ]),
  ],
  [
    "www.example.test",
    new Map([
      [A, [socket.inet_aton("192.0.2.2"), socket.inet_aton("192.0.2.3")]],
      [AAAA, [socket.inet_pton(socket.AF_INET6, "2001:db8::2")]],
    ]),
  ],
]);

function read_name(message: Buffer, offset: number): readonly [name: string, end: number] {
  const labels: string[] = [];
  for (let size = at(message, offset); size !== 0; size = at(message, offset)) {
    if (size > 63) throw new ValueError("compressed names are not for questions");
    labels.push(message.toString("latin1", offset + 1, offset + 1 + size).toLowerCase());
    offset += 1 + size;
  }
  return [labels.join("."), offset + 1];
}

function answer(message: Buffer): Buffer {
  const [ident, flags, count] = struct.unpack_from("!6H", message);
  if (flags & 0x8000 || count !== 1) throw new ValueError("not a question");
  const [name, offset] = read_name(message, 12);
  const [kind, group] = struct.unpack_from("!HH", message, offset);
  const question = message.subarray(12, offset + 4);
  const records = (group === IN ? ZONE.get(name)?.get(kind) : undefined) ?? [];
  const code = ZONE.has(name) ? 0 : 3;
  print(name, kind, code ? "NXDOMAIN" : `${records.length} records`);
  const head = struct.pack("!6H", ident, 0x8400 | (flags & 0x0100) | code, 1, records.length, 0, 0);
  // Each record begins with a pointer to the question's name.
  const body = records.flatMap((data) => [
    struct.pack("!HHHIH", 0xc00c, kind, IN, 60, data.length),
    data,
  ]);
  return Buffer.concat([head, question, ...body]);
}

function main(): void {
  using sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.bind(["127.0.0.1", Number(sys.argv[1])]);
  print("Listening on", sock.getsockname());
  try {
    for (;;) {
      const [message, address] = sock.recvfrom(512);
      try {
        sock.sendto(answer(message), address);
      } catch (error) {
        const is_bad =
          error instanceof ValueError ||
          error instanceof IndexError ||
          error instanceof struct.error;
        if (!is_bad) throw error;
        print("Ignored:", error);
      }
    }
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt)) throw error;
    print("Stopped");
  }
}

main();
