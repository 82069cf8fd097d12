/** `iomux/struct` beside Python's: the same bytes, values and messages, for any format. */
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";

import { OverflowError, repr } from "iomux/builtins";
import * as struct from "iomux/struct";

import { ask_python, attempt, differences, for_python } from "../support/python.ts";
import type { Outcome } from "../support/python.ts";

const RUNS = { numRuns: 1500, seed: 20 };

const code = fc.constantFrom(..."xcbB?hHiIlLqQnNPefdsp".split(""));
const count = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  fc.integer({ min: 0, max: 5 }).map(String),
);
const space = fc.constantFrom("", "", "", " ", "\n");
const field = fc
  .tuple(space, count, code)
  // Python's own error: it takes the length for -1.
  .map((parts) => parts.join("").replace("0p", "1p"));
const order = fc.constantFrom("", "@", "=", "<", ">", "!");
const good = fc
  .tuple(order, fc.array(field, { maxLength: 5 }))
  .map(([one, all]) => one + all.join(""));
const bad = fc.constantFrom(
  "2",
  "H3",
  "2 H",
  "z",
  "<n",
  ">P",
  "H<",
  "H,",
  " <H",
  "9223372036854775807H",
  "s9",
);

const integer = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
  fc.constantFrom(
    -128,
    127,
    255,
    256,
    -32768,
    32767,
    65535,
    65536,
    2 ** 31,
    -(2 ** 31),
    2 ** 32 - 1,
  ),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 64n - 1n, 2n ** 64n, true, false),
);
const float = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(
    0.1,
    -0,
    65504.5,
    65519.99,
    1e-8,
    3e-8,
    6.1e-5,
    2.5,
    1e39 + 0.5,
    3.4028235677973366e38,
  ),
);
const bytes = fc.uint8Array({ maxLength: 7 }).map((some) => Buffer.from(some));
const any = fc.oneof(integer, float, bytes, fc.constantFrom(null, "text", ""));

/** A value that the code takes, most of the time. */
function value_for(one: string): fc.Arbitrary<unknown> {
  const fitting = "sp".includes(one)
    ? bytes
    : one === "c"
      ? fc.uint8Array({ minLength: 1, maxLength: 1 }).map((some) => Buffer.from(some))
      : "efd".includes(one)
        ? float
        : integer;
  return fc.oneof({ weight: 12, arbitrary: fitting }, any);
}

/** The codes of a format's values, in order. */
function codes_in(format: string): string[] {
  return [...format.matchAll(/(\d*)([a-zA-Z?])/g)].flatMap(([, digits, one]) => {
    if (one === "x") return [];
    return "sp".includes(one)
      ? [one]
      : Array.from({ length: digits === "" ? 1 : Number(digits) }, () => one);
  });
}

const packed = fc.sample(
  fc.oneof({ weight: 12, arbitrary: good }, bad).chain((format) => {
    const codes = format.length > 12 && /\d{3}/.test(format) ? [] : codes_in(format);
    const values = fc.tuple(...codes.map(value_for));
    return fc.tuple(
      fc.constant(format),
      fc.oneof({ weight: 9, arbitrary: values }, fc.array(any, { maxLength: 3 })),
    );
  }),
  RUNS,
);

/** Bytes of which many are as long as the format. */
const unpacked = fc
  .sample(
    fc.tuple(
      good,
      fc.array(fc.uint8Array({ minLength: 0, maxLength: 64 }), { minLength: 1, maxLength: 1 }),
      fc.integer({ min: -9, max: 9 }),
      fc.boolean(),
    ),
    RUNS,
  )
  .map(([format, [some], offset, fits]) => {
    const [length] = attempt(() => struct.calcsize(format));
    const size = fits ? ((length as number | null) ?? 0) : some.length;
    const data = Buffer.alloc(size);
    for (let at = 0; at < size; at++) data[at] = some.length === 0 ? at : some[at % some.length];
    return { format, data: data.toString("base64"), offset };
  });

const python_says = ask_python(
  `
import struct, sys

def told(value):
    """Bit for bit: JavaScript prints numbers in its own way."""
    if isinstance(value, bool): return value
    if isinstance(value, bytes): return text_of(value)
    if isinstance(value, float): return "nan" if value != value else struct.pack(">d", value).hex()
    return str(value)

def tell(values): return [told(value) for value in values]

def into(one):
    memory = bytearray(b"\\xaa" * 12)
    format, values = one[0], [value_of(value) for value in one[1]]
    struct.pack_into(format, memory, 2, *values)
    return text_of(memory)

answers = {
    "version": sys.version_info[:2],
    "sizes": [attempt(struct.calcsize, format) for format, _ in questions["packed"]],
    "pack": [
        attempt(lambda: text_of(struct.pack(format, *map(value_of, values))))
        for format, values in questions["packed"]
    ],
    "into": [attempt(into, one) for one in questions["packed"]],
    "unpack": [
        attempt(lambda: tell(struct.unpack(one["format"], bytes_of(one["data"]))))
        for one in questions["unpacked"]
    ],
    "from": [
        attempt(lambda: tell(struct.unpack_from(one["format"], bytes_of(one["data"]), one["offset"])))
        for one in questions["unpacked"]
    ],
    "iter": [
        attempt(lambda: [tell(each) for each in struct.iter_unpack(one["format"], bytes_of(one["data"]))])
        for one in questions["unpacked"]
    ],
}
`,
  { packed: packed.map(([format, values]) => [format, values.map(for_python)]), unpacked },
) as () => Record<"sizes" | "pack" | "into" | "unpack" | "from" | "iter", Outcome[]> & {
  readonly version: readonly [number, number];
};

function told(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return typeof value === "boolean" ? value : String(value);
}

