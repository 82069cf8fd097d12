/** What the system knows of hosts, services, protocols and interfaces: the same as Python hears. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { tuple } from "iomux/builtins";
import * as socket from "iomux/socket";

import { attempt, differences, for_python, python } from "../support/python.ts";

const { AF_INET, AF_INET6, AF_UNIX, AI_NUMERICHOST, AI_PASSIVE, IPPROTO_TCP } = socket;
const { NI_NUMERICHOST, NI_NUMERICSERV, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } = socket;

function raises(name: string, message: string): unknown {
  return expect.objectContaining({ name, message });
}

type Question = readonly [name: string, ...args: unknown[]];

/** The module's functions by their names. */
const functions = new Map(Object.entries(socket)) as Map<string, (...args: unknown[]) => unknown>;

/** A result as JSON has it on both sides: bytes as numbers. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  return Array.isArray(value) ? value.map(plain) : value;
}

/** The questions to which Python has another answer. */
function wrong(questions: readonly Question[]): unknown[] {
  const theirs = python(
    `
import socket
def plain(value):
    if isinstance(value, bytes): return {"bytes": list(value)}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value
def ask(name, *args):
    return attempt(lambda: plain(getattr(socket, name)(*map(value_of, args))))
answers = [ask(*question) for question in questions]
`,
    questions.map(([name, ...args]) => [name, ...args.map(for_python)]),
  ) as unknown[];
  return differences(questions, theirs, ([name, ...args]) =>
    attempt(() => plain(functions.get(name)!(...args))),
  );
}

describe("getaddrinfo", () => {
  test("every combination of hints has Python's rows, in Python's order", () => {
    const questions = [AF_INET, AF_INET6, socket.AF_UNSPEC, AF_UNIX].flatMap((family) =>
      [0, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM + 98].flatMap((type) =>
        [0, IPPROTO_TCP, socket.IPPROTO_UDP].flatMap((proto) =>
          [0, AI_PASSIVE, AI_NUMERICHOST, socket.AI_CANONNAME, socket.AI_ADDRCONFIG].flatMap(
            (flags) =>
              [null, "", "127.0.0.1", "::1", "localhost"].map((host): Question => {
                return ["getaddrinfo", host, 80, family, type, proto, flags];
              }),
          ),
        ),
      ),
    );
    expect(wrong(questions)).toEqual([]);
  });

  test("hosts and services of all kinds", () => {
    const hosts = [null, "localhost", "127.1", "0x7f000001", "fe80::1%lo", "no such host"];
    const ports = [null, 0, 80, 65535, 65536, -1, "80", "http", "domain", "no such service", ""];
    const questions = [...hosts, "<broadcast>", Buffer.from("localhost")].flatMap((host) =>
      [...ports, Buffer.from("http")].map((port): Question => {
        return ["getaddrinfo", host, port, AF_INET, SOCK_STREAM];
      }),
    );
    expect(wrong(questions)).toEqual([]);
  });

  test("rows are tuples of five, to make a socket with and to connect to", () => {
    const rows = socket.getaddrinfo("127.0.0.1", 80, AF_INET, SOCK_STREAM);
    expect(rows).toEqual([[AF_INET, SOCK_STREAM, IPPROTO_TCP, "", ["127.0.0.1", 80]]]);
    expect(Object.isFrozen(rows)).toBe(false);
    expect([rows[0], rows[0][4]].every(Object.isFrozen)).toBe(true);
  });

  test("AI_PASSIVE is for every interface, without it null is this machine", () => {
    const addresses = [0, AI_PASSIVE].map((flags) => {
      return socket.getaddrinfo(null, 7, AF_INET, SOCK_STREAM, 0, flags)[0][4];
    });
    expect(addresses).toEqual([
      ["127.0.0.1", 7],
      ["0.0.0.0", 7],
    ]);
  });

  test("what it cannot find is a gaierror, with a number of its own and libc's text", () => {
    const unknown = {
      name: "gaierror",
      errno: socket.EAI_NONAME,
      strerror: "Name or service not known",
    };
    const calls: [object, () => unknown][] = [
      [unknown, () => socket.getaddrinfo("no such host", 80)],
      [unknown, () => socket.getaddrinfo(null, null)],
      [unknown, () => socket.getaddrinfo("localhost", 80, 0, 0, 0, AI_NUMERICHOST)],
      [
        { name: "gaierror", errno: socket.EAI_SERVICE },
        () => socket.getaddrinfo("127.0.0.1", "none"),
      ],
      [
        { name: "gaierror", errno: socket.EAI_FAMILY },
        () => socket.getaddrinfo("127.0.0.1", 80, AF_UNIX),
      ],
      [
        { name: "gaierror", errno: socket.EAI_BADFLAGS },
        () => socket.getaddrinfo(null, 80, 0, 0, 0, -1),
      ],
      [{ name: "gaierror", errno: socket.EAI_SOCKTYPE }, () => socket.getaddrinfo(null, 80, 0, 99)],
    ];
    for (const [error, call] of calls) expect(call).toThrow(expect.objectContaining(error));
    expect(() => socket.getaddrinfo("no such host", 80)).toThrow(socket.error);
  });

  test("wrong arguments", () => {
    const host = "getaddrinfo() argument 1 must be string or None";
    expect(() => socket.getaddrinfo(5 as never, 80)).toThrow(raises("TypeError", host));
    expect(() => socket.getaddrinfo("127.0.0.1", 1.5)).toThrow(
      raises("OSError", "Int or String expected"),
    );
    expect(() => socket.getaddrinfo("127.0.0.1", 80, 2 ** 31)).toThrow(
      raises("OverflowError", "signed integer is greater than maximum"),
    );
  });

  test("a name of other letters goes by its ASCII form", () => {
    expect(() => socket.getaddrinfo("bücher.invalid", 80)).toThrow(
      expect.objectContaining({ name: "gaierror" }),
    );
    const hints = [80, AF_INET, SOCK_STREAM] as const;
    // The full-width digits are digits to IDNA.
    expect(socket.getaddrinfo("１２７.0.0.1", ...hints)).toEqual(
      socket.getaddrinfo("127.0.0.1", ...hints),
    );
  });
});

