"""What does recv do on a non-blocking socket when nothing has arrived?"""

import socket

left, right = socket.socketpair()
with left, right:
    right.setblocking(False)
    try:
        right.recv(1024)
    except BlockingIOError as e:
        print(f"BlockingIOError: {e.strerror}")
    left.sendall(b"Hello, world")
    print(right.recv(1024))
    left.close()
    print(right.recv(1024))
