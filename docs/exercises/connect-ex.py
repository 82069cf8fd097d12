"""How do connect and connect_ex say that nobody listens?"""

import errno
import socket

with socket.socket() as taken:
    # Bound, but not listening: nobody else gets the port, and nobody answers there.
    taken.bind(("127.0.0.1", 0))
    addr = taken.getsockname()

    with socket.socket() as s:
        print(f"connect_ex returns ECONNREFUSED: {s.connect_ex(addr) == errno.ECONNREFUSED}")

    with socket.socket() as s:
        try:
            s.connect(addr)
        except ConnectionRefusedError as e:
            print(f"connect raises ConnectionRefusedError: {e.strerror}")