/** The values of a format as Python tells them: floats bit for bit. */
function tell(format: string, values: readonly unknown[]): unknown[] {
  const codes = codes_in(format);
  return values.map((value, index) => {
    if (!"efd".includes(codes[index])) return told(value);
    const bits = Buffer.alloc(8);
    bits.writeDoubleBE(value as number);
    return Number.isNaN(value) ? "nan" : bits.toString("hex");
  });
}

/** Python 3.13 has one message for all integers that do not fit, 3.11 several; its class is "error" there. */
function in_one_voice([result, error]: Outcome): Outcome {
  if (error === null) return [result, null];
  const [name, text] = error;
  const is_range = /out of range$|^\S+ format requires .* <= number|^int too large/.test(text);
  return [null, [name.replace("struct.", ""), is_range && !/offset/.test(text) ? "range" : text]];
}

function expect_same<Question>(
  questions: readonly Question[],
  theirs: readonly Outcome[],
  ours: (question: Question) => Outcome,
): void {
  const said = theirs.map(in_one_voice);
  expect(differences(questions, said, (one) => in_one_voice(ours(one))).slice(0, 5)).toEqual([]);
}

describe("beside Python", () => {
  test("calcsize", () => {
    expect_same(packed, python_says().sizes, ([format]) => attempt(() => struct.calcsize(format)));
  });

  test("pack", () => {
    expect_same(packed, python_says().pack, ([format, values]) =>
      attempt(() => struct.pack(format, ...values).toString("base64")),
    );
  });

  test("pack_into", () => {
    expect_same(packed, python_says().into, ([format, values]) =>
      attempt(() => {
        const memory = Buffer.alloc(12, 0xaa);
        struct.pack_into(format, memory, 2, ...values);
        return memory.toString("base64");
      }),
    );
  });

  test("unpack", () => {
    expect_same(unpacked, python_says().unpack, ({ format, data }) =>
      attempt(() => tell(format, struct.unpack(format, Buffer.from(data, "base64")))),
    );
  });

  test("unpack_from", () => {
    expect_same(unpacked, python_says().from, ({ format, data, offset }) =>
      attempt(() => tell(format, struct.unpack_from(format, Buffer.from(data, "base64"), offset))),
    );
  });

  test("iter_unpack", () => {
    expect_same(unpacked, python_says().iter, ({ format, data }) =>
      attempt(() =>
        Array.from(struct.iter_unpack(format, Buffer.from(data, "base64")), (one) =>
          tell(format, one),
        ),
      ),
    );
  });
});

describe("here", () => {
  test("the message of a number that does not fit is Python 3.13's", () => {
    expect(() => struct.pack("<B", 256)).toThrow(
      new struct.error("'B' format requires 0 <= number <= 255"),
    );
    expect(() => struct.pack("<f", 1e39)).toThrow(OverflowError);
    expect(repr(new struct.error("text"))).toBe("error('text')");
  });

  test("the compiler knows what a format packs and unpacks", () => {
    const [length, name] = struct.unpack(">H4s", Buffer.from("\0\x04name"));
    expectTypeOf(length).toEqualTypeOf<number>();
    expectTypeOf(name).toEqualTypeOf<Buffer>();
    expect([length, name.toString()]).toEqual([4, "name"]);
    const three = struct.unpack("<3B", Buffer.of(1, 2, 3));
    expectTypeOf(three).toEqualTypeOf<readonly [number, number, number]>();
    // @ts-expect-error -- one value is missing
    expect(() => struct.pack("<HH", 1)).toThrow("pack expected 2 items for packing (got 1)");
    // @ts-expect-error -- a text is no bytes
    expect(() => struct.pack("4s", "text")).toThrow("argument for 's' must be a bytes object");
  });

  test("an integer is a number where that is exact, and a bigint where it is not", () => {
    const most = struct.pack("<Q", 2n ** 64n - 1n);
    expect(struct.unpack("<Q", most)).toEqual([2n ** 64n - 1n]);
    expect(struct.unpack("<q", most)).toEqual([-1]);
    expect(struct.unpack("<Q", struct.pack("<Q", 2 ** 53 - 1))).toEqual([2 ** 53 - 1]);
  });

  test("what is unpacked is a tuple, and bytes in it are a copy", () => {
    const memory = Buffer.from("ab");
    const values = struct.unpack("1sb", memory);
    memory.fill(0);
    expect(repr(values)).toBe("(b'a', 98)");
    expect(Object.isFrozen(values)).toBe(true);
  });

  test("a Struct is a format that is kept", () => {
    const header = new struct.Struct("!HH");
    expect(repr(header)).toBe("Struct('!HH')");
    expect([header.format, header.size]).toEqual(["!HH", 4]);
    expect(header.unpack(header.pack(1, 2))).toEqual([1, 2]);
    const memory = new Uint8Array(6);
    header.pack_into(memory, 2, 3, 4);
    expect([...memory]).toEqual([0, 0, 0, 3, 0, 4]);
    expect([...header.iter_unpack(Buffer.alloc(8))]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("misuse is a TypeError", () => {
    const wrong = struct as unknown as Record<string, (...values: unknown[]) => unknown>;
    expect(() => wrong.unpack("H", "ab")).toThrow(
      new TypeError("a bytes-like object is required, not 'str'"),
    );
    expect(() => wrong.calcsize(5)).toThrow(TypeError);
    expect(() => wrong.unpack_from("H", Buffer.alloc(4), 0.5)).toThrow(
      new TypeError("'float' object cannot be interpreted as an integer"),
    );
    expect(() => wrong.pack_into("H", Buffer.alloc(4))).toThrow(
      new struct.error("pack_into expected offset argument"),
    );
  });
});
