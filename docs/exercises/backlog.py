"""May a client send before the server has called accept?"""

import socket

with socket.socket() as server, socket.socket() as client:
    server.bind(("127.0.0.1", 0))
    server.listen()
    client.connect(server.getsockname())
    client.sendall(b"Hello, world")
    client.close()
    print("The client has sent and gone")
    conn, addr = server.accept()
    with conn:
        print(f"accepted: {conn.recv(1024)}")
