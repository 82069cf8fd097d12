"""Serves small files by TFTP (RFC 1350): tftp-server.py PORT, then curl tftp://127.0.0.1:PORT/hello"""
import selectors
import socket
import struct
import sys

READ, DATA, ACK, ERROR = 1, 3, 4, 5
FILES = {"hello": b"Hello, world\n", "blocks": bytes(range(256)) * 6}
SIZE = 512
sel = selectors.DefaultSelector()


class Transfer:
    """One file on its way; it has a socket, and so a port, of its own."""

    def __init__(self, name, address):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.connect(address)
        self.sock.setblocking(False)
        self.name = name
        self.block = 1
        sel.register(self.sock, selectors.EVENT_READ, self)

    def send(self):
        offset = (self.block - 1) * SIZE
        self.last = FILES[self.name][offset : offset + SIZE]
        self.sock.send(struct.pack("!HH", DATA, self.block) + self.last)

    def receive(self):
        code, block = struct.unpack_from("!HH", self.sock.recv(1024))
        if code != ACK:
            print("Client:", "error", block)
            return self.close()
        if block != self.block:
            return
        if len(self.last) < SIZE:
            print("Sent", self.name, "in", self.block, "blocks")
            return self.close()
        self.block += 1
        self.send()

    def close(self):
        sel.unregister(self.sock)
        self.sock.close()


def refuse(sock, address, text):
    sock.sendto(struct.pack("!HH", ERROR, 1) + text.encode() + b"\0", address)


def begin(sock):
    message, address = sock.recvfrom(1024)
    (code,) = struct.unpack_from("!H", message)
    name = message[2:].split(b"\0")[0].decode()
    if code != READ:
        refuse(sock, address, "only reading is served")
    elif name not in FILES:
        print("There is no", name)
        refuse(sock, address, "there is no " + name)
    else:
        Transfer(name, address).send()


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", int(sys.argv[1])))
    sel.register(sock, selectors.EVENT_READ, None)
    print("Listening on", sock.getsockname())
    try:
        while True:
            for key, _ in sel.select():
                try:
                    begin(sock) if key.data is None else key.data.receive()
                except (struct.error, OSError) as error:
                    print("Ignored:", error)
    except KeyboardInterrupt:
        print("Stopped with", len(sel.get_map()) - 1, "transfers")
    finally:
        sel.close()
        sock.close()


main()
