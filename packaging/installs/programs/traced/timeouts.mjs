// Blocking sockets with timeouts: "timeouts serve PORT" answers too late, "timeouts ask PORT" waits, and waits again.
import { socket } from "iomux";
import { TimeoutError } from "iomux/builtins";

const [role, port] = process.argv.slice(2);
const address = ["127.0.0.1", Number(port)];

function serve() {
  const lsock = socket.create_server(address);
  const [conn] = lsock.accept();
  conn.settimeout(10);
  // The client says that it has given up.
  conn.recv(1024);
  conn.sendall(Buffer.from("late"));
  conn.recv(1024);
  conn.close();
  lsock.close();
}

function ask() {
  const sock = socket.create_connection(address, 10);
  sock.settimeout(0.05);
  try {
    sock.recv(1024);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log(error.message);
  }
  sock.sendall(Buffer.from("still there?"));
  sock.settimeout(10);
  console.log(sock.recv(1024).toString());
  sock.close();
}

if (role === "serve") serve();
else ask();
