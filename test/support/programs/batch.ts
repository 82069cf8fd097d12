/** Ten datagrams, sent and received, for test/socket/batch.test.ts. */
import { writeSync } from "node:fs";

import * as socket from "iomux/socket";

using sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
sock.bind(["127.0.0.1", 0]);
const address = sock.getsockname();
writeSync(1, "begin\n");
sock.sendmmsg(Array.from({ length: 10 }, (_, index) => [Buffer.from(String(index)), address]));
sock.recvmmsg(20, 100);
writeSync(1, "end\n");
