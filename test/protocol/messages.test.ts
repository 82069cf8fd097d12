/** The application protocol: which bytes a message is, and which messages come of bytes. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { repr, UnicodeDecodeError, ValueError } from "iomux/builtins";
import {
  Decoder,
  encode,
  json_decode,
  JSONDecodeError,
  pack_length,
  StructError,
  unpack_length,
} from "iomux/protocol";
import type { Message } from "iomux/protocol";

import { attempt, ask_python } from "../support/python.ts";
import type { Outcome } from "../support/python.ts";

const python_says = ask_python(
  `
import struct

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
    "message": text_of(message(request, "text/json", "utf-8")),
    "request": text_of(request),
}
`,
  null,
) as () => Record<"message" | "request", string>;

describe("pack_length and unpack_length", () => {
  test("are struct.pack and unpack of >H", () => {
    expect(pack_length(0x1234)).toEqual(Buffer.of(0x12, 0x34));
    for (const n of [0, 1, 255, 256, 65_535]) expect(unpack_length(pack_length(n))).toBe(n);
  });

  test("refuse what is not a number of two bytes", () => {
    for (const n of [-1, 65_536, 2 ** 40]) {
      expect(() => pack_length(n)).toThrow(
        new StructError("'H' format requires 0 <= number <= 65535"),
      );
    }
    for (const n of [1.5, 1e300, Number.NaN, "1" as never]) {
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
      content: Buffer.from(python_says().request, "base64"),
      content_type: "text/json",
      content_encoding: "utf-8",
    });
    expect(made.toString("base64")).toBe(python_says().message);
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
    const [one, ...more] = new Decoder().push(Buffer.from(python_says().message, "base64"));
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

  test("tells whether it is in the middle of a message", () => {
    const bytes = encode({ content: Buffer.from("x"), content_type: "a", content_encoding: "b" });
    const decoder = new Decoder();
    const answers: boolean[] = [];
    for (const byte of Buffer.concat([bytes, bytes])) {
      answers.push(decoder.partial);
      decoder.push(Buffer.of(byte));
    }
    answers.push(decoder.partial);
    const whole = [false, ...Array<boolean>(bytes.length - 1).fill(true)];
    expect(answers).toEqual([...whole, ...whole, false]);
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
