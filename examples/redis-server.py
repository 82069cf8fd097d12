"""A key-value store that speaks Redis's protocol: redis-server.py PORT, then redis-cli -p PORT"""
import selectors
import socket
import sys

sel = selectors.DefaultSelector()
store = {}


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.inb = b""
        self.outb = b""


def parse(inb):
    """The first command, a list of bytes, and what is behind it; None if it is not whole."""
    if not inb.startswith(b"*"):
        line, end, rest = inb.partition(b"\r\n")
        return (line.split(), rest) if end else None
    head, end, rest = inb.partition(b"\r\n")
    if not end:
        return None
    words = []
    for _ in range(int(head[1:])):
        size, end, rest = rest.partition(b"\r\n")
        if not end or len(rest) < int(size[1:]) + 2:
            return None
        words.append(rest[: int(size[1:])])
        rest = rest[int(size[1:]) + 2 :]
    return words, rest


def integer(n):
    return b":%d\r\n" % n


def bulk(value):
    return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)


def execute(words):
    match [words[0].upper(), *words[1:]]:
        case [b"PING"]:
            return b"+PONG\r\n"
        case [b"ECHO", text]:
            return bulk(text)
        case [b"SET", key, value]:
            store[key] = value
            return b"+OK\r\n"
        case [b"GET", key]:
            return bulk(store.get(key))
        case [b"INCR", key]:
            try:
                store[key] = b"%d" % (int(store.get(key, b"0")) + 1)
            except ValueError:
                return b"-ERR value is not an integer or out of range\r\n"
            return integer(int(store[key]))
        case [b"DEL", *keys]:
            return integer(sum(store.pop(key, None) is not None for key in keys))
        case [b"KEYS", b"*"]:
            return b"*%d\r\n" % len(store) + b"".join(bulk(key) for key in sorted(store))
    return b"-ERR unknown command '%s'\r\n" % words[0]


def drop(client):
    sel.unregister(client.sock)
    client.sock.close()


def serve(client, mask):
    if mask & selectors.EVENT_READ:
        data = client.sock.recv(65536)
        if not data:
            return drop(client)
        client.inb += data
        while (parsed := parse(client.inb)) is not None:
            words, client.inb = parsed
            if words:
                client.outb += execute(words)
    if client.outb:
        sent = client.sock.send(client.outb)
        client.outb = client.outb[sent:]
    events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.outb else 0)
    sel.modify(client.sock, events, client)


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
                    sel.register(sock, selectors.EVENT_READ, Client(sock))
                    continue
                try:
                    serve(key.data, mask)
                except (ConnectionError, ValueError) as error:
                    print("Dropped:", error)
                    drop(key.data)
    except KeyboardInterrupt:
        print("Stopped with", len(store), "keys")
    finally:
        sel.close()
        server.close()


main()
