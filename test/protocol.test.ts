import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  LookupError,
  repr,
  UnicodeDecodeError,
  UnicodeEncodeError,
  ValueError,
} from "iomux/builtins";
import {
  Decoder,
  encode,
  json_decode,
  json_encode,
  JSONDecodeError,
  pack_length,
  StructError,
  unpack_length,
} from "iomux/protocol";
import type { Message } from "iomux/protocol";

import { attempt, differences, for_python, python } from "./support/python.ts";
import type { Outcome } from "./support/python.ts";

const text = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
      { weight: 3, arbitrary: fc.constantFrom('"', "\\", "\b", "\f", "\n", "/", "\x7f", "\x1f") },
      { weight: 3, arbitrary: fc.constantFrom("\u2028", "é", "😀", "\ufeff") },
      fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(""));

const key = fc.oneof(
  { weight: 4, arbitrary: text },
  fc.constantFrom(null, true, false, 1.5, -0, 1e21, Number.NaN, Infinity, "__proto__"),
  fc.integer(),
  fc.bigInt(),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.oneof(
      fc.constantFrom(null, true, false, Number.NaN, -0, Infinity, -Infinity, 1e21, 2 ** 53, 1e-7),
      fc.integer(),
      fc.double(),
      fc.bigInt(),
      text,
    ),
    // What JSON has no form for is to be refused in the same words.
    { weight: 1, arbitrary: fc.constant(Buffer.from("bytes")) },
    { weight: 8, arbitrary: tie("list") },
    { weight: 8, arbitrary: tie("tuple") },
    { weight: 8, arbitrary: tie("map") },
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  tuple: fc.array(tie("value"), { maxLength: 4 }).map((items) => Object.freeze(items)),
  map: fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map(as_python_has_it),
}));

/** To Python, 1 and True are the same key: such pairs are left to Python's own tests. */
function as_python_has_it(entries: readonly [unknown, unknown][]): Map<unknown, unknown> {
  const used = new Set<number | bigint>();
  return new Map(
    entries.filter(([name]) => {
      if (name === null || typeof name === "string") return true;
      const number = typeof name === "bigint" ? name : Number(name);
      for (const other of used) if (other == number) return false; // oxlint-disable-line eqeqeq
      used.add(number);
      return true;
    }),
  );
}

/** Pieces that make JSON now and then, and else something that is wrong in every way there is. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'{ } [ ] , : "a" "b": "__proto__": "é😀 " \\ true null nul NaN'.split(" "),
      ),
      fc.constantFrom(..."1 - 0 -0 .5 e5 E+ 12345678901234567890 9007199254740993".split(" ")),
      fc.constantFrom(..."Infinity -Infinity \\u12 \\u00e9 \\ud800 \\n 😀".split(" ")),
      fc.constantFrom(" ", "\n", "\t", "\ufeff", "\x0b"),
    ),
    { maxLength: 9 },
  )
  .map((parts) => parts.join(""));

/** JSON with one character taken out or put in. */
const nearly_json = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.nat(),
    fc.constantFrom("", "", '"', ",", "}", "]", " ", "1", "é"),
  )
  .map(([json, nat, character]) => {
    const at = nat % (json.length + 1);
    const behind = character === "" ? at + 1 : at;
    return json.slice(0, at) + character + json.slice(behind);
  });

const documents = fc.oneof(soup, nearly_json, fc.json({ maxDepth: 4 }));

const asked = {
  dumps: fc.sample(value, { numRuns: 4000, seed: 1 }),
  loads: fc
    .sample(documents, { numRuns: 10_000, seed: 2 })
    .concat(
      String.raw`- [ { " [1 [1, {"a" {"a": {"a":1 {"a":1, "\ "\u "\u1 "\u1234 "\u12345`.split(" "),
      String.raw`"\uzzzz" "\x" [NaN,-Infinity] -0 -0.0 -0e1 1e999 01 1. 1e +1 1E5 1e16`.split(" "),
      "9007199254740992 -12345678901234567890 00000000000000000000 0.12345678901234567".split(" "),
      String.raw`{"__proto__":{"a":1}} {"a":1,"a":2} "\ud83d\ude00" "\ud83d"`.split(" "),
      ["", " ", " \n\n x", "1 2", "\ufeff{}", "[12345678901234567890, 1]"],
    ),
};

