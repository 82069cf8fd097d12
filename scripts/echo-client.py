"""Sends one message to the echo server and prints what comes back.

Usage: python3 scripts/echo-client.py
"""

import socket

HOST = "127.0.0.1"  # Where the server is
PORT = 65432  # What it listens on

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.connect((HOST, PORT))
    s.sendall(b"Hello, world")
    data = s.recv(1024)

print(f"Received {data!r}")
