/**
 * Prints what programs log.
 *
 * Usage: npx tsx examples/syslog-server.ts PORT, then logger -d -n 127.0.0.1 -P PORT 'Hello'
 */
import { KeyboardInterrupt, print } from "iomux/builtins";
import * as socketserver from "iomux/socketserver";
import * as sys from "iomux/sys";

const FACILITIES = "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp".split(" ");
const SEVERITIES = "emerg alert crit err warning notice info debug".split(" ");

class Handler extends socketserver.BaseRequestHandler<socketserver.Datagram> {
  override handle(): void {
    const [data] = this.request;
    const found = /^<(\d{1,3})>/.exec(data.toString("latin1"));
    if (found === null || Number(found[1]) > 191) {
      print("Not syslog:", data);
      return;
    }
    const priority = Number(found[1]);
    const number = Math.floor(priority / 8);
    const facility = FACILITIES[number] ?? `local${number - 16}`;
    const text = data.toString("utf8", found[0].length).replace(/\n+$/, "");
    print(`${facility}.${SEVERITIES[priority % 8]}: ${text}`);
  }
}

function main(): void {
  using server = new socketserver.UDPServer(["127.0.0.1", Number(sys.argv[1])], Handler);
  print("Listening on", server.server_address);
  try {
    server.serve_forever();
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt)) throw error;
    print("Stopped");
  }
}

main();
