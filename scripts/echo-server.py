"""Accepts one connection and sends everything that arrives back to where it came from.

Usage: python3 scripts/echo-server.py
"""

import socket

HOST = "127.0.0.1"  # The loopback interface: nobody outside this machine gets in
PORT = 65432  # Ports above 1023 need no privileges

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.bind((HOST, PORT))
    s.listen()
    conn, addr = s.accept()
    with conn:
        print(f"Connected by {addr}")
        while True:
            data = conn.recv(1024)
            if not data:
                break
            conn.sendall(data)
