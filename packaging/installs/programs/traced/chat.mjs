// A chat: what one says, all hear. "chat serve PORT" serves until nobody is left, "chat talk PORT" is two at once.
import { selectors, socket } from "iomux";

const [role, port] = process.argv.slice(2);
const address = ["127.0.0.1", Number(port)];

function serve() {
  const sel = new selectors.DefaultSelector();
  const lsock = socket.create_server(address);
  lsock.setblocking(false);
  sel.register(lsock, selectors.EVENT_READ, "listening");
  const members = new Set();
  do {
    for (const [{ fileobj, data }] of sel.select()) {
      if (data === "listening") {
        const [member] = fileobj.accept();
        member.setblocking(false);
        sel.register(member, selectors.EVENT_READ, "member");
        members.add(member);
        member.send(Buffer.from("welcome"));
        continue;
      }
      const said = fileobj.recv(1024);
      if (said.length > 0) {
        for (const member of members) member.send(said);
      } else {
        sel.unregister(fileobj);
        members.delete(fileobj);
        fileobj.close();
      }
    }
  } while (members.size > 0);
  sel.close();
  lsock.close();
}

function talk() {
  const both = [socket.create_connection(address), socket.create_connection(address)];
  const heard = () => both.map((member) => member.recv(1024).toString());
  console.log(...heard());
  for (const [number, member] of both.entries()) {
    member.sendall(Buffer.from(`I am ${number + 1}`));
    console.log(...heard());
  }
  for (const member of both) member.close();
}

if (role === "serve") serve();
else talk();