describe("getnameinfo", () => {
  test("is Python's, names and numbers", () => {
    const addresses = [
      ["127.0.0.1", 80],
      ["127.0.0.1", 0],
      ["127.0.0.1", 70_000],
      ["127.0.0.1", -1],
      ["::1", 53],
      ["::1", 53, 5],
      ["::1", 53, 5, 1],
      ["fe80::1%lo", 53],
      ["127.0.0.1", 80, 0],
      ["localhost", 80],
      ["no such host", 80],
    ].map((address) => tuple(address));
    const numbers = NI_NUMERICHOST | NI_NUMERICSERV;
    const flags = [0, NI_NUMERICHOST, NI_NUMERICSERV, numbers, socket.NI_DGRAM, socket.NI_NAMEREQD];
    const questions = addresses.flatMap((address) =>
      flags.map((how): Question => ["getnameinfo", address, how]),
    );
    expect(wrong(questions)).toEqual([]);
  });

  test("an address that has no name, where one is demanded, is a gaierror", () => {
    expect(() => socket.getnameinfo(["192.0.2.1", 80], socket.NI_NAMEREQD)).toThrow(
      socket.gaierror,
    );
    expect(() => socket.getnameinfo("127.0.0.1" as never, 0)).toThrow(
      raises("TypeError", "getnameinfo() argument 1 must be a tuple"),
    );
  });
});

