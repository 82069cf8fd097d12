"""Step 1 to a loop of one's own: what is registered with a socket is what to call.

Usage: python3 scripts/loop/callbacks.py <host> <port>
"""

import selectors
import socket
import sys

sel = selectors.DefaultSelector()


def accept(lsock):
    conn, addr = lsock.accept()
    print(f"Accepted connection from {addr}")
    conn.setblocking(False)
    sel.register(conn, selectors.EVENT_READ, lambda conn: echo(conn, addr))


def echo(conn, addr):
    data = conn.recv(65536)
    if data:
        print(f"Echoing {data!r} to {addr}")
        # Raises BlockingIOError for a client that does not read: step 2 waits for it instead.
        conn.sendall(data)
    else:
        print(f"Closing connection to {addr}")
        sel.unregister(conn)
        conn.close()


if len(sys.argv) != 3:
    print(f"Usage: {sys.argv[0]} <host> <port>")
    sys.exit(1)

host, port = sys.argv[1], int(sys.argv[2])
lsock = socket.create_server((host, port))
print(f"Listening on {(host, port)}")
lsock.setblocking(False)
sel.register(lsock, selectors.EVENT_READ, accept)

try:
    # The whole loop. It knows nothing of what the program does.
    while True:
        for key, _ in sel.select():
            callback = key.data
            callback(key.fileobj)
except KeyboardInterrupt:
    print("Caught keyboard interrupt, exiting.")
finally:
    sel.close()
