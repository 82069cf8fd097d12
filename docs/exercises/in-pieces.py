"""A message arrives byte by byte: when is each of its parts complete?"""

import json
import struct

header = json.dumps({"content-length": 5}).encode("utf-8")
message = struct.pack(">H", len(header)) + header + b"Hello"

buffer = b""
header_length = None
content_length = None
for count, byte in enumerate(message, start=1):
    buffer += bytes([byte])
    if header_length is None:
        if len(buffer) >= 2:
            header_length = struct.unpack(">H", buffer[:2])[0]
            buffer = buffer[2:]
            print(f"{count} bytes: the header has {header_length}")
    elif content_length is None:
        if len(buffer) >= header_length:
            content_length = json.loads(buffer[:header_length])["content-length"]
            buffer = buffer[header_length:]
            print(f"{count} bytes: the content has {content_length}")
    elif len(buffer) >= content_length:
        print(f"{count} bytes: {buffer[:content_length]}")