describe("hosts", () => {
  test("by name and by address", () => {
    const names = ["localhost", "127.0.0.1", "127.1", "", "0", "<broadcast>", "255.255.255.255"];
    const none = ["no such host", "::1", "::", "0.0.0.0", "256.1.1.1", socket.gethostname()];
    const questions = [...names, ...none].flatMap((name) =>
      ["gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getfqdn"].map((ask): Question => [
        ask,
        name,
      ]),
    );
    expect(wrong([...questions, ["gethostname"], ["getfqdn"]])).toEqual([]);
  });

  test("wrong arguments", () => {
    for (const name of ["gethostbyname", "gethostbyname_ex", "gethostbyaddr"]) {
      expect(() => functions.get(name)!(5)).toThrow(
        raises("TypeError", `${name}() argument 1 must be str, bytes or bytearray, not int`),
      );
    }
  });

  test("an address that nobody has is a herror", () => {
    // RFC 5737 keeps it for documentation. Which error it is, a name server decides.
    expect(() => socket.gethostbyaddr("192.0.2.1")).toThrow(socket.herror);
    expect(() => socket.gethostbyaddr("192.0.2.1")).toThrow(socket.error);
  });

  test("sethostname refuses what is no name; its own name is no change", () => {
    const other = "expected str, bytes or os.PathLike object, not int";
    expect(() => socket.sethostname(5 as never)).toThrow(raises("TypeError", other));
    expect(() => socket.sethostname("a\0b")).toThrow(raises("ValueError", "embedded null byte"));
    const is_root = process.getuid!() === 0;
    const refused = raises("OSError", "[Errno 22] Invalid argument");
    const forbidden = raises("PermissionError", "[Errno 1] Operation not permitted");
    expect(() => socket.sethostname("x".repeat(65))).toThrow(is_root ? refused : forbidden);
    if (!is_root) return;
    const name = socket.gethostname();
    socket.sethostname(name);
    socket.sethostname(Buffer.from(name));
    expect(socket.gethostname()).toBe(name);
  });
});

// Where /etc/services or /etc/protocols is not there, Python does not know either.
describe("services and protocols", () => {
  test("every port below 1024, of any protocol, of TCP and of UDP", () => {
    const questions = Array.from({ length: 1024 }, (_, port) => port).flatMap(
      (port): Question[] => [
        ["getservbyport", port],
        ["getservbyport", port, "tcp"],
        ["getservbyport", port, "udp"],
      ],
    );
    expect(wrong(questions)).toEqual([]);
  });

  test("by name", () => {
    const services = ["http", "https", "domain", "ssh", "ftp", "echo", "HTTP", "nothing", ""];
    const protocols = ["tcp", "udp", "icmp", "ipv6", "sctp", "TCP", "nothing", ""];
    const questions = services.flatMap((service) =>
      [null, ...protocols].map((protocol): Question => ["getservbyname", service, protocol]),
    );
    questions.push(...services.map((service): Question => ["getservbyname", service]));
    const by_name = protocols.map((protocol): Question => ["getprotobyname", protocol]);
    expect(wrong([...questions, ...by_name])).toEqual([]);
  });

  test("wrong arguments", () => {
    const range = "getservbyport: port must be 0-65535.";
    for (const port of [-1, 65_536]) {
      expect(() => socket.getservbyport(port)).toThrow(raises("OverflowError", range));
    }
    expect(() => socket.getservbyname("nothing")).toThrow(
      raises("OSError", "service/proto not found"),
    );
    expect(() => socket.getservbyport(1, "nothing")).toThrow(
      raises("OSError", "port/proto not found"),
    );
    expect(() => socket.getprotobyname("nothing")).toThrow(raises("OSError", "protocol not found"));
    for (const call of [socket.getservbyname, socket.getprotobyname]) {
      expect(() => call(80 as never)).toThrow(TypeError);
      expect(() => call("a\0b")).toThrow(raises("ValueError", "embedded null character"));
    }
  });
});

