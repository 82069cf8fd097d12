"""Does SO_REUSEADDR let two servers listen on one port?"""

import errno
import socket

with socket.socket() as first, socket.socket() as second:
    for s in (first, second):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    first.bind(("127.0.0.1", 0))
    first.listen()
    try:
        second.bind(first.getsockname())
    except OSError as e:
        print(f"EADDRINUSE: {e.errno == errno.EADDRINUSE}")
    first_addr = first.getsockname()
    first.close()
    second.bind(first_addr)
    print("Free once the first has closed")
