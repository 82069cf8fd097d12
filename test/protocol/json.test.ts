/** JSON: which bytes are written, and what is read from them, as Python does both. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  LookupError,
  repr,
  UnicodeDecodeError,
  UnicodeEncodeError,
  ValueError,
} from "iomux/builtins";
import { json_decode, json_encode, JSONDecodeError } from "iomux/protocol";

import { attempt, differences, for_python, ask_python } from "../support/python.ts";
import type { Outcome } from "../support/python.ts";

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

const python_says = ask_python(
  `
def as_javascript(value):
    """JavaScript has one zero-fraction number: an integer."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return value if str(value) == "-0.0" else int(value)
    if isinstance(value, list): return [as_javascript(item) for item in value]
    if isinstance(value, dict):
        return {key: as_javascript(item) for key, item in value.items()}
    return value

answers = {
    "dumps": [
        attempt(lambda: text_of(json.dumps(value_of(value), ensure_ascii=False).encode("utf-8")))
        for value in questions["dumps"]
    ],
    "utf16": text_of(json.dumps(["é"], ensure_ascii=False).encode("utf-16")),
    "loads": [
        attempt(lambda: ascii(as_javascript(json.loads(text)))) for text in questions["loads"]
    ],
}
`,
  { ...asked, dumps: asked.dumps.map(for_python) },
) as () => Record<"dumps" | "loads", Outcome[]> & Record<"utf16", string>;

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
    const different = differences(asked.dumps, python_says().dumps, (one) =>
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
    expect(json_encode(["é"], "utf-16").toString("base64")).toBe(python_says().utf16);
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
    const different = differences(asked.loads, python_says().loads, (document) =>
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
