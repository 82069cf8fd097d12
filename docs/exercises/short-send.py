"""How much does one send take of 16 MiB that nobody reads?"""

import socket

left, right = socket.socketpair()
with left, right:
    left.setblocking(False)
    data = bytes(16 * 1024 * 1024)
    sent = left.send(data)
    print(f"something: {sent > 0}, all: {sent == len(data)}")

    # What is left goes whenever the reader has made room.
    received = 0
    while received < len(data):
        received += len(right.recv(1024 * 1024))
        if sent < len(data):
            try:
                sent += left.send(memoryview(data)[sent:])
            except BlockingIOError:
                pass
    print(f"sent: {sent}, received: {received}")
