// A UDP echo on poll: "udp serve PORT" answers until it is told to stop, "udp ask PORT" asks and tells it.
import { select, socket } from "iomux";

const [role, port] = process.argv.slice(2);
const address = ["127.0.0.1", Number(port)];
const sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
const poller = select.poll();
poller.register(sock, select.POLLIN);

function serve() {
  sock.bind(address);
  for (;;) {
    for (const [, events] of poller.poll(null)) {
      if ((events & select.POLLIN) === 0) continue;
      const [datagram, sender] = sock.recvfrom(2048);
      if (datagram.toString() === "stop") return;
      sock.sendto(datagram, sender);
    }
  }
}

function ask() {
  for (const word of ["hello", "again"]) {
    sock.sendto(Buffer.from(word), address);
    if (poller.poll(10_000).length === 0) throw new Error("no answer");
    console.log(sock.recvfrom(2048)[0].toString());
  }
  sock.sendto(Buffer.from("stop"), address);
}

if (role === "serve") serve();
else ask();
sock.close();
