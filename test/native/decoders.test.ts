/**
 * Addresses and control data, whatever their bytes: each decoder of the addon beside one that is written
 * here after the man page. Its memory is exactly as long as it says, so that AddressSanitizer sees a
 * byte too much. `FUZZ_SECONDS=60 FUZZ_SEED=2 npx vitest run test/native/decoders.test.ts` tries others.
 */
import { readFileSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { native } from "../../lib/native.ts";
import { is_linux } from "../support/system.ts";

const { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_VSOCK, NAME_SIZE } = native.constants;

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 1);

/** Tries as many as there is time for, always the same ones first. */
function always<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, property), {
    seed: Number(process.env.FUZZ_SEED ?? 1),
    numRuns: Infinity,
    interruptAfterTimeLimit: SECONDS * 1000,
  });
}

const LIMIT = SECONDS * 1000 + 60_000;

/** Bytes that once went wrong, and others that are hard to read: hexadecimal. */
const corpus = JSON.parse(
  readFileSync(new URL("decoders.json", import.meta.url), "utf8"),
) as Record<"control" | "names" | "hosts", Record<string, string>>;

/** In memory of exactly this length, outside V8's heap. */
function exactly(bytes: Iterable<number>): Uint8Array {
  const list = Uint8Array.from(bytes);
  const memory = new Uint8Array(new ArrayBuffer(list.length));
  memory.set(list);
  return memory;
}

const from_hex = (text: string): Uint8Array => exactly(Buffer.from(text, "hex"));
const byte = fc.nat(255);

// struct cmsghdr and struct sockaddr have these layouts on Linux.
describe.runIf(is_linux)("control data", () => {
  const HEADER = native.cmsg_len(0);

  type Message = readonly [level: number, type: number, data: Uint8Array];

  /** cmsg(3): a length of 8 bytes with the header, level and type of 4 each; messages start at multiples of 8. */
  function decode(control: Uint8Array): Message[] {
    const view = new DataView(control.buffer);
    const messages: Message[] = [];
    for (let start = 0; control.length - start >= HEADER;) {
      const length = view.getBigUint64(start, true);
      if (length < HEADER) break;
      const rest = control.length - start;
      const end = start + (length > rest ? rest : Number(length));
      messages.push([
        view.getInt32(start + 8, true),
        view.getInt32(start + 12, true),
        control.slice(start + HEADER, end),
      ]);
      if (length > rest) break;
      start = Math.ceil(end / 8) * 8;
    }
    return messages;
  }

  function check(control: Uint8Array): void {
    const messages = native.cmsg_decode(control, control.length);
    expect(messages).toEqual(decode(control));
  }

  test.each(Object.entries(corpus.control))("%s", (_, bytes) => check(from_hex(bytes)));

  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  /** A header with a length that is right, nearly right or no length at all, and some data. */
  const message = fc
    .record({
      off: fc.oneof({ weight: 3, arbitrary: fc.constant(0n) }, fc.bigInt(-24n, 24n)),
      wild: fc.option(fc.bigInt(0n, 2n ** 64n - 1n), { freq: 8 }),
      level: int32,
      type: int32,
      data: fc.array(byte, { maxLength: 40 }),
    })
    .map(({ off, wild, level, type, data }) => {
      const bytes = Buffer.alloc(Math.ceil((HEADER + data.length) / 8) * 8);
      const length = wild ?? BigInt.asUintN(64, BigInt(HEADER + data.length) + off);
      bytes.writeBigUInt64LE(length);
      bytes.writeInt32LE(level, 8);
      bytes.writeInt32LE(type, 12);
      bytes.set(data, HEADER);
      return bytes;
    });
  const control = fc.oneof(
    fc.array(byte, { maxLength: 200 }).map(exactly),
    fc.tuple(fc.array(message, { maxLength: 5 }), fc.nat(24)).map(([messages, cut]) => {
      const whole = Buffer.concat(messages);
      return exactly(whole.subarray(0, Math.max(whole.length - cut, 0)));
    }),
  );

  test("is read as the man page says", () => always(control, check), LIMIT);

  test(
    "is read as it was written",
    () => {
      const items = fc.array(fc.tuple(int32, int32, fc.uint8Array({ maxLength: 100 })), {
        maxLength: 20,
      });
      always(items, (list) => {
        const kinds = Int32Array.from(list.flatMap(([level, type]) => [level, type]));
        const bytes = native.cmsg_encode(
          kinds,
          list.map(([, , data]) => exactly(data)),
        );
        expect(native.cmsg_decode(bytes, bytes.length)).toEqual(list);
      });
    },
    LIMIT,
  );
});

