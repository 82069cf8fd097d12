/**
 * Opens several connections at once and sends the same messages over each: multiconn-client.ts on
 * node:net.
 *
 * Usage: npx tsx scripts/net/multiconn-client.ts <host> <port> <num_connections>
 */

import { connect } from "node:net";

import { b, int, print, repr, str, tuple } from "iomux/builtins";

import * as sys from "./sys.ts";

const messages = [b`Message 1 from client.`, b`Message 2 from client.`];
const msg_total = messages.reduce((sum, m) => sum + m.length, 0);

function start_connection(host: string, port: number, connid: number) {
  print(`Start connection ${connid} to ${str(tuple([host, port]))}`);
  let recv_total = 0;
  const conn = connect(port, host, () => {
    for (const message of messages) {
      print(`Sending ${repr(message)} to connection ${connid}`);
      conn.write(message);
    }
  });
  conn.on("data", (data) => {
    print(`Received ${repr(data)} from connection ${connid}`);
    recv_total += data.length;
    if (recv_total === msg_total) conn.destroy();
  });
  conn.on("close", () => print(`Closing connection ${connid}`));
}

if (sys.argv.length !== 4) {
  print(`Usage: ${sys.argv[0]} <host> <port> <num_connections>`);
  sys.exit(1);
}

const [host, port, num_conns] = [sys.argv[1], int(sys.argv[2]), int(sys.argv[3])];
for (let i = 0; i < num_conns; i++) start_connection(host, port, i + 1);

process.once("SIGINT", () => {
  print("Caught keyboard interrupt, exiting.");
  process.exit();
});