const python_says = python(
  `
import struct

def as_javascript(value):
    """JavaScript has one zero-fraction number: an integer."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return value if str(value) == "-0.0" else int(value)
    if isinstance(value, list): return [as_javascript(item) for item in value]
    if isinstance(value, dict):
        return {key: as_javascript(item) for key, item in value.items()}
    return value

def message(content, content_type, content_encoding):
    header = {
        "byteorder": sys.byteorder,
        "content-type": content_type,
        "content-encoding": content_encoding,
        "content-length": len(content),
    }
    encoded = json.dumps(header, ensure_ascii=False).encode("utf-8")
    return struct.pack(">H", len(encoded)) + encoded + content

request = {"action": "search", "value": "ring 💍"}
request = json.dumps(request, ensure_ascii=False).encode("utf-8")

answers = {
    "dumps": [
        attempt(lambda: text_of(json.dumps(value_of(value), ensure_ascii=False).encode("utf-8")))
        for value in questions["dumps"]
    ],
    "utf16": text_of(json.dumps(["é"], ensure_ascii=False).encode("utf-16")),
    "loads": [
        attempt(lambda: ascii(as_javascript(json.loads(text)))) for text in questions["loads"]
    ],
    "message": text_of(message(request, "text/json", "utf-8")),
    "request": text_of(request),
}
`,
  { ...asked, dumps: asked.dumps.map(for_python) },
) as Record<"dumps" | "loads", Outcome[]> & Record<"utf16" | "message" | "request", string>;

/** Python's `ascii`. */
function ascii(decoded: unknown): string {
  return repr(decoded).replaceAll(/[^\0-\x7f]/gu, (character) => {
    const hex = (character.codePointAt(0) as number).toString(16);
    if (hex.length <= 2) return `\\x${hex}`;
    return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  });
}

describe("json_encode", () => {
  test("writes the bytes that Python writes, or refuses in its words", () => {
    const different = differences(asked.dumps, python_says.dumps, (one) =>
      attempt(() => json_encode(one, "utf-8").toString("base64")),
    );
    expect(different).toEqual([]);
  });

  test("takes plain objects and both kinds of arrays", () => {
    const one = { action: "search", value: ["é", Object.freeze([1, 2.5])], none: null };
    expect(json_encode(one, "utf-8").toString()).toBe(
      '{"action": "search", "value": ["é", [1, 2.5]], "none": null}',
    );
    expect(json_encode({}, "utf-8").toString()).toBe("{}");
  });

  test("writes other encodings", () => {
    expect(json_encode(["é"], "utf-16").toString("base64")).toBe(python_says.utf16);
    expect(json_encode(["é"], "latin-1")).toEqual(Buffer.from('["é"]', "latin1"));
    expect(() => json_encode(["é"], "ascii")).toThrow(UnicodeEncodeError);
    expect(() => json_encode([], "binary")).toThrow(new LookupError("unknown encoding: binary"));
  });

  test("refuses what JSON cannot say", () => {
    for (const one of [undefined, () => 1, new Set(), Symbol("x"), new Date()]) {
      expect(() => json_encode({ one }, "utf-8")).toThrow(/^Object of type \w+ is not JSON seri/);
      expect(() => json_encode(one, "utf-8")).toThrow(TypeError);
    }
    expect(() => json_encode(new Map([[["key"], 1]]), "utf-8")).toThrow(
      new TypeError("keys must be str, int, float, bool or None, not list"),
    );
  });

  test("refuses what contains itself, not what is there twice", () => {
    const list: unknown[] = [];
    list.push({ list });
    expect(() => json_encode(list, "utf-8")).toThrow(new ValueError("Circular reference detected"));
    const shared = [1];
    expect(json_encode([shared, shared], "utf-8").toString()).toBe("[[1], [1]]");
  });
});

