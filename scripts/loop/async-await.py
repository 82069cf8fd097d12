"""Step 5 to a loop of one's own: `await` instead of `yield`.

A coroutine made by `async def` is resumed by `send`, as a generator is. The loop stays as it was.

Usage: python3 scripts/loop/async-await.py <host> <port>
"""

import socket
import sys
from selectors import EVENT_READ, EVENT_WRITE

from loop import Loop
from task import ready, ready_within, start

SECONDS = 1

loop = Loop()


async def serve(lsock):
    while True:
        await ready(loop, lsock, EVENT_READ)
        conn, addr = lsock.accept()
        print(f"Accepted connection from {addr}")
        conn.setblocking(False)
        start(count(conn, addr))


async def count(conn, addr):
    total = await echo(conn, addr)
    print(f"Echoed {total} bytes to {addr}")


async def echo(conn, addr):
    total = 0
    with conn:
        while True:
            is_ready = await ready_within(loop, conn, EVENT_READ, SECONDS)
            if not is_ready:
                print(f"Nothing from {addr}")
                return total
            data = conn.recv(65536)
            if not data:
                print(f"Closing connection to {addr}")
                return total
            total += await send_all(conn, data)


async def send_all(conn, data):
    total = len(data)
    while data:
        await ready(loop, conn, EVENT_WRITE)
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
