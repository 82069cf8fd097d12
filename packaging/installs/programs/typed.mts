// Every module by its types, and the echo with types of its own.
import { builtins, protocol, select, selectors, signal, socket, trace } from "iomux";
import { ExceptionGroup, repr } from "iomux/builtins";
import * as protocol_module from "iomux/protocol";
import * as select_module from "iomux/select";
import { DefaultSelector, EVENT_READ } from "iomux/selectors";
import * as signal_module from "iomux/signal";
import { socketpair } from "iomux/socket";
import type { SocketAddress } from "iomux/socket";
import * as trace_module from "iomux/trace";

const modules: object[] = [builtins, protocol, select, selectors, signal, socket, trace];
modules.push(protocol_module, select_module, signal_module, trace_module, ExceptionGroup);

const [ours, theirs]: readonly [socket.socket, socket.socket] = socketpair();
const sel = new DefaultSelector<{ readonly received: Buffer[] }, socket.socket>();
sel.register(theirs, EVENT_READ, { received: [] });
ours.sendall(Buffer.from("hello"));
for (const [key, mask] of sel.select(10)) {
  key.data.received.push(key.fileobj.recv(1024));
  const events: number = mask;
  if (events === EVENT_READ) theirs.sendall(Buffer.concat(key.data.received));
}
const address: SocketAddress = ours.getsockname();
const text: string = ours.recv(1024).toString();
sel.close();
if (text !== "hello" || modules.length !== 12) throw new Error(repr([text, address]));
console.log("echoed");
