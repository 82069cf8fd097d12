/** Records itself into a file, and sleeps for ever once it has done something. */
import { socketpair } from "iomux/socket";
import { start } from "iomux/trace";

start(process.argv[2]);
const [near, far] = socketpair();
near.send(Buffer.from("the last words"));
far.recv(100);
far.recv(100);