describe("addresses as text and as bytes", () => {
  const dotted = fc
    .array(
      fc.constantFrom("0", "1", "127", "255", "256", "08", "0x7f", "-1", "", "x", "4294967295"),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((parts) => parts.join("."));
  const colons = fc
    .array(fc.constantFrom("0", "1", "ffff", "FFFF", "12345", "", "x", "1.2.3.4", "%lo"), {
      minLength: 1,
      maxLength: 9,
    })
    .map((parts) => parts.join(":"));

  test("texts of all kinds", () => {
    const texts = [
      ...fc.sample(dotted, { numRuns: 500, seed: 1 }),
      ...fc.sample(colons, { numRuns: 500, seed: 2 }),
      ...fc.sample(fc.ipV4(), { numRuns: 50, seed: 3 }),
      ...fc.sample(fc.ipV6(), { numRuns: 500, seed: 4 }),
      "1.2.3.4 ",
      " 1.2.3.4",
      "1.2.3.4 junk",
      "é",
    ];
    const questions = texts.flatMap((text): Question[] => [
      ["inet_aton", text],
      ["inet_pton", AF_INET, text],
      ["inet_pton", AF_INET6, text],
    ]);
    expect(wrong([...questions, ["inet_pton", AF_UNIX, "1"]])).toEqual([]);
  });

  test("bytes of all lengths and values", () => {
    const all = fc.sample(fc.uint8Array({ maxLength: 17 }), { numRuns: 200, seed: 5 });
    const byte = fc.constantFrom(0, 0, 0, 1, 255);
    const exact = [4, 16].flatMap((length) => {
      return fc.sample(fc.uint8Array({ minLength: length, maxLength: length }), {
        numRuns: 200,
        seed: 6,
      });
    });
    const zeros = fc.sample(fc.array(byte, { minLength: 16, maxLength: 16 }), {
      numRuns: 500,
      seed: 7,
    });
    const questions = [...all, ...exact, ...zeros.map((one) => Uint8Array.from(one))].flatMap(
      (bytes): Question[] => [
        ["inet_ntoa", bytes],
        ["inet_ntop", AF_INET, bytes],
        ["inet_ntop", AF_INET6, bytes],
      ],
    );
    expect(wrong([...questions, ["inet_ntop", AF_UNIX, new Uint8Array(4)]])).toEqual([]);
  });

  test("in the host's memory they are any view's own bytes", () => {
    const memory = Uint8Array.of(0, 0, 127, 0, 0, 1, 0, 0);
    expect(socket.inet_ntoa(memory.subarray(2, 6))).toBe("127.0.0.1");
    expect(socket.inet_ntop(AF_INET, new DataView(memory.buffer, 2, 4) as never)).toBe("127.0.0.1");
    expect(() => socket.inet_ntoa("1234" as never)).toThrow(
      raises("TypeError", "a bytes-like object is required, not 'str'"),
    );
  });
});

describe("the network's byte order", () => {
  test("is big-endian", () => {
    expect([socket.htons(0x1234), socket.ntohs(0x1234)]).toEqual([0x3412, 0x3412]);
    expect([socket.htonl(0x12345678), socket.ntohl(0x12345678)]).toEqual([0x78563412, 0x78563412]);
    expect([socket.htonl(0xff), socket.htonl(2 ** 32 - 1)]).toEqual([0xff000000, 2 ** 32 - 1]);
  });

  test("values of all sizes", () => {
    const values = [0, 1, 255, 256, 65_535, 65_536, -1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32];
    // Python 3.11 has other words for a 16-bit number past 31 bits.
    const narrow = values.filter((value) => value < 2 ** 31);
    const questions = [
      ...narrow.flatMap((value): Question[] => [
        ["htons", value],
        ["ntohs", value],
      ]),
      ...[...values, 2n ** 63n, 2n ** 64n, "1", null, 1.5].flatMap((value): Question[] => [
        ["htonl", value],
        ["ntohl", value],
      ]),
    ];
    expect(wrong(questions)).toEqual([]);
    for (const value of [2 ** 31, 2 ** 53]) {
      expect(() => socket.htons(value)).toThrow(
        raises("OverflowError", "Python int too large to convert to C int"),
      );
    }
  });
});

describe("network interfaces", () => {
  test("by index and by name, and there and back", () => {
    const all = socket.if_nameindex();
    expect(all).toContainEqual([socket.if_nametoindex("lo"), "lo"]);
    expect(wrong([["if_nameindex"]])).toEqual([]);
    for (const [index, name] of all) {
      expect(socket.if_nametoindex(name)).toBe(index);
      expect(socket.if_nametoindex(Buffer.from(name))).toBe(index);
      expect(socket.if_indextoname(index)).toBe(name);
    }
  });

  test("what is none", () => {
    expect(
      wrong([
        ["if_nametoindex", "nothing"],
        ["if_indextoname", 2 ** 31 - 1],
      ]),
    ).toEqual([]);
    expect(
      wrong([
        ["if_indextoname", 0],
        ["if_indextoname", -1],
        ["if_nametoindex", 5],
      ]),
    ).toEqual([]);
    expect(() => socket.if_indextoname(2 ** 32)).toThrow(
      raises("OverflowError", "index is too large"),
    );
  });
});
