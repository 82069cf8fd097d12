"""A telephone exchange: it connects every two callers, until one of them hangs up."""

import selectors
import socket
import time
from types import SimpleNamespace

sel = selectors.DefaultSelector()


# Who waits for a partner.
waiting = None


def accept(lsock):
    global waiting
    conn, _ = lsock.accept()
    conn.setblocking(False)
    data = SimpleNamespace(partner=None)
    sel.register(conn, selectors.EVENT_READ, data)
    if waiting is None:
        waiting = conn, data
        return
    partner, other = waiting
    waiting = None
    data.partner = partner
    other.partner = conn
    for one in conn, partner:
        one.send(b"you are connected\n")


def serve(conn, data, mask):
    global waiting
    received = conn.recv(1024)
    if received and received != b"bye\n":
        write_down(received)
        if data.partner is not None:
            data.partner.send(received)
        return
    if waiting is not None and waiting[0] is conn:
        waiting = None
    for one in conn, data.partner:
        if one is None:
            continue
        sel.unregister(one)
        one.close()


def write_down(received):
    """On a slow disk: meanwhile, more may happen than one thing."""
    end = time.monotonic() + 0.05
    while time.monotonic() < end:
        pass


lsock = socket.create_server(("127.0.0.1", 65444))
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
