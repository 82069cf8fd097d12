/**
 * Opens several connections at once and sends the same messages over each.
 *
 * Usage: npx tsx scripts/multiconn-client.ts <host> <port> <num_connections>
 */

import { b, int, KeyboardInterrupt, print, repr, str, tuple } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

type Data = {
  connid: number;
  msg_total: number;
  recv_total: number;
  messages: Buffer[];
  outb: Buffer;
};

const sel = new selectors.DefaultSelector<Data, socket.socket>();
const messages = [b`Message 1 from client.`, b`Message 2 from client.`];

function start_connection(host: string, port: number, num_conns: number) {
  const server_addr = tuple([host, port]);
  for (let i = 0; i < num_conns; i++) {
    const connid = i + 1;
    print(`Start connection ${connid} to ${str(server_addr)}`);
    const sock = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
    sock.setblocking(false);
    sock.connect_ex(server_addr);
    const events = selectors.EVENT_READ | selectors.EVENT_WRITE;
    const data = {
      connid,
      msg_total: messages.reduce((sum, m) => sum + m.length, 0),
      recv_total: 0,
      messages: [...messages],
      outb: b``,
    };
    sel.register(sock, events, data);
  }
}

function service_connection(key: selectors.SelectorKey<Data, socket.socket>, mask: number) {
  const sock = key.fileobj;
  const data = key.data;
  if (mask & selectors.EVENT_READ) {
    // A server that closes early ends this program by ConnectionResetError, and one that sends
    // back less than it got keeps it waiting.
    const recv_data = sock.recv(1024);
    if (recv_data.length > 0) {
      print(`Received ${repr(recv_data)} from connection ${data.connid}`);
      data.recv_total += recv_data.length;
    }
    if (recv_data.length === 0 || data.recv_total === data.msg_total) {
      print(`Closing connection ${data.connid}`);
      sel.unregister(sock);
      sock.close();
    }
  }
  if (mask & selectors.EVENT_WRITE) {
    if (data.outb.length === 0 && data.messages.length > 0) {
      data.outb = data.messages.shift()!;
    }
    if (data.outb.length > 0) {
      print(`Sending ${repr(data.outb)} to connection ${data.connid}`);
      const sent = sock.send(data.outb);
      data.outb = data.outb.subarray(sent);
    }
  }
}

if (sys.argv.length !== 4) {
  print(`Usage: ${sys.argv[0]} <host> <port> <num_connections>`);
  sys.exit(1);
}

const [host, port, num_conns] = [sys.argv[1], int(sys.argv[2]), int(sys.argv[3])];
start_connection(host, port, num_conns);

try {
  while (true) {
    const events = sel.select(1);
    for (const [key, mask] of events) {
      service_connection(key, mask);
    }
    // Go on while a connection is left.
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
