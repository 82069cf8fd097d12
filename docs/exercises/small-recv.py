"""What does recv(5) do with the bytes that do not fit?"""

import socket

left, right = socket.socketpair()
with left, right:
    left.sendall(b"Hello, world")
    left.close()
    while True:
        data = right.recv(5)
        print(data)
        if not data:
            break
