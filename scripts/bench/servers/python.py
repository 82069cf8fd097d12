"""The server that is measured, on Python's selectors.

Usage: python.py <host> <port> <echo | broadcast | http | udp>
"""

import selectors
import socket
import sys
import types

CHUNK = 65536
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

host, port, what = sys.argv[1:]
sel = selectors.DefaultSelector()


def accept_wrapper(sock):
    conn, _ = sock.accept()
    conn.setblocking(False)
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sel.register(conn, selectors.EVENT_READ, data=types.SimpleNamespace(inb=b"", outb=b""))


def send(key, bytes):
    """Sends what it can, and keeps the rest until there is room."""
    data = key.data
    if data.outb:
        data.outb += bytes
        return
    sent = key.fileobj.send(bytes)
    if sent < len(bytes):
        data.outb = bytes[sent:]
        sel.modify(key.fileobj, selectors.EVENT_READ | selectors.EVENT_WRITE, data=data)


def respond(key, recv_data):
    """Answers each request that is whole."""
    data = key.data
    data.inb = data.inb + recv_data if data.inb else recv_data
    while (end := data.inb.find(b"\r\n\r\n")) >= 0:
        method, path, _ = data.inb[: data.inb.index(b"\r\n")].split(b" ")
        data.inb = data.inb[end + 4 :]
        send(key, RESPONSE if method == b"GET" and path == b"/" else NOT_FOUND)


def service_connection(key, mask):
    sock = key.fileobj
    data = key.data
    if mask & selectors.EVENT_READ:
        recv_data = sock.recv(CHUNK)
        if not recv_data:
            sel.unregister(sock)
            sock.close()
            return
        if what == "echo":
            send(key, recv_data)
        elif what == "http":
            respond(key, recv_data)
        else:
            for one in sel.get_map().values():
                if one.data is not None:
                    send(one, recv_data)
    if mask & selectors.EVENT_WRITE and data.outb:
        sent = sock.send(data.outb)
        data.outb = data.outb[sent:]
        if not data.outb:
            sel.modify(sock, selectors.EVENT_READ, data=data)


def serve_datagrams(sock):
    while True:
        data, addr = sock.recvfrom(CHUNK)
        sock.sendto(data, addr)


lsock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if what == "udp" else socket.SOCK_STREAM)
lsock.bind((host, int(port)))
if what == "udp":
    print(f"Listening on {lsock.getsockname()}", flush=True)
    serve_datagrams(lsock)
lsock.listen(1024)
print(f"Listening on {lsock.getsockname()}", flush=True)
lsock.setblocking(False)
sel.register(lsock, selectors.EVENT_READ, data=None)

while True:
    events = sel.select(timeout=None)
    for key, mask in events:
        if key.data is None:
            accept_wrapper(key.fileobj)
        else:
            service_connection(key, mask)
