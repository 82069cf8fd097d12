/**
 * Sends requests to the application server over one connection, and prints the responses.
 *
 * Usage: npx tsx scripts/hardened/app-client.ts [options] <host> <port> <action> <value> [<action> <value>]...
 */
import { parseArgs } from "node:util";

import { OSError, print, repr, str, ValueError } from "iomux/builtins";
import { Decoder, encode, json_decode, json_encode } from "iomux/protocol";
import type { Message } from "iomux/protocol";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

import { now } from "./deadlines.ts";

const USAGE = `Usage: ${sys.argv[0]} [options] <host> <port> <action> <value> [<action> <value>]...`;
const HELP = `${USAGE}

  --timeout N      seconds for everything together (10)
  --max-header N   bytes of a response's header (4096)
  --max-content N  bytes of a response's content (1048576)`;

/** Why there is no response. */
class Failure extends Error {}

function create_request(action: string, value: string) {
  if (action === "search") {
    const content = json_encode({ action, value }, "utf-8");
    return encode({ content, content_type: "text/json", content_encoding: "utf-8" });
  }
  const content_type = "binary/custom-client-binary-type";
  return encode({ content: Buffer.from(action + value), content_type, content_encoding: "binary" });
}

function print_response({ header, content }: Message) {
  if (header["content-type"] !== "text/json") {
    print(`Got response: ${repr(content)}`);
    return;
  }
  // A server may send anything: the tutorial's client ends by a TypeError.
  const response = json_decode(content, "utf-8");
  if (!(response instanceof Map)) throw new Failure("the response is not an object");
  print(`Got result: ${str(response.get("result") ?? null)}`);
}

/** Connects to the first of the host's addresses that answers: the tutorial knows IPv4 only, and one. */
function connect(host: string, port: string, deadline: number) {
  let failure: unknown;
  for (const [family, type, proto, , addr] of socket.getaddrinfo(
    host,
    port,
    0,
    socket.SOCK_STREAM,
  )) {
    const sock = new socket.socket(family, type, proto);
    try {
      sock.settimeout(Math.max(deadline - now(), 0.001));
      // The tutorial connects without waiting, and finds out by its first send that it failed.
      sock.connect(addr);
      sock.setblocking(false);
      return sock;
    } catch (error) {
      sock.close();
      failure = error;
    }
  }
  throw failure;
}

/** Sends requests, and prints the response to each, in order. */
function exchange(
  sock: socket.socket,
  requests: readonly Buffer[],
  decoder: Decoder,
  deadline: number,
) {
  using sel = new selectors.DefaultSelector();
  let mask = selectors.EVENT_READ | selectors.EVENT_WRITE;
  sel.register(sock, mask);
  let out = Buffer.concat(requests);
  let missing = requests.length;
  while (missing > 0) {
    // The tutorial's client waits for ever.
    const left = deadline - now();
    const events = left > 0 ? sel.select(left) : [];
    if (events.length === 0 && left <= 0)
      throw new Failure(`${missing} responses did not come in time`);
    for (const [, ready] of events) {
      // Reading while there is still something to write: two that only write wait for each other.
      if (ready & selectors.EVENT_WRITE) out = out.subarray(sock.send(out));
      if (out.length === 0 && mask !== selectors.EVENT_READ) {
        mask = selectors.EVENT_READ;
        sel.modify(sock, mask);
      }
      if (ready & selectors.EVENT_READ) missing -= receive(sock, decoder, missing);
    }
  }
}

/** Prints the responses that have arrived, and returns their number. */
function receive(sock: socket.socket, decoder: Decoder, missing: number) {
  const data = sock.recv(65536);
  if (data.length === 0) {
    decoder.end();
    throw new Failure(`the server has closed the connection, and ${missing} responses are missing`);
  }
  const messages = decoder.push(data);
  if (messages.length > missing) throw new Failure("more responses than requests");
  for (const message of messages) print_response(message);
  return messages.length;
}

function wrong(text: string): never {
  console.error(`${USAGE}\n${sys.argv[0]}: error: ${text}`);
  return sys.exit(2);
}

function parse() {
  const limit = { type: "string" } as const;
  const options = {
    timeout: limit,
    "max-header": limit,
    "max-content": limit,
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    return parseArgs({ args: sys.argv.slice(1), options, allowPositionals: true });
  } catch (error) {
    return wrong((error as Error).message);
  }
}

const { values, positionals } = parse();
if (values.help) {
  print(HELP);
  sys.exit(0);
}
const [host, port, ...rest] = positionals;
if (rest.length === 0 || rest.length % 2 !== 0) wrong("host, port, action and value are required");
const number = (name: string, text: string) => {
  if (!/^\d+(?:\.\d+)?$/.test(text)) wrong(`--${name} must be a number, not '${text}'`);
  return Number(text);
};
const timeout = number("timeout", values.timeout ?? "10");
const decoder = new Decoder({
  max_header: number("max-header", values["max-header"] ?? "4096"),
  max_content: number("max-content", values["max-content"] ?? "1048576"),
});
const requests = [];
for (let at = 0; at < rest.length; at += 2) requests.push(create_request(rest[at], rest[at + 1]));

const deadline = now() + timeout;
try {
  using sock = connect(host, port, deadline);
  exchange(sock, requests, decoder, deadline);
} catch (error) {
  if (!(error instanceof OSError || error instanceof ValueError || error instanceof Failure))
    throw error;
  console.error(`${sys.argv[0]}: error: ${error.message}`);
  sys.exit(1);
}
