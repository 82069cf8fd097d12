"""A web server on edge-triggered epoll: http-server.py PORT, then curl http://127.0.0.1:PORT/"""
import select
import socket
import sys

PAGES = {b"/": b"Hello, world\n", b"/large": b"x" * 1_000_000}


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.inb = b""
        self.outb = b""
        # Whether the client says no more, and whether it has been told that this is all.
        self.has_ended = False
        self.is_last = False


def response(head):
    request, *headers = head.split(b"\r\n")
    method, path, version = request.split(b" ")
    body = PAGES.get(path)
    if method not in (b"GET", b"HEAD"):
        status, body = b"405 Method Not Allowed", b""
    elif body is None:
        status, body = b"404 Not Found", b"There is no " + path + b"\n"
    else:
        status = b"200 OK"
    is_last = version == b"HTTP/1.0" or b"connection: close" in [h.lower() for h in headers]
    print(method.decode(), path.decode(), status.decode())
    lines = [b"HTTP/1.1 " + status, b"Content-Length: " + str(len(body)).encode()]
    lines.append(b"Connection: close" if is_last else b"Connection: keep-alive")
    answer = b"\r\n".join(lines) + b"\r\n\r\n"
    return answer if method == b"HEAD" else answer + body, is_last


def accept(server, epoll, connections):
    # An edge says that something has come, not how much: so until there is no more.
    while True:
        try:
            sock, _ = server.accept()
        except BlockingIOError:
            return
        sock.setblocking(False)
        connections[sock.fileno()] = Connection(sock)
        epoll.register(sock, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)


def receive(conn):
    while True:
        try:
            data = conn.sock.recv(65536)
        except BlockingIOError:
            return
        if not data:
            conn.has_ended = True
            return
        conn.inb += data


def serve(conn):
    receive(conn)
    while b"\r\n\r\n" in conn.inb and not conn.is_last:
        head, conn.inb = conn.inb.split(b"\r\n\r\n", 1)
        answer, conn.is_last = response(head)
        conn.outb += answer
    while conn.outb:
        try:
            sent = conn.sock.send(conn.outb)
        except BlockingIOError:
            return
        conn.outb = conn.outb[sent:]


def main():
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    server.setblocking(False)
    epoll = select.epoll()
    epoll.register(server, select.EPOLLIN | select.EPOLLET)
    connections = {}
    print("Listening on", server.getsockname())
    try:
        while True:
            for fd, _ in epoll.poll():
                if fd == server.fileno():
                    accept(server, epoll, connections)
                    continue
                conn = connections[fd]
                try:
                    serve(conn)
                except (ConnectionError, ValueError) as error:
                    print("Dropped:", error)
                    conn.is_last, conn.outb = True, b""
                if (conn.is_last or conn.has_ended) and not conn.outb:
                    del connections[fd]
                    conn.sock.close()
    except KeyboardInterrupt:
        print("Stopped")
    finally:
        epoll.close()
        server.close()


main()
