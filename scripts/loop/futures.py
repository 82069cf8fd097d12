"""Step 4 to a loop of one's own: a coroutine yields a future, whoever will give it its result.

So it can wait for more than sockets: here the server waits for an echo to end, and counts.

Usage: python3 scripts/loop/futures.py <host> <port>
"""

import socket
import sys
from selectors import EVENT_READ, EVENT_WRITE

from loop import Loop
from task import ready, ready_within, start

SECONDS = 1

loop = Loop()


def serve(lsock):
    while True:
        yield ready(loop, lsock, EVENT_READ)
        conn, addr = lsock.accept()
        print(f"Accepted connection from {addr}")
        conn.setblocking(False)
        start(count(start(echo(conn, addr)), addr))


def count(task, addr):
    total = yield task
    print(f"Echoed {total} bytes to {addr}")


def echo(conn, addr):
    total = 0
    with conn:
        while True:
            is_ready = yield ready_within(loop, conn, EVENT_READ, SECONDS)
            if not is_ready:
                print(f"Nothing from {addr}")
                return total
            data = conn.recv(65536)
            if not data:
                print(f"Closing connection to {addr}")
                return total
            total += yield from send_all(conn, data)


def send_all(conn, data):
    total = len(data)
    while data:
        yield ready(loop, conn, EVENT_WRITE)
        data = data[conn.send(data) :]
    return total


if len(sys.argv) != 3:
    print(f"Usage: {sys.argv[0]} <host> <port>")
    sys.exit(1)

host, port = sys.argv[1], int(sys.argv[2])
lsock = socket.create_server((host, port))
print(f"Listening on {(host, port)}")
lsock.setblocking(False)
start(serve(lsock))

try:
    loop.run_forever()
except KeyboardInterrupt:
    print("Caught keyboard interrupt, exiting.")
