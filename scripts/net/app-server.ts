/**
 * Answers searches and binary requests, each a message with a header of its own: app-server.ts on
 * node:net.
 *
 * Usage: npx tsx scripts/net/app-server.ts <host> <port>
 */

import { createServer } from "node:net";
import type { Socket } from "node:net";

import { b, int, print, repr, str, tuple } from "iomux/builtins";
import { Decoder, encode, json_decode, json_encode } from "iomux/protocol";
import type { Message, Outgoing } from "iomux/protocol";

import { request_search } from "../libserver.ts";
import { address_of } from "./address.ts";
import * as sys from "./sys.ts";

function json_response(request: Map<string, unknown>): Outgoing {
  const query = request.get("value");
  const action = request.get("action");
  const result =
    action === "search"
      ? (request_search.get(query) ?? `No match for '${str(query)}'.`)
      : `Error: invalid action '${str(action)}'.`;
  return {
    content: json_encode({ result }, "utf-8"),
    content_type: "text/json",
    content_encoding: "utf-8",
  };
}

function binary_response(request: Buffer): Outgoing {
  return {
    content: b`First 10 bytes of request: ${request.subarray(0, 10)}`,
    content_type: "binary/custom-server-binary-type",
    content_encoding: "binary",
  };
}

function response_to({ header, content }: Message, addr: string): Outgoing {
  if (header["content-type"] !== "text/json") {
    print(`Received ${header["content-type"]} request from ${addr}`);
    return binary_response(content);
  }
  const request = json_decode(content, header["content-encoding"]) as Map<string, unknown>;
  print(`Received request ${repr(request)} from ${addr}`);
  return json_response(request);
}

function serve(conn: Socket) {
  const addr = address_of(conn);
  const decoder = new Decoder();
  print(`Accepted connection from ${addr}`);
  conn.on("data", (data) => {
    try {
      const [request] = decoder.push(data);
      if (request === undefined) return;
      const response = encode(response_to(request, addr));
      print(`Sending ${repr(response)} to ${addr}`);
      conn.end(response);
    } catch (error) {
      conn.destroy(error as Error);
    }
  });
  conn.on("end", () => {
    if (!conn.writableEnded) conn.destroy(new Error("Peer closed."));
  });
  conn.on("error", (error) => print(`Main: Error: Exception for ${addr}:\n${error.stack}`));
  conn.on("close", () => print(`Closing connection to ${addr}`));
}

if (sys.argv.length !== 3) {
  print(`Usage: ${sys.argv[0]} <host> <port>`);
  sys.exit(1);
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const server = createServer(serve);
server.listen(port, host, () => print(`Listening on ${str(tuple([host, port]))}`));

process.once("SIGINT", () => {
  print("Caught keyboard interrupt, exiting.");
  process.exit();
});
