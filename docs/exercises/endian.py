"""The number 258 in two bytes: which comes first?"""

import struct

print(f"big endian, as networks have it: {struct.pack('>H', 258)}")
print(f"little endian, as most CPUs have it: {struct.pack('<H', 258)}")
print(f"read the wrong way round: {struct.unpack('<H', struct.pack('>H', 258))[0]}")
