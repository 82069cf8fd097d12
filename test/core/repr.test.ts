import * as fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";

import { OSError, repr, RuntimeError, str, tuple, ValueError } from "iomux/builtins";

import { for_python, ask_python } from "../support/python.ts";

/** Strings of all planes, with halves of surrogate pairs, and much of what needs an escape. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom("'", '"', "\\", "\n", "\r", "\t", " ", "\0", "\x7f", "\xa0", "\xad", "é"),
      fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const scalar = fc.oneof(
  fc.constantFrom(null, undefined, true, false, Number.NaN, -0, 0, Infinity, -Infinity),
  fc.constantFrom(1e15, 1e16, 1e17, 1e21, 1e22, 1e-4, 1e-5, 9.999e-5, 5e-324, 2 ** 53, -(2 ** 53)),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt(),
  text,
  fc.uint8Array({ maxLength: 12 }),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    tie("list"),
    tie("tuple"),
    tie("dict"),
    tie("map"),
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  tuple: fc.array(tie("value"), { maxLength: 4 }).map((items) => tuple(items)),
  dict: fc.dictionary(text, tie("value"), { maxKeys: 4, noNullPrototype: false }),
  map: fc.array(fc.tuple(text, tie("value")), { maxLength: 4 }).map((items) => new Map(items)),
}));

const sampled = fc.sample(value, { numRuns: 5000, seed: 1 });
const bytes = fc.sample(fc.uint8Array({ size: "large", maxLength: 600 }), {
  numRuns: 200,
  seed: 2,
});

const python_says = ask_python(
  `
import unicodedata

def ranges(wanted):
    found = []
    for code in range(sys.maxunicode + 2):
        if code <= sys.maxunicode and wanted(chr(code)):
            if not found or found[-1][1] != code:
                found.append([code, code])
            found[-1][1] = code + 1
    return found

answers = {
    "reprs": [repr(value_of(value)) for value in questions],
    "printable": ranges(str.isprintable),
    "unassigned": ranges(lambda character: unicodedata.category(character) == "Cn"),
}
`,
  [...sampled, ...bytes].map(for_python),
) as () => {
  reprs: string[];
  printable: [number, number][];
  unassigned: [number, number][];
};

/** One flag for each code point there is. */
function flags(ranges: readonly [number, number][]): Uint8Array {
  const all = new Uint8Array(0x110000);
  for (const [start, end] of ranges) all.fill(1, start, end);
  return all;
}

// What one of the two has not heard of yet, they need not agree about.
let unassigned: Uint8Array | undefined;

function is_known(character: string): boolean {
  unassigned ??= flags(python_says().unassigned);
  return unassigned[character.codePointAt(0) as number] === 0 && !/\p{Cn}/u.test(character);
}

