"""Forwards connections, on poll(): port-forward.py PORT HOST PORT"""
import select
import socket
import sys

LIMIT = 65536


class Side:
    def __init__(self, sock):
        self.sock = sock
        self.other = None
        self.outb = b""
        self.has_ended = False
        self.is_shut = False


def connect(server, target):
    client, address = server.accept()
    try:
        upstream = socket.create_connection(target, timeout=5)
    except OSError as error:
        print("No connection:", error)
        client.close()
        return []
    near, far = Side(client), Side(upstream)
    near.other, far.other = far, near
    for side in (near, far):
        side.sock.setblocking(False)
    print("Forwarding a connection")
    return [near, far]


def serve(side, events):
    if events & (select.POLLIN | select.POLLHUP | select.POLLERR) and not side.has_ended:
        if len(side.other.outb) < LIMIT:
            data = side.sock.recv(LIMIT)
            side.other.outb += data
            side.has_ended = not data
    for one in (side, side.other):
        if one.outb:
            try:
                sent = one.sock.send(one.outb)
            except BlockingIOError:
                continue
            one.outb = one.outb[sent:]
        if one.other.has_ended and not one.outb and not one.is_shut:
            one.sock.shutdown(socket.SHUT_WR)
            one.is_shut = True


def wanted(side):
    reads = not side.has_ended and len(side.other.outb) < LIMIT
    return (select.POLLIN if reads else 0) | (select.POLLOUT if side.outb else 0)


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    target = (sys.argv[2], int(sys.argv[3]))
    sides = {}
    print("Listening on", server.getsockname())
    poller = select.poll()
    poller.register(server, select.POLLIN)
    try:
        while True:
            for fd, events in poller.poll():
                if fd == server.fileno():
                    for side in connect(server, target):
                        sides[side.sock.fileno()] = side
                        poller.register(side.sock, select.POLLIN)
                    continue
                side = sides.get(fd)
                if side is None:
                    continue
                try:
                    serve(side, events)
                    over = side.is_shut and side.other.is_shut
                except ConnectionError as error:
                    print("Dropped:", error)
                    over = True
                if over:
                    print("A connection has ended")
                for one in (side, side.other):
                    if over:
                        poller.unregister(one.sock)
                        del sides[one.sock.fileno()]
                        one.sock.close()
                    else:
                        poller.modify(one.sock, wanted(one))
    except KeyboardInterrupt:
        print("Stopped with", len(sides), "sides")
    finally:
        server.close()


main()
