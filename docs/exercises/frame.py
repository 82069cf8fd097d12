"""What does a whole message look like, byte by byte?"""

import json
import struct

content = "套接字".encode("utf-8")
header = json.dumps({"content-length": len(content)}, ensure_ascii=False).encode("utf-8")
message = struct.pack(">H", len(header)) + header + content
print(message[:2])
print(message[2 : 2 + len(header)])
print(message[2 + len(header) :])
