"""Asks a Redis server: redis-client.py PORT COMMAND [ARGUMENT ...]"""
import socket
import sys


def encode(words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
    return b"".join(parts)


def read_reply(file):
    line = file.readline()
    if not line:
        raise EOFError("the server has closed the connection")
    kind, value = line[:1], line[1:-2]
    if kind == b"+":
        return value.decode()
    if kind == b"-":
        return "(error) " + value.decode()
    if kind == b":":
        return int(value)
    if kind == b"$":
        return None if value == b"-1" else file.read(int(value) + 2)[:-2]
    return [read_reply(file) for _ in range(int(value))]


def main():
    words = [word.encode() for word in sys.argv[2:]]
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as sock:
        with sock.makefile("rb") as file:
            sock.sendall(encode(words))
            print(repr(read_reply(file)))


try:
    main()
except (OSError, EOFError) as error:
    print(error, file=sys.stderr)
    sys.exit(1)
