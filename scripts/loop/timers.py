"""Step 2 to a loop of one's own: a client that says nothing for a second is sent away.

Each callback says what comes after it, so the program reads inside out.

Usage: python3 scripts/loop/timers.py <host> <port>
"""

import socket
import sys
from selectors import EVENT_READ, EVENT_WRITE

from loop import Loop

SECONDS = 1

loop = Loop()


def accept():
    conn, addr = lsock.accept()
    print(f"Accepted connection from {addr}")
    conn.setblocking(False)
    receive(conn, addr)
    loop.call_when_ready(lsock, EVENT_READ, accept)


def receive(conn, addr):
    def is_silent():
        loop.forget(conn)
        print(f"Nothing from {addr}")
        conn.close()

    def is_ready():
        timer.cancel()
        data = conn.recv(65536)
        if data:
            print(f"Echoing {data!r} to {addr}")
            echo(conn, addr, data)
        else:
            print(f"Closing connection to {addr}")
            conn.close()

    timer = loop.call_later(SECONDS, is_silent)
    loop.call_when_ready(conn, EVENT_READ, is_ready)


def echo(conn, addr, data):
    def is_ready():
        rest = data[conn.send(data) :]
        if rest:
            echo(conn, addr, rest)
        else:
            receive(conn, addr)

    loop.call_when_ready(conn, EVENT_WRITE, is_ready)


if len(sys.argv) != 3:
    print(f"Usage: {sys.argv[0]} <host> <port>")
    sys.exit(1)

host, port = sys.argv[1], int(sys.argv[2])
lsock = socket.create_server((host, port))
print(f"Listening on {(host, port)}")
lsock.setblocking(False)
loop.call_when_ready(lsock, EVENT_READ, accept)

try:
    loop.run_forever()
except KeyboardInterrupt:
    print("Caught keyboard interrupt, exiting.")
