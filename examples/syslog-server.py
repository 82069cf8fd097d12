"""Prints what programs log: syslog-server.py PORT, then logger -d -n 127.0.0.1 -P PORT 'Hello'"""
import re
import socketserver
import sys

FACILITIES = "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp".split()
SEVERITIES = "emerg alert crit err warning notice info debug".split()


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        data, _ = self.request
        found = re.match(rb"<(\d{1,3})>", data)
        if found is None or int(found[1]) > 191:
            print("Not syslog:", data)
            return
        priority = int(found[1])
        number = priority // 8
        facility = FACILITIES[number] if number < len(FACILITIES) else f"local{number - 16}"
        text = data[found.end() :].decode("utf-8", "replace").rstrip("\n")
        print(f"{facility}.{SEVERITIES[priority % 8]}: {text}")


def main():
    with socketserver.UDPServer(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        print("Listening on", server.server_address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("Stopped")


main()
