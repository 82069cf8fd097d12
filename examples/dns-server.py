"""A name server for one zone: dns-server.py PORT, then dig -p PORT @127.0.0.1 www.example.test"""
import socket
import struct
import sys

A, TXT, AAAA, IN = 1, 16, 28, 1
ZONE = {
    "example.test": {A: [socket.inet_aton("192.0.2.1")], TXT: [b"\x05hello"]},
    "www.example.test": {
        A: [socket.inet_aton("192.0.2.2"), socket.inet_aton("192.0.2.3")],
        AAAA: [socket.inet_pton(socket.AF_INET6, "2001:db8::2")],
    },
}


def read_name(message, offset):
    labels = []
    while (size := message[offset]) != 0:
        if size > 63:
            raise ValueError("compressed names are not for questions")
        labels.append(message[offset + 1 : offset + 1 + size].decode("ascii").lower())
        offset += 1 + size
    return ".".join(labels), offset + 1


def answer(message):
    ident, flags, count, _, _, _ = struct.unpack_from("!6H", message)
    if flags & 0x8000 or count != 1:
        raise ValueError("not a question")
    name, offset = read_name(message, 12)
    kind, group = struct.unpack_from("!HH", message, offset)
    question = message[12 : offset + 4]
    records = ZONE.get(name, {}).get(kind, []) if group == IN else []
    code = 0 if name in ZONE else 3
    print(name, kind, "NXDOMAIN" if code else f"{len(records)} records")
    head = struct.pack("!6H", ident, 0x8400 | (flags & 0x0100) | code, 1, len(records), 0, 0)
    # Each record begins with a pointer to the question's name.
    body = [struct.pack("!HHHIH", 0xC00C, kind, IN, 60, len(data)) + data for data in records]
    return head + question + b"".join(body)


def main():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", int(sys.argv[1])))
        print("Listening on", sock.getsockname())
        try:
            while True:
                message, address = sock.recvfrom(512)
                try:
                    sock.sendto(answer(message), address)
                except (ValueError, IndexError, struct.error) as error:
                    print("Ignored:", error)
        except KeyboardInterrupt:
            print("Stopped")


main()
