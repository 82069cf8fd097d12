"""An echo server that waits for what it needs."""

import selectors
import socket
from types import SimpleNamespace

sel = selectors.DefaultSelector()


def accept(lsock):
    conn, _ = lsock.accept()
    conn.setblocking(False)
    sel.register(conn, selectors.EVENT_READ, SimpleNamespace(outb=b""))


def serve(conn, data, mask):
    if mask & selectors.EVENT_READ:
        received = conn.recv(1024)
        if not received:
            sel.unregister(conn)
            conn.close()
            return
        data.outb += received
        sel.modify(conn, selectors.EVENT_READ | selectors.EVENT_WRITE, data)
    if mask & selectors.EVENT_WRITE and data.outb:
        sent = conn.send(data.outb)
        data.outb = data.outb[sent:]
        if not data.outb:
            sel.modify(conn, selectors.EVENT_READ, data)


lsock = socket.create_server(("127.0.0.1", 65441))
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
