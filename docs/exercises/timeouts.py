"""What does a timeout of None, of 0 and of a tenth of a second do to recv?"""

import socket

left, right = socket.socketpair()
with left, right:
    print(f"at first: {right.gettimeout()}")
    for timeout in (0, 0.1):
        right.settimeout(timeout)
        try:
            right.recv(1024)
        except OSError as e:
            print(f"{timeout}: {type(e).__name__}")
    left.sendall(b"Hello, world")
    print(right.recv(1024))
