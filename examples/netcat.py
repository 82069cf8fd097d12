"""Sends standard input, prints what comes: netcat.py HOST PORT, or netcat.py -l PORT"""
import select
import socket
import sys


def connect():
    if sys.argv[1] == "-l":
        with socket.create_server(("127.0.0.1", int(sys.argv[2]))) as server:
            sock, _ = server.accept()
            return sock
    return socket.create_connection((sys.argv[1], int(sys.argv[2])))


def main():
    with connect() as sock:
        readers = [sock, sys.stdin]
        while readers:
            for ready in select.select(readers, [], [])[0]:
                if ready is sock:
                    data = sock.recv(65536)
                    sys.stdout.buffer.write(data)
                    sys.stdout.buffer.flush()
                else:
                    data = sys.stdin.buffer.read1(65536)
                    if data:
                        sock.sendall(data)
                    else:
                        sock.shutdown(socket.SHUT_WR)
                if not data:
                    readers.remove(ready)


try:
    main()
except OSError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
except KeyboardInterrupt:
    sys.exit(130)
