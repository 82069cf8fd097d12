"""Sends a photograph of 8 MiB, all of it, to everyone who connects."""

import selectors
import socket
from types import SimpleNamespace

sel = selectors.DefaultSelector()


PHOTOGRAPH = b"x" * 8 * 1024 * 1024


def accept(lsock):
    conn, _ = lsock.accept()
    conn.setblocking(False)
    sel.register(conn, selectors.EVENT_WRITE, SimpleNamespace(outb=PHOTOGRAPH))


def serve(conn, data, mask):
    sent = conn.send(data.outb)
    data.outb = data.outb[sent:]
    if data.outb:
        return
    sel.unregister(conn)
    conn.close()


lsock = socket.create_server(("127.0.0.1", 65442))
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