describe("json_decode", () => {
  test("reads what Python reads, or says what is wrong in its words", () => {
    const different = differences(asked.loads, python_says.loads, (document) =>
      attempt(() => ascii(json_decode(Buffer.from(document), "utf-8"))),
    );
    // Python 3.13 tells of a comma that is one too many, Python 3.11 of what is missing behind it.
    const other = different.filter((one) => !JSON.stringify(one).includes("Illegal trailing"));
    expect(other).toEqual([]);
  });

  test("tells of a comma that is one too many", () => {
    expect(() => json_decode(Buffer.from("[1,]"), "utf-8")).toThrow(
      new JSONDecodeError("Illegal trailing comma before end of array", "[1,]", 2),
    );
    expect(() => json_decode(Buffer.from('{"a": 1 , }'), "utf-8")).toThrow(
      "Illegal trailing comma before end of object: line 1 column 9 (char 8)",
    );
  });

  test("tells the place in an error's attributes", () => {
    const [, error] = attempt(() => json_decode(Buffer.from('["😀",\n "é" x]'), "utf-8"));
    expect(error).toEqual([
      "JSONDecodeError",
      "Expecting ',' delimiter: line 2 column 6 (char 11)",
    ]);
    try {
      json_decode(Buffer.from("\n x"), "utf-8");
    } catch (caught) {
      expect(caught).toBeInstanceOf(ValueError);
      expect(caught).toMatchObject({ msg: "Expecting value", pos: 2, lineno: 2, colno: 2 });
      expect(repr(caught)).toBe("JSONDecodeError('Expecting value: line 2 column 2 (char 2)')");
    }
    expect.assertions(4);
  });

  test("loses no digit of an integer", () => {
    const digits = "1234567890".repeat(400);
    expect(json_decode(Buffer.from(`[${digits}, 1]`), "ascii")).toEqual([BigInt(digits), 1]);
    expect(() => json_decode(Buffer.from("1".repeat(4301)), "ascii")).toThrow(ValueError);
  });

  test("takes any key, in the order they came, the last of each", () => {
    const one = json_decode(Buffer.from('{"__proto__": 1, "b": 2, "7": 3, "b": 4}'), "utf-8");
    expect(one).toEqual(
      new Map([
        ["__proto__", 1],
        ["b", 4],
        ["7", 3],
      ]),
    );
  });

  test("reads as deep as it gets", () => {
    const deep = "[".repeat(200_000);
    expect(() => json_decode(Buffer.from(deep), "utf-8")).toThrow(JSONDecodeError);
    expect(json_decode(Buffer.from(`${deep}NaN${"]".repeat(200_000)}`), "utf-8")).toBeTypeOf(
      "object",
    );
  });

  test("refuses bytes that are no text, and encodings that do not exist", () => {
    expect(() => json_decode(Buffer.of(0x22, 0xff, 0x22), "utf-8")).toThrow(UnicodeDecodeError);
    expect(() => json_decode(Buffer.from("{}"), "binary")).toThrow(
      new LookupError("unknown encoding: binary"),
    );
    expect(() => json_decode("{}" as never, "utf-8")).toThrow(TypeError);
    expect(() => json_decode(Buffer.from("1"), undefined as never)).toThrow(TypeError);
  });

  test("reads its own writing", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom("utf-8", "utf-16"),
        (one, encoding) => {
          const again = json_decode(json_encode(one, encoding), encoding);
          expect(json_encode(again, encoding)).toEqual(json_encode(one, encoding));
        },
      ),
    );
  });
});

describe("pack_length and unpack_length", () => {
  test("are struct.pack and unpack of >H", () => {
    expect(pack_length(0x1234)).toEqual(Buffer.of(0x12, 0x34));
    for (const n of [0, 1, 255, 256, 65_535]) expect(unpack_length(pack_length(n))).toBe(n);
  });

  test("refuse what is not a number of two bytes", () => {
    for (const n of [-1, 65_536, 1e300]) {
      expect(() => pack_length(n)).toThrow(
        new StructError("'H' format requires 0 <= number <= 65535"),
      );
    }
    for (const n of [1.5, Number.NaN, "1" as never]) {
      expect(() => pack_length(n)).toThrow(new StructError("required argument is not an integer"));
    }
    for (const length of [0, 1, 3]) {
      expect(() => unpack_length(Buffer.alloc(length))).toThrow(
        new StructError("unpack requires a buffer of 2 bytes"),
      );
    }
    expect(new StructError("x").name).toBe("struct.error");
    expect(repr(new StructError("x"))).toBe("error('x')");
  });
});

/** A message with any header, right or wrong. */
function message(header: string | Buffer, content = ""): Buffer {
  const encoded = Buffer.from(header);
  return Buffer.concat([pack_length(encoded.length), encoded, Buffer.from(content)]);
}

const good_header = {
  byteorder: "little",
  "content-type": "text/json",
  "content-encoding": "utf-8",
  "content-length": 4,
};

function with_header(changes: Record<string, unknown>, content = "four"): Buffer {
  return message(JSON.stringify({ ...good_header, ...changes }), content);
}

