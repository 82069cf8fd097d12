import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text as text_of } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { b, bytes, LookupError, str, UnicodeDecodeError, ValueError } from "iomux/builtins";

import { compiled } from "./support/commands.ts";
import { attempt, differences, ask_python } from "./support/python.ts";
import type { Outcome } from "./support/python.ts";
import { not_on } from "./support/runtime.ts";

const encodings = [
  ..."utf-8 UTF8 utf_8 U8 utf-16 utf-16-le UTF-16BE utf_16_be latin-1 iso-8859-1 latin1".split(" "),
  ..."ascii us-ascii utf--8 utf16le ut-f8 binary constructor".split(" "),
  " utf 8 ",
  "",
];

const text = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 4 }) },
      { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
      { weight: 2, arbitrary: fc.constantFrom("é", "ÿ", "Ā", "\ufeff", "€", "😀") },
      fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));

/** Bytes with much that is nearly UTF-8 or UTF-16. */
const some_data = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  text.map((one) => Buffer.from(one, "utf8")),
  text.map((one) => Buffer.from(one, "utf16le")),
  fc
    .array(
      fc.constantFrom(
        0x00,
        0x61,
        0x7f,
        0x80,
        0x8f,
        0x90,
        0x9f,
        0xa0,
        0xbf,
        0xc0,
        0xc1,
        0xc2,
        0xd8,
        0xdb,
        0xdc,
        0xdf,
        0xe0,
        0xe1,
        0xed,
        0xee,
        0xef,
        0xf0,
        0xf1,
        0xf4,
        0xf5,
        0xfe,
        0xff,
      ),
      { maxLength: 8 },
    )
    .map((all) => Uint8Array.from(all)),
);

// For no bytes at all, CPython does not even look whether there is such an encoding.
const data = some_data.filter((one) => one.length > 0);

