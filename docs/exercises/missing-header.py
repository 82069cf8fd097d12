"""What does the tutorial's server do with a header that lacks a name?"""

import json
import pathlib
import selectors
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts"))
import libserver

left, right = socket.socketpair()
with left, right, selectors.DefaultSelector() as sel:
    message = libserver.Message(sel, right, ("127.0.0.1", 0))
    sel.register(right, selectors.EVENT_READ, data=message)
    header = json.dumps({"byteorder": "little", "content-type": "text/json"}).encode("utf-8")
    left.sendall(struct.pack(">H", len(header)) + header)
    for key, mask in sel.select():
        try:
            key.data.process_events(mask)
        except ValueError as e:
            print(f"ValueError: {e}")
            key.data.close()
