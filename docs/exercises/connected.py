"""A socket that connects becomes writable. Is it connected then?"""

import errno
import selectors
import socket


def outcome(addr):
    with socket.socket() as s, selectors.DefaultSelector() as sel:
        s.setblocking(False)
        print(f"in progress: {s.connect_ex(addr) == errno.EINPROGRESS}")
        sel.register(s, selectors.EVENT_WRITE)
        sel.select()
        error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        print(f"writable; connected: {error == 0}, refused: {error == errno.ECONNREFUSED}")


with socket.socket() as server:
    server.bind(("127.0.0.1", 0))
    outcome(server.getsockname())
    server.listen()
    outcome(server.getsockname())
