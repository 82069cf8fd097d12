/**
 * Answers searches and binary requests, any number of them over each connection.
 *
 * Usage: npx tsx scripts/hardened/app-server.ts [options] <host> <port>
 */
import { b, str, ValueError } from "iomux/builtins";
import { Decoder, encode, json_decode, json_encode } from "iomux/protocol";
import type { Message } from "iomux/protocol";
import type * as socket from "iomux/socket";

import { request_search } from "../libserver.ts";
import { Connection } from "./connection.ts";
import type { Loop } from "./connection.ts";
import { now } from "./deadlines.ts";
import { parse } from "./options.ts";
import { serve } from "./serve.ts";

/** Python has decoders that are slow or unpack: a peer must not choose among all of them. */
const ENCODINGS = new Set(["utf-8", "utf-16", "latin-1", "ascii"]);

function json_message(result: string) {
  const content = json_encode({ result }, "utf-8");
  return encode({ content, content_type: "text/json", content_encoding: "utf-8" });
}

/** What a request cannot have. The connection goes on: where the next request begins is known. */
class BadRequest extends ValueError {}

/** The answer of tutorial's server to a search. It looks up `null` in a dict of texts, and `[]` ends it. */
function search(request: unknown) {
  if (!(request instanceof Map)) throw new BadRequest("a request is an object");
  const action: unknown = request.get("action") ?? null;
  if (action !== "search") throw new BadRequest(`invalid action '${str(action)}'.`);
  const query: unknown = request.get("value") ?? null;
  if (typeof query !== "string") throw new BadRequest("the value of a search is a text");
  return request_search.get(query) ?? `No match for '${query}'.`;
}

function answer({ header, content }: Message) {
  if (header["content-type"] !== "text/json") {
    return encode({
      content: b`First 10 bytes of request: ${content.subarray(0, 10)}`,
      content_type: "binary/custom-server-binary-type",
      content_encoding: "binary",
    });
  }
  // The tutorial never answers what is false in Python: {}, [], null, 0, no bytes. Here, everything
  // that arrives has an answer, and an exception is one.
  try {
    const encoding = header["content-encoding"].toLowerCase();
    if (!ENCODINGS.has(encoding)) throw new BadRequest(`unknown encoding '${encoding}'`);
    return json_message(search(json_decode(content, encoding)));
  } catch (error) {
    // Nested too deeply for the stack: RecursionError, a RuntimeError, in Python.
    if (!(error instanceof ValueError || error instanceof RangeError)) throw error;
    return json_message(`Error: ${error.message}`);
  }
}

class Application extends Connection {
  readonly #decoder: Decoder;
  #requests = 0;

  constructor(loop: Loop, sock: socket.socket, addr: socket.SocketAddress) {
    super(loop, sock, addr);
    const { "max-header": max_header, "max-content": max_content } = loop.options;
    this.#decoder = new Decoder({ max_header, max_content });
  }

  override on_data(data: Buffer) {
    try {
      const messages = this.#decoder.push(data);
      for (const message of messages) {
        this.send(answer(message));
        this.served();
        this.#requests++;
        if (this.#requests >= this.loop.options["max-requests"]) {
          this.finish();
          return;
        }
      }
      // What is wrong with the bytes behind complete messages, the next call says.
      if (messages.length > 0) this.#decoder.push(b``);
      this.#expect(messages.length > 0);
    } catch (error) {
      // Where the next request begins is not known any more.
      if (!(error instanceof ValueError)) throw error;
      this.refuse(error.message);
    }
  }

  override on_end() {
    try {
      this.#decoder.end();
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.refuse(error.message);
    }
  }

  override get at_rest() {
    return this.#requests > 0 && !this.#decoder.partial;
  }

  override farewell(why: string) {
    return json_message(`Error: ${why}`);
  }

  /** A request must arrive within its time, counted from its first byte: a byte now and then is not enough. */
  #expect(is_next: boolean) {
    if (!this.#decoder.partial) this.due = Infinity;
    else if (is_next || this.due === Infinity) {
      this.due = now() + this.loop.options["request-timeout"];
    }
  }
}

serve(
  parse([
    ...(["max-connections", "max-buffer", "max-header", "max-content", "max-requests"] as const),
    ...(["idle-timeout", "request-timeout", "drain-timeout", "workers"] as const),
  ]),
  (loop, sock, addr) => new Application(loop, sock, addr),
);