function thrown(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

/** Everything that comes of pushing pieces: the messages, and the error at the end. */
function received(decoder: Decoder, pieces: Iterable<Uint8Array>): readonly [Message[], Outcome] {
  const messages: Message[] = [];
  const outcome = attempt(() => {
    for (const piece of pieces) messages.push(...decoder.push(piece));
    decoder.end();
  });
  return [messages, outcome];
}

function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const at = places.map((place) => place % (whole.length + 1)).toSorted((a, b) => a - b);
  return [0, ...at].map((start, index) => whole.subarray(start, at[index]));
}

describe("encode", () => {
  test("makes the message that the tutorial's Python makes", () => {
    const made = encode({
      content: Buffer.from(python_says.request, "base64"),
      content_type: "text/json",
      content_encoding: "utf-8",
    });
    expect(made.toString("base64")).toBe(python_says.message);
  });

  test("takes any view of memory, and its part of it only", () => {
    const memory = Uint8Array.of(1, 2, 3, 4);
    const made = encode({
      content: new DataView(memory.buffer, 1, 2),
      content_type: "binary/custom-client-binary-type",
      content_encoding: "binary",
    });
    expect(made.subarray(-2)).toEqual(Buffer.of(2, 3));
  });

  test("refuses a header that its length has no room for", () => {
    expect(() =>
      encode({ content: Buffer.alloc(0), content_type: "x".repeat(65_536), content_encoding: "" }),
    ).toThrow(StructError);
  });
});

