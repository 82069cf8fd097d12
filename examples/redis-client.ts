/**
 * Asks a Redis server.
 *
 * Usage: npx tsx examples/redis-client.ts PORT COMMAND [ARGUMENT ...]
 */
import { b, OSError, print, repr, RuntimeError } from "iomux/builtins";
import { equal } from "iomux/bytes";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

type Reply = string | number | Buffer | null | Reply[];

function encode(words: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, b`\r\n`);
  return Buffer.concat(parts);
}

function read_reply(file: socket.BufferedReader): Reply {
  const line = file.readline();
  if (line.length === 0) throw new RuntimeError("the server has closed the connection");
  const kind = String(line.subarray(0, 1));
  const value = line.subarray(1, -2);
  if (kind === "+") return String(value);
  if (kind === "-") return `(error) ${String(value)}`;
  if (kind === ":") return Number(value);
  if (kind === "$") {
    return equal(value, b`-1`) ? null : file.read(Number(value) + 2)!.subarray(0, -2);
  }
  return Array.from({ length: Number(value) }, () => read_reply(file));
}

function main(): void {
  const words = sys.argv.slice(2).map((word) => Buffer.from(word));
  using sock = socket.create_connection(["127.0.0.1", Number(sys.argv[1])], 10);
  using file = sock.makefile("rb");
  sock.sendall(encode(words));
  print(repr(read_reply(file)));
}

try {
  main();
} catch (error) {
  if (!(error instanceof OSError || error instanceof RuntimeError)) throw error;
  print(error, { file: sys.stderr });
  sys.exit(1);
}
