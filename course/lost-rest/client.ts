/** Fetches the photograph, and takes its time. */
import { print } from "iomux/builtins";
import * as select from "iomux/select";
import * as socket from "iomux/socket";

const ADDRESS: socket.InetAddress = ["127.0.0.1", 65442];
const SIZE = 8 * 1024 * 1024;

const sock = socket.create_connection(ADDRESS);
select.select([], [], [], 0.1);
let size = 0;
for (let part = sock.recv(65536); part.length > 0; part = sock.recv(65536)) size += part.length;
print(`the photograph has ${SIZE} bytes, and ${size} have come`);
if (size < SIZE) process.exitCode = 1;
sock.close();
