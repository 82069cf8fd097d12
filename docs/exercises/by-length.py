"""How is a message of a known length read, however it arrives?"""

import socket


def recv_exactly(sock, n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise RuntimeError(f"The peer closed after {len(data)} of {n} bytes")
        data += more
    return data


left, right = socket.socketpair()
with left, right:
    left.sendall(b"Hello")
    left.sendall(b", worldBye")
    left.close()
    print(recv_exactly(right, 12))
    try:
        recv_exactly(right, 4)
    except RuntimeError as e:
        print(e)