/** The inside of a bytes literal that both languages can hold. */
const literal = fc
  .array(
    fc.oneof(
      fc.constantFrom("\\n", "\\r", "\\t", "\\\\", "\\'", '\\"', "\\0", "\\08", "\\12", "\\1234"),
      fc.constantFrom("\\377", "\\400", "\\777", "\\8", "\\xff", "\\x00", "\\x4", "\\x", "\\xg0"),
      fc.constantFrom("\\a", "\\b", "\\f", "\\v", "\\q", "\\u1234", "\\N{DASH}", "\\\n", "\n", "é"),
      fc
        .string({ unit: "binary-ascii", maxLength: 3 })
        .map((plain) => plain.replaceAll(/[\\'"`$\r\0]/g, "")),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(""));

const asked = {
  encode: fc.sample(fc.tuple(text, fc.constantFrom(...encodings)), { numRuns: 4000, seed: 1 }),
  decode: fc
    .sample(fc.tuple(data, fc.constantFrom(...encodings)), { numRuns: 6000, seed: 2 })
    .map(([one, encoding]) => [Buffer.from(one).toString("base64"), encoding] as const),
  literals: fc.sample(literal, { numRuns: 3000, seed: 3 }),
};

const python_says = ask_python(
  `
def literal_bytes(body):
    return text_of(eval("b'''" + body + "'''"))

answers = {
    "encode": [
        attempt(lambda: text_of(text.encode(encoding))) for text, encoding in questions["encode"]
    ],
    "decode": [
        attempt(lambda: bytes_of(data).decode(encoding)) for data, encoding in questions["decode"]
    ],
    "literals": [attempt(literal_bytes, body) for body in questions["literals"]],
}
`,
  asked,
) as () => Record<keyof typeof asked, Outcome[]>;

describe("bytes", () => {
  test("encodes as Python does, or says why not in its words", () => {
    const different = differences(asked.encode, python_says().encode, ([one, encoding]) =>
      attempt(() => bytes(one, encoding).toString("base64")),
    );
    expect(different).toEqual([]);
  });

  test("wants a string and an encoding", () => {
    expect(() => bytes(5 as never, "utf-8")).toThrow(TypeError);
    expect(() => bytes("x", undefined as never)).toThrow(TypeError);
  });
});

describe("str with an encoding", () => {
  test("decodes as Python does, or says why not in its words", () => {
    const different = differences(asked.decode, python_says().decode, ([one, encoding]) =>
      attempt(() => str(Buffer.from(one, "base64"), encoding)),
    );
    expect(different).toEqual([]);
  });

  test("takes any view of memory, and its part of it only", () => {
    const memory = Buffer.from("abcdef");
    expect(str(memory.subarray(1, 3), "utf-8")).toBe("bc");
    expect(str(new DataView(memory.buffer, memory.byteOffset + 2, 2), "utf-8")).toBe("cd");
    expect(() => str("text" as never, "utf-8")).toThrow(TypeError);
  });

  test("is no trap for map", () => {
    expect([1, "a", Buffer.from("b")].map(str)).toEqual(["1", "a", "b'b'"]);
  });

  test("throws errors of Python's classes", () => {
    expect(() => str(Buffer.of(0xff), "utf-8")).toThrow(UnicodeDecodeError);
    expect(() => str(Buffer.of(0xff), "utf-8")).toThrow(ValueError);
    expect(() => str(Buffer.of(0xff), "klingon")).toThrow(LookupError);
  });
});

describe("b`...`", () => {
  test("is what Python's literal of the same text is", () => {
    // A SyntaxError's text also tells the place in the file: its class is enough.
    const theirs = python_says().literals.map(([result, error]) => [result, error?.[0]]);
    const different = differences(asked.literals, theirs, (body) => {
      // As the tag is called for a template of this text.
      const template = Object.assign([body], { raw: [body] });
      const [ours, error] = attempt(() => b(template).toString("base64"));
      return [ours, error?.[0]];
    });
    expect(different).toEqual([]);
  });

  test("reads as in the tutorial", () => {
    expect(b`Message 1 from client.`).toEqual(Buffer.from("Message 1 from client."));
    expect(b``).toEqual(Buffer.alloc(0));
    expect(b`\x00\xff\r\n\\`).toEqual(Buffer.of(0, 255, 13, 10, 92));
  });

  test("takes JavaScript's own two escapes", () => {
    expect(b`\${x} \``).toEqual(Buffer.from("${x} `"));
  });

  test("takes in the bytes of its substitutions, and nothing else", () => {
    const name = Buffer.from("\\n\xff", "latin1");
    expect(b`<${name}>\n${Uint8Array.of(1)}`).toEqual(Buffer.from("<\\n\xff>\n\x01", "latin1"));
    expect(() => b`${"text" as never}`).toThrow(new TypeError("can't concat str to bytes"));
    expect(() => b`${1 as never}`).toThrow(TypeError);
  });

  test("refuses what is not ASCII, as Python does", () => {
    const message = "bytes can only contain ASCII literal characters";
    expect(() => b`é`).toThrow(new SyntaxError(message));
    expect(() => b`😀`).toThrow(new SyntaxError(message));
  });

  test("is new memory each time", () => {
    for (let turn = 0; turn < 2; turn++) {
      const made = b`abc`;
      expect(made).toEqual(Buffer.from("abc"));
      made.fill(0);
    }
  });
});

type Printer = ChildProcess & { stdin: Writable; stderr: Readable };

function printer(program: string, stdout: "pipe" | number): Printer {
  const [runtime, ...path] = compiled("test/support/programs/printer.ts");
  return spawn(runtime, [...path, program], { stdio: ["pipe", stdout, "pipe"] }) as Printer;
}

describe("print", () => {
  test("writes what Python writes, to a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "iomux-"));
    try {
      const path = join(folder, "out");
      const fd = openSync(path, "w");
      const child = printer("values", fd);
      closeSync(fd);
      const complaints = await text_of(child.stderr);
      expect(complaints).toBe("");
      expect(readFileSync(path, "utf8")).toBe(
        "Listening on ('127.0.0.1', 54321)\n" +
          "\n" +
          " None True 1 1.5 b'a\\n' ['é😀'] text\n" +
          "Echoing b'é' 😀\n",
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("throws BrokenPipeError when the reader is gone", async () => {
    const child = printer("broken_pipe", "pipe");
    const told = text_of(child.stderr);
    child.stdout?.destroy();
    await once(child.stdout as Readable, "close");
    child.stdin.end("\n");
    expect(await told).toBe("BrokenPipeError: [Errno 32] Broken pipe");
  });

  test("waits for a slow reader of a non-blocking pipe, and loses nothing", async () => {
    not_on("Deno", "a pipe on standard output stays blocking");
    const child = printer("full_pipe", "pipe");
    const [told] = (await once(child.stderr, "data")) as [Buffer];
    expect(String(told)).toBe("non-blocking");
    let received = "";
    for await (const chunk of child.stdout as Readable) {
      received += String(chunk);
      // Leaves the pipe full for a while, again and again.
      for (let turn = 0; turn < 20; turn++) await setImmediate();
    }
    const lines = Array.from({ length: 300 }, (_, line) => `${line} ${"x".repeat(10_000)}\n`);
    expect(received === lines.join("")).toBe(true);
  });

  test("does not replace half of a surrogate pair by another character", async () => {
    const child = printer("surrogate", "pipe");
    const [told, written] = await Promise.all([
      text_of(child.stderr),
      text_of(child.stdout as Readable),
    ]);
    expect(told).toBe(
      "UnicodeEncodeError: 'utf-8' codec can't encode character '\\udc80' in position 2: " +
        "surrogates not allowed",
    );
    expect(written).toBe("");
  });
});
