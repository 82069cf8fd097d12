"""Answers each line with its length."""

import selectors
import socket
from types import SimpleNamespace

sel = selectors.DefaultSelector()


def accept(lsock):
    conn, _ = lsock.accept()
    conn.setblocking(False)
    sel.register(conn, selectors.EVENT_READ, SimpleNamespace(inb=b""))


def serve(conn, data, mask):
    """The answer is short: the send buffer has room for it."""
    received = conn.recv(1024)
    if not received:
        sel.unregister(conn)
        conn.close()
        return
    data.inb += received
    while b"\n" in data.inb:
        line, data.inb = data.inb.split(b"\n", 1)
        conn.send(f"{len(line)}\n".encode())


lsock = socket.create_server(("127.0.0.1", 65446))
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
