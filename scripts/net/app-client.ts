/**
 * Sends one request to the application server and prints its response: app-client.ts on node:net.
 *
 * Usage: npx tsx scripts/net/app-client.ts <host> <port> <action> <value>
 */

import { connect } from "node:net";

import { int, print, repr, str, tuple } from "iomux/builtins";
import { Decoder, encode, json_decode, json_encode } from "iomux/protocol";
import type { Message, Outgoing } from "iomux/protocol";

import * as sys from "./sys.ts";

function create_request(action: string, value: string): Outgoing {
  if (action === "search") {
    return {
      content: json_encode({ action, value }, "utf-8"),
      content_type: "text/json",
      content_encoding: "utf-8",
    };
  } else {
    return {
      content: Buffer.from(action + value),
      content_type: "binary/custom-client-binary-type",
      content_encoding: "binary",
    };
  }
}

function show_response({ header, content }: Message, addr: string) {
  if (header["content-type"] === "text/json") {
    const response = json_decode(content, header["content-encoding"]) as Map<string, unknown>;
    print(`Received response ${repr(response)} from ${addr}`);
    print(`Got result: ${str(response.get("result") ?? null)}`);
  } else {
    print(`Received ${header["content-type"]} response from ${addr}`);
    print(`Got response: ${repr(content)}`);
  }
}

if (sys.argv.length !== 5) {
  print(`Usage: ${sys.argv[0]} <host> <port> <action> <value>`);
  sys.exit(1);
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const request = encode(create_request(sys.argv[3], sys.argv[4]));
const addr = str(tuple([host, port]));
const decoder = new Decoder();

print(`Starting connection to ${addr}`);
const conn = connect(port, host, () => {
  print(`Sending ${repr(request)} to ${addr}`);
  conn.write(request);
});
conn.on("data", (data) => {
  try {
    const [response] = decoder.push(data);
    if (response === undefined) return;
    show_response(response, addr);
    conn.destroy();
  } catch (error) {
    conn.destroy(error as Error);
  }
});
conn.on("end", () => conn.destroy(new Error("Peer closed.")));
conn.on("error", (error) => print(`Main: Error: Exception for ${addr}:\n${error.stack}`));
conn.on("close", () => print(`Closing connection to ${addr}`));

process.once("SIGINT", () => {
  print("Caught keyboard interrupt, exiting.");
  process.exit();
});
