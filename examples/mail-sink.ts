/**
 * Takes any mail and delivers none.
 *
 * Usage: npx tsx examples/mail-sink.ts PORT, then curl smtp://127.0.0.1:PORT --mail-from ...
 */
import { KeyboardInterrupt, print, repr } from "iomux/builtins";
import { startswith } from "iomux/bytes";
import * as socketserver from "iomux/socketserver";
import * as sys from "iomux/sys";

/** Python's str.partition, without the separator. */
function partition(text: string, separator: string): readonly [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

class Handler extends socketserver.StreamRequestHandler {
  override timeout = 10;

  say(line: string): void {
    this.wfile.write(Buffer.from(`${line}\r\n`));
  }

  override handle(): void {
    let sender: string | null = null;
    let recipients: string[] = [];
    this.say("220 mail-sink");
    for (const line of this.rfile) {
      const [command, rest] = partition(String(line).replace(/[\r\n]+$/, ""), " ");
      const name = command.toUpperCase();
      if (name === "HELO" || name === "EHLO") {
        this.say(`250 Hello ${rest}`);
      } else if (name === "MAIL") {
        [sender, recipients] = [partition(rest, ":")[1], []];
        this.say("250 OK");
      } else if (name === "RCPT" && sender !== null) {
        recipients.push(partition(rest, ":")[1]);
        this.say("250 OK");
      } else if (name === "DATA" && sender !== null && recipients.length > 0) {
        this.say("354 End with a dot");
        this.deliver(sender, recipients);
        [sender, recipients] = [null, []];
        this.say("250 Delivered to nobody");
      } else if (name === "RCPT" || name === "DATA") {
        this.say("503 Not yet");
      } else if (name === "QUIT") {
        this.say("221 Bye");
        return;
      } else {
        this.say("502 Unknown command");
      }
    }
  }

  deliver(sender: string, recipients: readonly string[]): void {
    let [size, lines] = [0, 0];
    let subject = "";
    for (const line of this.rfile) {
      if (String(line) === ".\r\n") break;
      if (startswith(line, Buffer.from("Subject: ")) && subject === "") {
        subject = String(line.subarray(9)).trim();
      }
      size += line.length;
      lines += 1;
    }
    const to = recipients.join(", ");
    print(`From ${sender} to ${to}: ${repr(subject)}, ${lines} lines, ${size} bytes`);
  }
}

class Server extends socketserver.TCPServer {
  override allow_reuse_address = true;
}

function main(): void {
  using server = new Server(["127.0.0.1", Number(sys.argv[1])], Handler);
  print("Listening on", server.server_address);
  try {
    server.serve_forever();
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt)) throw error;
    print("Stopped");
  }
}

main();
