"""How often does select return for an idle connection that is watched for writing?"""

import selectors
import socket

left, right = socket.socketpair()
with left, right, selectors.DefaultSelector() as sel:
    sel.register(left, selectors.EVENT_READ | selectors.EVENT_WRITE)
    turns = 0
    while turns < 1000 and sel.select(timeout=0.1):
        turns += 1
    print(f"reading and writing: {turns} turns, and nothing has happened")

    sel.modify(left, selectors.EVENT_READ)
    print(f"reading: {sel.select(timeout=0.1)}")

    right.sendall(b"Hello, world")
    [(key, mask)] = sel.select()
    print(f"reading, once something is there: {mask == selectors.EVENT_READ}")
