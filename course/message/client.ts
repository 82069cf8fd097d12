/** Sends a line in two halves, and then two lines at once. */
import { b, print } from "iomux/builtins";
import * as select from "iomux/select";
import * as socket from "iomux/socket";

const ADDRESS: socket.InetAddress = ["127.0.0.1", 65446];

const sock = socket.create_connection(ADDRESS);
const answers = sock.makefile("r");

function ask(what: string, ...parts: readonly Buffer[]): void {
  for (const [number, part] of parts.entries()) {
    // Each part travels alone.
    if (number > 0) select.select([], [], [], 0.1);
    sock.sendall(part);
  }
  const lengths = what.split("\n").map((line) => line.length);
  for (const expected of lengths) {
    const answer = answers.readline().trimEnd();
    print(`the server answered ${answer}, and the line has ${expected} characters`);
    if (answer === String(expected)) continue;
    process.exitCode = 1;
    return;
  }
}

ask("hello world", b`hello `, b`world\n`);
if (process.exitCode === undefined) ask("to be\nor not to be", b`to be\nor not to be\n`);
// To leave with answers unread would be a reset.
sock.shutdown(socket.SHUT_WR);
answers.read();
answers.close();
sock.close();
