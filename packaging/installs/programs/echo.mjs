// A server and a client in one loop around select(): what is sent must come back.
import { strict as assert } from "node:assert";

import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

const sel = new selectors.DefaultSelector();
const lsock = socket.create_server(["127.0.0.1", 0]);
lsock.setblocking(false);
sel.register(lsock, selectors.EVENT_READ, "listening");
const client = socket.create_connection(lsock.getsockname());
client.sendall(Buffer.from("hello"));
client.shutdown(socket.SHUT_WR);

const received = [];
let serving = true;
while (serving) {
  for (const [key] of sel.select(10)) {
    if (key.data === "listening") {
      const [conn] = key.fileobj.accept();
      conn.setblocking(false);
      sel.register(conn, selectors.EVENT_READ, "connected");
      continue;
    }
    const data = key.fileobj.recv(1024);
    if (data.length > 0) {
      key.fileobj.sendall(data);
      received.push(data);
    } else {
      sel.unregister(key.fileobj);
      key.fileobj.close();
      serving = false;
    }
  }
}
assert.equal(Buffer.concat(received).toString(), "hello");
assert.equal(client.recv(1024).toString(), "hello");
sel.close();
client.close();
lsock.close();
console.log("echoed");
