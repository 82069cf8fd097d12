/** What may arrive at app-server, right or wrong. */
import { json_encode, pack_length } from "iomux/protocol";

/** A message of any header and content, right or wrong. */
function frame(header: unknown, content: Buffer | string = ""): Buffer {
  const bytes = Buffer.isBuffer(header) ? header : json_encode(header, "utf-8");
  return Buffer.concat([pack_length(bytes.length), bytes, Buffer.from(content)]);
}

const json_header = {
  byteorder: "little",
  "content-type": "text/json",
  "content-encoding": "utf-8",
  "content-length": 0,
};

function without(name: string): object {
  return Object.fromEntries(Object.entries(json_header).filter(([key]) => key !== name));
}

/** A JSON request, whose header can be made wrong. */
export function request(content: string | Buffer, changes: object = {}): Buffer {
  const length = Buffer.byteLength(content);
  return frame({ ...json_header, "content-length": length, ...changes }, content);
}

export const search = '{"action": "search", "value": "ring"}';

/** What a client sends before it ends its side, or, where it says so, resets the connection. */
export const frames: Record<string, Buffer | readonly [Buffer, "reset"]> = {
  nothing: Buffer.alloc(0),
  "nothing, and a reset": [Buffer.alloc(0), "reset"],
  "half a length": Buffer.from([0]),
  "a length and nothing else": Buffer.from([0, 100]),
  "a length and nothing else, and a reset": [Buffer.from([0, 100]), "reset"],
  "half a header": request(search).subarray(0, 50),
  "half of the content": request(search).subarray(0, -10),
  "half of the content, and a reset": [request(search).subarray(0, -10), "reset"],
  "the largest length": Buffer.from([0xff, 0xff, 0x7b]),
  "a header of no bytes": Buffer.from([0, 0, 1, 2, 3]),
  "a header that is no JSON": frame(Buffer.from("{nonsense}")),
  "a header in latin-1": frame(Buffer.from('{"ä": 1}', "latin1")),
  "a header in UTF-16": frame(Buffer.from('{"a": 1}', "utf16le")),
  "a header with something behind it": frame(Buffer.from('{"a": 1} x')),
  "a header that is cut off": frame(Buffer.from('{"a": ')),
  "an empty header": frame({}),
  "no byteorder": frame(without("byteorder")),
  "no content-length": frame(without("content-length")),
  "no content-type": frame(without("content-type")),
  "no content-encoding": frame(without("content-encoding")),
  "a length that is a text": request(search, { "content-length": "37" }),
  "a length that is null": request(search, { "content-length": null }),
  "a length that is a fraction": request(search, { "content-length": 1.5 }),
  "a negative length": request(search, { "content-length": -1 }),
  "a length that is far too large": request(search, { "content-length": 2 ** 52 }),
  "content that is no JSON": request("nonsense"),
  "content that is no UTF-8": request(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
  "content of no bytes": request(""),
  "an encoding that nobody knows": request(search, { "content-encoding": "nonsense" }),
  "an encoding that is a number": request(search, { "content-encoding": 7 }),
  "content in latin-1, which the header says": request(Buffer.from('{"action": "ä"}', "latin1"), {
    "content-encoding": "latin-1",
  }),
  "an action that nobody knows": request('{"action": "other", "value": "x"}'),
  "no action": request('{"value": "x"}'),
  "an action that is a list": request('{"action": ["search", 1.5, null], "value": "x"}'),
  "no value": request('{"action": "search"}'),
  "a value that is a number": request('{"action": "search", "value": 12}'),
  "a value that is true": request('{"action": "search", "value": true}'),
  "a key that comes twice": request('{"action": "x", "action": "search", "value": "ring"}'),
  "NaN and infinities": request('{"action": "search", "value": NaN, "x": [Infinity, -Infinity]}'),
  "a lone surrogate": request(String.raw`{"action": "search", "value": "\ud83d"}`),
  "another type": request("0123456789abc", { "content-type": "binary/any" }),
  "a type that is a list": request("0123456789abc", { "content-type": ["a"] }),
  "a request with another behind it": Buffer.concat([request(search), request(search)]),
};