describe("Decoder", () => {
  test("reads the message that the tutorial's Python makes", () => {
    const [one, ...more] = new Decoder().push(Buffer.from(python_says.message, "base64"));
    expect(more).toEqual([]);
    expect(one.header["content-type"]).toBe("text/json");
    expect(json_decode(one.content, one.header["content-encoding"])).toEqual(
      new Map([
        ["action", "search"],
        ["value", "ring 💍"],
      ]),
    );
  });

  test("reads the same, however the bytes were cut", () => {
    const outgoing = fc.record({
      content: fc.uint8Array({ maxLength: 300 }),
      content_type: fc.string({ unit: "grapheme" }),
      content_encoding: fc.constantFrom("utf-8", "binary"),
    });
    // At the end: nothing, half a message, or something that is no message.
    const tail = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.of(0),
      with_header({}, "fou"),
      message("{}"),
      with_header({ "content-length": -1 }),
      Buffer.of(0, 2, 0xff, 0xff, 0, 0, 0),
    );
    fc.assert(
      fc.property(fc.array(outgoing), tail, fc.array(fc.nat()), (sent, rest, places) => {
        const whole = Buffer.concat([...sent.map(encode), rest]);
        const expected = received(new Decoder(), [whole]);
        expect(expected[0].map(({ content }) => content)).toEqual(
          sent.map(({ content }) => Buffer.from(content)),
        );
        expect(received(new Decoder(), cut(whole, places))).toEqual(expected);
        expect(
          received(
            new Decoder(),
            [...whole].map((byte) => Buffer.of(byte)),
          ),
        ).toEqual(expected);
      }),
    );
  });

  test("does not keep the caller's memory", () => {
    const decoder = new Decoder();
    const memory = with_header({});
    const [one] = decoder.push(memory);
    memory.fill(0);
    expect(String(one.content)).toBe("four");
  });

  test("takes a large message byte by byte", () => {
    const content = Buffer.alloc(2 ** 20, "0123456789");
    const whole = encode({ content, content_type: "", content_encoding: "binary" });
    const decoder = new Decoder();
    const messages: Message[] = [];
    for (let at = 0; at < whole.length; at++) {
      messages.push(...decoder.push(whole.subarray(at, at + 1)));
    }
    expect(messages.length).toBe(1);
    expect(messages[0].content.equals(content)).toBe(true);
  });

  test("does not reserve what is only announced", () => {
    const decoder = new Decoder({ max_content: Infinity });
    expect(decoder.push(with_header({ "content-length": 2 ** 52 }))).toEqual([]);
    expect(() => decoder.end()).toThrow(
      new ValueError("message ends too early: 4 of 4503599627370496 bytes of its content"),
    );
  });

  test("hands out a message without content at once", () => {
    const [one] = new Decoder().push(with_header({ "content-length": 0 }, ""));
    expect(one.content).toEqual(Buffer.alloc(0));
  });

  test("keeps further headers, and inherits none", () => {
    const [one] = new Decoder().push(
      message(
        `{"__proto__": {"inherited": 1}, "x": [1],${JSON.stringify(good_header).slice(1)}`,
        "four",
      ),
    );
    expect(one.header.x).toEqual([1]);
    expect("toString" in one.header).toBe(false);
    expect(one.header.inherited).toBeUndefined();
    expect(repr(one.header)).toContain("'__proto__': {'inherited': 1}");
  });

  test("wants each of the four headers, in the tutorial's words", () => {
    for (const name of ["byteorder", "content-length", "content-type", "content-encoding"]) {
      expect(() => new Decoder().push(with_header({ [name]: undefined }))).toThrow(
        new ValueError(`Missing required header '${name}'.`),
      );
    }
    // Not even one that every JavaScript object would seem to have.
    expect(() => new Decoder().push(message("{}"))).toThrow(ValueError);
  });

  test("refuses wrong values of headers", () => {
    for (const length of [-1, 1.5, "4", null, true, [4], {}]) {
      expect(() => new Decoder().push(with_header({ "content-length": length }))).toThrow(
        ValueError,
      );
    }
    for (const name of ["byteorder", "content-type", "content-encoding"]) {
      expect(() => new Decoder().push(with_header({ [name]: 5 }))).toThrow(
        new ValueError(`header '${name}' is not a string: 5`),
      );
    }
  });

  test("refuses a header that is no JSON object", () => {
    for (const header of ["", "[]", "null", '"byteorder"', "5", "{", "[".repeat(65_535)]) {
      expect(() => new Decoder().push(message(header))).toThrow(ValueError);
    }
    expect(() => new Decoder().push(message(""))).toThrow(JSONDecodeError);
    expect(() => new Decoder().push(message(Buffer.of(0xff)))).toThrow(UnicodeDecodeError);
  });

  test("refuses what is over its limits, and takes what is just within", () => {
    const small = JSON.stringify(good_header).length;
    const whole = with_header({});
    expect(new Decoder({ max_header: small, max_content: 4 }).push(whole).length).toBe(1);
    expect(() => new Decoder({ max_header: small - 1 }).push(whole)).toThrow(
      new ValueError(`message header too long: ${small} bytes, the limit is ${small - 1}`),
    );
    expect(() => new Decoder({ max_content: 3 }).push(whole)).toThrow(
      new ValueError("message content too long: 4 bytes, the limit is 3"),
    );
    const over = message(JSON.stringify({ ...good_header, "content-length": 2 ** 20 + 1 }));
    expect(() => new Decoder().push(over)).toThrow(ValueError);
    const huge = message(JSON.stringify(good_header).replace(":4}", `:${"9".repeat(400)}}`));
    expect(() => new Decoder().push(huge)).toThrow(ValueError);
    for (const limit of [-1, Number.NaN]) {
      expect(() => new Decoder({ max_content: limit })).toThrow(ValueError);
      expect(() => new Decoder({ max_header: limit })).toThrow(ValueError);
    }
  });

  test("throws the same error ever after", () => {
    const decoder = new Decoder();
    const first = thrown(() => decoder.push(message("{}")));
    expect(first).toBeInstanceOf(ValueError);
    expect(thrown(() => decoder.push(with_header({})))).toBe(first);
    expect(thrown(() => decoder.end())).toBe(first);
  });

  test("hands out what was whole before the error", () => {
    const decoder = new Decoder();
    const messages = decoder.push(Buffer.concat([with_header({}), message("{}")]));
    expect(messages.map(({ content }) => String(content))).toEqual(["four"]);
    expect(() => decoder.push(Buffer.alloc(0))).toThrow(ValueError);
  });

  test("outlives a wrong argument", () => {
    const decoder = new Decoder();
    expect(() => decoder.push("text" as never)).toThrow(TypeError);
    expect(decoder.push(with_header({})).length).toBe(1);
  });

  test("tells at the end whether something is missing", () => {
    const whole = with_header({});
    const decoder = new Decoder();
    decoder.end();
    decoder.push(whole.subarray(0, 1));
    expect(() => decoder.end()).toThrow(
      new ValueError("message ends too early: 1 of 2 bytes of its length"),
    );
    decoder.push(whole.subarray(1, -1));
    expect(() => decoder.end()).toThrow(
      new ValueError("message ends too early: 3 of 4 bytes of its content"),
    );
    decoder.push(whole.subarray(-1));
    decoder.end();
  });
});
