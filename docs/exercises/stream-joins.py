"""Two calls of sendall: how many calls of recv does it take?"""

import socket

left, right = socket.socketpair()
with left, right:
    left.sendall(b"Hello, ")
    left.sendall(b"world")
    print(right.recv(1024))
