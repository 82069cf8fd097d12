"""Two connections to one port of one server: what tells them apart?"""

import socket

with socket.socket() as server:
    server.bind(("127.0.0.1", 0))
    server.listen()
    addr = server.getsockname()
    with socket.create_connection(addr) as one, socket.create_connection(addr) as two:
        print(f"same remote address: {one.getpeername() == two.getpeername()}")
        print(f"same local host: {one.getsockname()[0] == two.getsockname()[0]}")
        print(f"same local port: {one.getsockname()[1] == two.getsockname()[1]}")
        conn, client = server.accept()
        with conn:
            print(f"the server keeps its port: {conn.getsockname() == addr}")
            print(f"accept tells who it is: {client == one.getsockname()}")
