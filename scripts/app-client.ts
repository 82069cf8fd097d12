/**
 * Sends one request to the application server and prints its response.
 *
 * Usage: npx tsx scripts/app-client.ts <host> <port> <action> <value>
 */

import { int, KeyboardInterrupt, print, str, tuple } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

import * as libclient from "./libclient.ts";

const sel = new selectors.DefaultSelector<libclient.Message, socket.socket>();

function create_request(action: string, value: string): libclient.Request {
  if (action === "search") {
    return {
      type: "text/json",
      encoding: "utf-8",
      content: { action, value },
    };
  } else {
    return {
      type: "binary/custom-client-binary-type",
      encoding: "binary",
      content: Buffer.from(action + value, "utf-8"),
    };
  }
}

function start_connection(host: string, port: number, request: libclient.Request) {
  const addr = tuple([host, port]);
  print(`Starting connection to ${str(addr)}`);
  const sock = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  sock.setblocking(false);
  sock.connect_ex(addr);
  const events = selectors.EVENT_READ | selectors.EVENT_WRITE;
  const message = new libclient.Message(sel, sock, addr, request);
  sel.register(sock, events, message);
}

if (sys.argv.length !== 5) {
  print(`Usage: ${sys.argv[0]} <host> <port> <action> <value>`);
  sys.exit(1);
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const [action, value] = [sys.argv[3], sys.argv[4]];
const request = create_request(action, value);
start_connection(host, port, request);

try {
  while (true) {
    const events = sel.select(1);
    for (const [key, mask] of events) {
      const message = key.data;
      try {
        message.process_events(mask);
      } catch (error) {
        if (error instanceof KeyboardInterrupt) throw error;
        print(`Main: Error: Exception for ${str(message.addr)}:\n${(error as Error).stack}`);
        message.close();
      }
    }
    // Go on while the connection is left.
    if (sel.get_map()?.size === 0) {
      break;
    }
  }
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Caught keyboard interrupt, exiting.");
} finally {
  sel.close();
}
