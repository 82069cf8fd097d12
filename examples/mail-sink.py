"""Takes any mail and delivers none: mail-sink.py PORT, then curl smtp://127.0.0.1:PORT --mail-from ..."""
import socketserver
import sys


class Handler(socketserver.StreamRequestHandler):
    timeout = 10

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        sender, recipients = None, []
        self.say("220 mail-sink")
        for line in self.rfile:
            command, _, rest = line.decode("utf-8", "replace").rstrip("\r\n").partition(" ")
            match command.upper():
                case "HELO" | "EHLO":
                    self.say("250 Hello " + rest)
                case "MAIL":
                    sender, recipients = rest.partition(":")[2], []
                    self.say("250 OK")
                case "RCPT" if sender is not None:
                    recipients.append(rest.partition(":")[2])
                    self.say("250 OK")
                case "DATA" if recipients:
                    self.say("354 End with a dot")
                    self.deliver(sender, recipients)
                    sender, recipients = None, []
                    self.say("250 Delivered to nobody")
                case "RCPT" | "DATA":
                    self.say("503 Not yet")
                case "QUIT":
                    self.say("221 Bye")
                    return
                case _:
                    self.say("502 Unknown command")

    def deliver(self, sender, recipients):
        size = lines = 0
        subject = ""
        for line in self.rfile:
            if line == b".\r\n":
                break
            if line.startswith(b"Subject: ") and not subject:
                subject = line[9:].decode("utf-8", "replace").strip()
            size += len(line)
            lines += 1
        print(f"From {sender} to {', '.join(recipients)}: {subject!r}, {lines} lines, {size} bytes")


class Server(socketserver.TCPServer):
    allow_reuse_address = True


def main():
    with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        print("Listening on", server.server_address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("Stopped")


main()
