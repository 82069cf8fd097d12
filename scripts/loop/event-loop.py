"""Step 6 to a loop of one's own: the loop that is there already, asyncio's.

It has all of the steps before: a selector, a heap of timers, futures, tasks. So what is left is the program.

Usage: python3 scripts/loop/event-loop.py <host> <port>
"""

import asyncio
import socket
import sys

SECONDS = 1


async def serve(lsock):
    loop = asyncio.get_running_loop()
    tasks = set()
    while True:
        conn, addr = await loop.sock_accept(lsock)
        print(f"Accepted connection from {addr}")
        conn.setblocking(False)
        task = asyncio.create_task(count(conn, addr))
        # The loop itself does not keep a task alive.
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def count(conn, addr):
    total = await echo(conn, addr)
    print(f"Echoed {total} bytes to {addr}")


async def echo(conn, addr):
    loop = asyncio.get_running_loop()
    total = 0
    with conn:
        while True:
            try:
                data = await asyncio.wait_for(loop.sock_recv(conn, 65536), SECONDS)
            except asyncio.TimeoutError:
                print(f"Nothing from {addr}")
                return total
            if not data:
                print(f"Closing connection to {addr}")
                return total
            await loop.sock_sendall(conn, data)
            total += len(data)


if len(sys.argv) != 3:
    print(f"Usage: {sys.argv[0]} <host> <port>")
    sys.exit(1)

host, port = sys.argv[1], int(sys.argv[2])
lsock = socket.create_server((host, port))
print(f"Listening on {(host, port)}")
lsock.setblocking(False)

try:
    asyncio.run(serve(lsock))
except KeyboardInterrupt:
    print("Caught keyboard interrupt, exiting.")
