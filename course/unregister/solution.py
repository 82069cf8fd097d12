"""Echoes what visitors say."""

import selectors
import socket
from types import SimpleNamespace

sel = selectors.DefaultSelector()


def accept(lsock):
    conn, addr = lsock.accept()
    conn.setblocking(False)
    sel.register(conn, selectors.EVENT_READ, SimpleNamespace(visitor=addr))


def serve(conn, data, mask):
    """A visitor says little: the send buffer has room for it."""
    received = conn.recv(1024)
    if received:
        conn.send(received)
        return
    print(f"{data.visitor} has left")
    sel.unregister(conn)
    conn.close()


lsock = socket.create_server(("127.0.0.1", 65445))
lsock.setblocking(False)
sel.register(lsock, selectors.EVENT_READ, None)
try:
    while True:
        for key, mask in sel.select():
            if key.data is None:
                accept(key.fileobj)
            else:
                serve(key.fileobj, key.data, mask)
except KeyboardInterrupt:
    pass