describe.runIf(is_linux)("an address", () => {
  /** socklen_t, padding, struct sockaddr_storage: the family, then what ip(7), ipv6(7), unix(7) ... say. */
  const STORAGE = 8;
  const ROOM = NAME_SIZE - STORAGE;

  function decode(name: Uint8Array): unknown {
    const view = new DataView(name.buffer, STORAGE);
    const length = Math.min(new DataView(name.buffer).getUint32(0, true), ROOM);
    const bytes = (start: number, end: number): Uint8Array =>
      name.slice(STORAGE + start, STORAGE + end);
    if (length < 2) return null;
    const family = view.getUint16(0, true);
    switch (family) {
      case AF_INET: {
        const host = bytes(4, 8).join(".");
        const port = view.getUint16(2);
        return length >= 16 ? [host, port] : [family, host, port];
      }
      case AF_INET6: {
        const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(8 + index * 2));
        const rest = [view.getUint16(2), view.getUint32(4), view.getUint32(24, true)];
        return [family, groups.map((group) => group.toString(16)).join(":"), ...rest];
      }
      case AF_UNIX: {
        const path = bytes(2, length);
        const end = path[0] === 0 ? -1 : path.indexOf(0);
        return [family, end < 0 ? path : path.slice(0, end)];
      }
      case AF_NETLINK:
        return [family, view.getUint32(4, true), view.getUint32(8, true)];
      case AF_PACKET: {
        const address = bytes(12, 12 + Math.min(view.getUint8(11), 8));
        const kinds = [view.getUint8(10), view.getUint16(8, true)];
        return [family, view.getInt32(4, true), view.getUint16(2), ...kinds, address];
      }
      case AF_VSOCK:
        return [family, view.getUint32(8, true), view.getUint32(4, true)];
      default:
        return [family, bytes(2, length)];
    }
  }

  /** The text of an IPv6 address can be shortened: `URL` does that as RFC 5952 says. */
  function canonical(decoded: unknown): unknown {
    if (!Array.isArray(decoded) || decoded[0] !== AF_INET6) return decoded;
    const [family, host, ...rest] = decoded as [number, string, ...number[]];
    return [family, new URL(`http://[${host}]`).hostname, ...rest];
  }

  function check(name: Uint8Array): void {
    const port = new Int32Array(1);
    const decoded = native.sockaddr_decode(name, port);
    const read = typeof decoded === "string" ? [decoded, port[0]] : decoded;
    expect(canonical(read)).toEqual(canonical(decode(name)));
  }

  function as_name(length: number, family: number, bytes: readonly number[]): Uint8Array {
    const name = new Uint8Array(new ArrayBuffer(NAME_SIZE));
    const view = new DataView(name.buffer);
    view.setUint32(0, length, true);
    view.setUint16(STORAGE, family, true);
    name.set(bytes.slice(0, ROOM - 2), STORAGE + 2);
    return name;
  }

  test.each(Object.entries(corpus.names))("%s", (_, text) => {
    const bytes = from_hex(text);
    const name = new Uint8Array(new ArrayBuffer(NAME_SIZE));
    name.set(bytes);
    check(name);
  });

  const name = fc
    .record({
      length: fc.oneof(fc.nat(ROOM + 2), fc.constantFrom(2 ** 31, 2 ** 32 - 1)),
      family: fc.oneof(
        fc.constantFrom(AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK),
        fc.nat(65535),
      ),
      bytes: fc.array(fc.oneof(byte, fc.constant(0)), { maxLength: ROOM - 2 }),
    })
    .map(({ length, family, bytes }) => as_name(length, family, bytes));

  test("is read as its man page says", () => always(name, check), LIMIT);

  test(
    "is read as it was made",
    () => {
      const uint32 = fc.nat(2 ** 32 - 1);
      const made = fc.oneof(
        fc
          .tuple(uint32, uint32)
          .map(([pid, groups]) => [native.sockaddr_nl!(pid, groups), [AF_NETLINK, pid, groups]]),
        fc
          .tuple(uint32, uint32)
          .map(([cid, port]) => [native.sockaddr_vm!(cid, port), [AF_VSOCK, cid, port]]),
        fc.uint8Array({ minLength: 1, maxLength: 107 }).map((path) => {
          const end = path[0] === 0 ? -1 : path.indexOf(0);
          return [native.sockaddr_un(path), [AF_UNIX, end < 0 ? path : path.slice(0, end)]];
        }),
        fc
          .tuple(fc.integer({ min: 200, max: 65535 }), fc.uint8Array({ maxLength: 126 }))
          .map(([family, bytes]) => [native.sockaddr_other(family, bytes), [family, bytes]]),
      ) as fc.Arbitrary<[Uint8Array, unknown]>;
      always(made, ([bytes, parts]) => {
        const copy = new Uint8Array(new ArrayBuffer(NAME_SIZE));
        new DataView(copy.buffer).setUint32(0, bytes.length, true);
        copy.set(bytes, STORAGE);
        expect(native.sockaddr_decode(copy, new Int32Array(1))).toEqual(parts);
      });
    },
    LIMIT,
  );
});

/** Node's answer, without the scope that it allows. */
function check_host(host: string): void {
  if (host.includes("\0")) return;
  expect(native.sockaddr_in(host, 1) !== null).toBe(isIPv4(host));
  const is_ipv6 = isIPv6(host) && !host.includes("%");
  expect(native.sockaddr_in6(host, 1, 0, 0) !== null).toBe(is_ipv6);
}

describe("a host's text", () => {
  test.each(Object.entries(corpus.hosts))("%s", (_, host) => check_host(host));

  const piece = fc.constantFrom(
    ..."0 1 9 25 255 256 f ffff 10000 : :: . %1 eth0 [ ] x é 00".split(" "),
  );
  const host = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4Extended(),
  );

  test("is an address where Node says so", () => always(host, check_host), LIMIT);
});
