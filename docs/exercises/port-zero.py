"""Which port does a server get that asks for port 0?"""

import socket

with socket.socket() as s:
    print(f"before: {s.getsockname()}")
    s.bind(("127.0.0.1", 0))
    host, port = s.getsockname()
    print(f"after: {host}, a port of its own: {port > 1023}")
