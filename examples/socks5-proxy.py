"""A SOCKS5 proxy without authentication: socks5-proxy.py PORT, then curl --socks5-hostname 127.0.0.1:PORT URL"""
import selectors
import socket
import struct
import sys

LIMIT = 65536
sel = selectors.DefaultSelector()


class End:
    """One end of a relayed connection; `peer` is the other, None until the client has asked."""

    def __init__(self, sock):
        self.sock = sock
        self.peer = None
        self.state = self.greet
        self.inb = b""
        self.outb = b""
        self.has_ended = False
        self.is_shut = False

    def greet(self):
        if len(self.inb) < 2 or len(self.inb) < 2 + self.inb[1]:
            return False
        version, count = struct.unpack_from("!BB", self.inb)
        if version != 5:
            raise ValueError("not SOCKS5")
        self.inb = self.inb[2 + count :]
        self.outb += b"\x05\x00"
        self.state = self.ask
        return True

    def ask(self):
        if len(self.inb) < 5:
            return False
        _, command, _, kind = struct.unpack_from("!BBBB", self.inb)
        size = {1: 4, 3: 1 + self.inb[4], 4: 16}[kind]
        if len(self.inb) < 4 + size + 2:
            return False
        address = self.inb[4 : 4 + size]
        (port,) = struct.unpack_from("!H", self.inb, 4 + size)
        self.inb = self.inb[4 + size + 2 :]
        if kind == 3:
            host = address[1:].decode()
        else:
            host = socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, address)
        try:
            if command != 1:
                raise OSError("only CONNECT is served")
            sock = socket.create_connection((host, port), timeout=5)
        except OSError as error:
            print("Refused", host, "port", port, "-", error)
            self.outb += b"\x05\x05\x00\x01" + bytes(6)
            self.state = self.refuse
            self.has_ended = True
            return True
        print("Relaying to", host, "port", port)
        sock.setblocking(False)
        self.outb += b"\x05\x00\x00\x01" + bytes(6)
        self.state = self.relay
        self.peer = End(sock)
        self.peer.peer, self.peer.state = self, self.peer.relay
        sel.register(sock, selectors.EVENT_READ, self.peer)
        return True

    def relay(self):
        if not self.inb:
            return False
        self.peer.outb += self.inb
        self.inb = b""
        watch(self.peer)
        return True

    def refuse(self):
        return False


def watch(end):
    # A side that does not read stops the other from sending.
    is_full = end.peer is not None and len(end.peer.outb) > LIMIT
    events = 0 if end.has_ended or is_full else selectors.EVENT_READ
    events |= selectors.EVENT_WRITE if end.outb else 0
    known = end.sock.fileno() in sel.get_map()
    if events and known:
        sel.modify(end.sock, events, end)
    elif events:
        sel.register(end.sock, events, end)
    elif known:
        sel.unregister(end.sock)


def close(end):
    for one in (end, end.peer):
        if one is not None and one.sock.fileno() != -1:
            if one.sock.fileno() in sel.get_map():
                sel.unregister(one.sock)
            one.sock.close()


def finish(end):
    """Passes on an end of stream once everything before it is sent."""
    peer = end.peer
    if peer is None:
        return not end.outb
    if end.has_ended and not peer.outb and not peer.is_shut:
        peer.sock.shutdown(socket.SHUT_WR)
        peer.is_shut = True
    return end.has_ended and peer.has_ended and not end.outb and not peer.outb


def serve(end, mask):
    if mask & selectors.EVENT_READ:
        data = end.sock.recv(LIMIT)
        end.inb += data
        end.has_ended = end.has_ended or not data
        while end.state():
            pass
    if mask & selectors.EVENT_WRITE or end.outb:
        sent = end.sock.send(end.outb)
        end.outb = end.outb[sent:]
    if end.has_ended or (end.peer is not None and end.peer.has_ended):
        ends = [finish(one) for one in (end, end.peer) if one is not None]
        if all(ends):
            return close(end)
    watch(end)
    if end.peer is not None:
        watch(end.peer)


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    server.setblocking(False)
    sel.register(server, selectors.EVENT_READ, None)
    print("Listening on", server.getsockname())
    try:
        while True:
            for key, mask in sel.select():
                if key.data is None:
                    sock, _ = server.accept()
                    sock.setblocking(False)
                    sel.register(sock, selectors.EVENT_READ, End(sock))
                elif key.fileobj.fileno() != -1:
                    try:
                        serve(key.data, mask)
                    except BlockingIOError:
                        pass
                    except (OSError, ValueError, KeyError) as error:
                        print("Dropped:", error)
                        close(key.data)
    except KeyboardInterrupt:
        print("Stopped")
    finally:
        sel.close()
        server.close()


main()