describe("repr", () => {
  test("is Python's for values of all kinds, nested", () => {
    const compared = [...sampled, ...bytes]
      .map((item, index) => [repr(item), python_says().reprs[index]] as const)
      .filter((pair) => pair.every((said) => Array.from(said).every(is_known)))
      // An unknown character may also be hidden in an escape.
      .filter((pair) => {
        const escapes = pair.flatMap((said) => said?.match(/\\(?:u.{4}|U.{8})/g) ?? []);
        return escapes.every((escape) =>
          is_known(String.fromCodePoint(Number.parseInt(escape.slice(2), 16))),
        );
      });
    expect(compared.length).toBeGreaterThan(1000);
    expect(compared.map(([ours]) => ours)).toEqual(compared.map(([, theirs]) => theirs));
  });

  test("escapes a character if and only if Python does", () => {
    const printable = flags(python_says().printable);
    const different: string[] = [];
    for (let code = 0; code < 0x110000; code++) {
      const character = String.fromCodePoint(code);
      if (character === "\\" || character === "'" || !is_known(character)) continue;
      const is_as_it_is = repr(character) === `'${character}'`;
      if (is_as_it_is !== (printable[code] === 1)) different.push(code.toString(16));
    }
    expect(different).toEqual([]);
  });

  test("writes addresses as the tutorial shows them", () => {
    expect(repr(tuple(["127.0.0.1", 54321]))).toBe("('127.0.0.1', 54321)");
    expect(repr(tuple(["::1", 54321, 0, 0]))).toBe("('::1', 54321, 0, 0)");
  });

  test("tells tuples from lists", () => {
    expect(repr([1])).toBe("[1]");
    expect(repr(tuple([1]))).toBe("(1,)");
    expect(repr(Object.freeze([]))).toBe("()");
    expect(repr([tuple([]), []])).toBe("[(), []]");
  });

  test("prints all bytes-like memory", () => {
    expect(repr(new Uint8Array([0x61, 0x27, 0xff]))).toBe(`b"a'\\xff"`);
    expect(repr(Buffer.from("abcdef").subarray(2, 4))).toBe("b'cd'");
    expect(repr(Uint8Array.of(1, 2).buffer)).toBe("bytearray(b'\\x01\\x02')");
    expect(repr(new DataView(Uint8Array.of(1, 2, 3).buffer, 1, 1))).toBe("bytearray(b'\\x02')");
    expect(repr(Int32Array.of(1, -2))).toBe("array('i', [1, -2])");
    expect(repr(Float64Array.of(1, 0.5))).toBe("array('d', [1.0, 0.5])");
    expect(repr(new Uint16Array())).toBe("array('H')");
  });

  test("prints sets", () => {
    expect(repr(new Set())).toBe("set()");
    expect(repr(new Set([1, "a"]))).toBe("{1, 'a'}");
  });

  test("prints a container that contains itself", () => {
    const list: unknown[] = [1];
    list.push(list);
    expect(repr(list)).toBe("[1, [...]]");
    const dict: Record<string, unknown> = {};
    dict.self = dict;
    expect(repr(dict)).toBe("{'self': {...}}");
    const inner: unknown[] = [];
    const outer = tuple([inner]);
    inner.push(outer);
    expect(repr(outer)).toBe("([(...)],)");
    const shared = [1];
    expect(repr([shared, shared])).toBe("[[1], [1]]");
  });

  test("comes out of a container by an exception as it went in", () => {
    const list = [
      {
        __repr__: (): string => {
          throw new ValueError("no");
        },
      },
    ];
    expect(() => repr(list)).toThrow(ValueError);
    expect(() => repr(list)).toThrow("no");
  });

  test("survives a value that is nested too deeply for the stack", () => {
    let deep: unknown[] = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(() => repr(deep)).toThrow(RangeError);
    const list: unknown[] = [[1], { a: 1 }];
    expect(repr(list)).toBe("[[1], {'a': 1}]");
  });

  test("lets an object say itself what it is", () => {
    class Key {
      readonly inner: unknown;
      constructor(inner: unknown) {
        this.inner = inner;
      }
      __repr__(): string {
        return `Key(${repr(this.inner)})`;
      }
    }
    expect(repr([new Key("a")])).toBe("[Key('a')]");
    // Also amid a circle that goes through it.
    const list: unknown[] = [];
    list.push(new Key(list));
    expect(repr(list)).toBe("[Key([...])]");
    expect(repr({ __repr__: "not a method" })).toBe("{'__repr__': 'not a method'}");
    expect(() => repr({ __repr__: () => 1 })).toThrow(TypeError);
  });

  test("prints errors with their class and text", () => {
    expect(repr(new ValueError("it's wrong"))).toBe(`ValueError("it's wrong")`);
    expect(repr(new RuntimeError())).toBe("RuntimeError()");
    expect(repr(new TypeError("x"))).toBe("TypeError('x')");
    expect(repr(new OSError(111, "Connection refused"))).toBe(
      "ConnectionRefusedError(111, 'Connection refused')",
    );
    class Unnamed extends ValueError {}
    expect(repr(new Unnamed("x"))).toBe("Unnamed('x')");
  });

  test("prints functions, classes and other objects by their names", () => {
    expect(repr(function accept_wrapper() {})).toBe("<function accept_wrapper>");
    expect(repr((() => () => {})())).toBe("<function <lambda>>");
    expect(repr(Map)).toBe("<class 'Map'>");
    class Message {
      readonly text = "";
    }
    expect(repr(Message)).toBe("<class 'Message'>");
    expect(repr(new Message())).toBe("<Message object>");
    expect(repr(Symbol("x"))).toBe("Symbol(x)");
  });
});

describe("str", () => {
  test("leaves strings as they are, and writes the rest as repr does", () => {
    expect(str("it's\n")).toBe("it's\n");
    expect(str(["it's"])).toBe(`["it's"]`);
    expect(str(null)).toBe("None");
    expect(str(Buffer.from("x"))).toBe("b'x'");
  });

  test("is an error's message", () => {
    expect(str(new OSError(111, "Connection refused"))).toBe("[Errno 111] Connection refused");
    expect(str(new ValueError())).toBe("");
  });

  test("lets an object say it in its own words, which are not those of repr", () => {
    const both = { __repr__: () => "repr", __str__: () => "str" };
    expect(str(both)).toBe("str");
    expect(str([both])).toBe("[repr]");
    expect(str({ __repr__: () => "repr" })).toBe("repr");
  });
});

describe("tuple", () => {
  test("is a new frozen array of what it is given", () => {
    const items = ["127.0.0.1", 1];
    const made = tuple(items);
    items.push(2);
    expect(made).toEqual(["127.0.0.1", 1]);
    expect(Object.isFrozen(made)).toBe(true);
    expect(tuple(new Set([1, 2]))).toEqual([1, 2]);
    expect(tuple()).toEqual([]);
    expect(() => tuple(5 as never)).toThrow(TypeError);
  });

  test("keeps the types of its elements", () => {
    expectTypeOf(tuple(["127.0.0.1", 1])).toEqualTypeOf<readonly [string, number]>();
    expectTypeOf(tuple(new Set([1]))).toEqualTypeOf<readonly number[]>();
  });
});
