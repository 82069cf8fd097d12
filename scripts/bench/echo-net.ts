/** The echo server that is measured, on node:net, as one writes it there. */

import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

const [host, port] = process.argv.slice(2);

const server = createServer((socket) => {
  socket.on("data", (data) => {
    socket.write(data);
  });
});

server.listen(Number(port), host, () => {
  const address = server.address() as AddressInfo;
  console.log(`Listening on ('${address.address}', ${address.port})`);
});
