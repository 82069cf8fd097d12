"""Step 3 to a loop of one's own: a generator yields what it waits for, and the loop resumes it.

The program reads from top to bottom again, and its state is in local variables.

Usage: python3 scripts/loop/generators.py <host> <port>
"""

import socket
import sys
from selectors import EVENT_READ, EVENT_WRITE

from loop import Loop

SECONDS = 1

loop = Loop()


def start(coroutine):
    resume(coroutine, None)


def resume(coroutine, value):
    """Lets it run until it waits again: for a socket, and no longer than so many seconds."""
    try:
        sock, event, seconds = coroutine.send(value)
    except StopIteration:
        return

    def is_ready():
        if timer is not None:
            timer.cancel()
        resume(coroutine, True)

    def is_late():
        loop.forget(sock)
        resume(coroutine, False)

    timer = None if seconds is None else loop.call_later(seconds, is_late)
    loop.call_when_ready(sock, event, is_ready)


def serve(lsock):
    while True:
        yield lsock, EVENT_READ, None
        conn, addr = lsock.accept()
        print(f"Accepted connection from {addr}")
        conn.setblocking(False)
        start(echo(conn, addr))


def echo(conn, addr):
    with conn:
        while True:
            is_ready = yield conn, EVENT_READ, SECONDS
            if not is_ready:
                print(f"Nothing from {addr}")
                return
            data = conn.recv(65536)
            if not data:
                print(f"Closing connection to {addr}")
                return
            print(f"Echoing {data!r} to {addr}")
            yield from send_all(conn, data)


def send_all(conn, data):
    while data:
        yield conn, EVENT_WRITE, None
        data = data[conn.send(data) :]


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
