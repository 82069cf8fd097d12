"""Makes calls while strace(1) injects faults into them: the same as faults.ts, in Python."""

import json
import os
import re
import select
import selectors
import socket
import sys
from selectors import EVENT_READ, EVENT_WRITE

TIMES = 12
LISTENER = socket.create_server(("127.0.0.1", 0))
ADDRESS = LISTENER.getsockname()
FILE = open(__file__, "rb")

left, right = socket.socketpair()
maps_are_right = True


def close(*socks):
    for sock in socks:
        sock.close()


def accept(timeout):
    with socket.socket() as client:
        LISTENER.settimeout(timeout)
        client.connect(ADDRESS)
        conn, _ = LISTENER.accept()
        blocks = conn.getblocking()
        conn.close()
        return int(blocks)


def empty():
    LISTENER.settimeout(0)
    try:
        close(LISTENER.accept()[0])
    except BlockingIOError:
        pass


def check(sel):
    global maps_are_right
    with open(f"/proc/self/fdinfo/{sel.fileno()}") as file:
        info = file.read()
    watched = [
        f"{fd}:{int(mask, 16) & 5}"
        for fd, mask in re.findall(r"^tfd:\s*(\d+) events:\s*([\da-f]+)", info, re.M)
    ]
    asked = [
        f"{key.fd}:{(select.EPOLLIN if key.events & EVENT_READ else 0) | (select.EPOLLOUT if key.events & EVENT_WRITE else 0)}"
        for key in sel.get_map().values()
    ]
    if sorted(watched) != sorted(asked):
        maps_are_right = False


def with_epoll(act):
    sel = selectors.EpollSelector()
    try:
        return act(sel)
    finally:
        check(sel)
        sel.close()


def waiting(sel):
    sel.register(left, EVENT_READ | EVENT_WRITE)
    count = len(sel.select(0.01))
    sel.close()
    return count


def bind():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))


def listen():
    with socket.socket() as sock:
        sock.listen()


def create_connection():
    close(socket.create_connection(ADDRESS))
    empty()


def connect():
    with socket.socket() as sock:
        sock.connect(ADDRESS)
        empty()


def connect_ex():
    with socket.socket() as sock:
        result = sock.connect_ex(ADDRESS)
        empty()
        return result


def setblocking():
    left.setblocking(False)
    return left.getblocking()


def settimeout():
    left.settimeout(5)
    return left.gettimeout()


def send_with_timeout():
    left.settimeout(5)
    return left.send(b"data")


def recv(receive):
    right.send(b"data")
    return receive()


def recv_with_timeout():
    left.settimeout(5)
    right.send(b"data")
    return len(left.recv(10))


def register(sel):
    sel.register(left, EVENT_READ)
    sel.register(right, EVENT_WRITE)


def modify(sel):
    sel.register(left, EVENT_READ)
    sel.modify(left, EVENT_READ | EVENT_WRITE)


def unregister(sel):
    sel.register(left, EVENT_READ)
    sel.unregister(left)


scenarios = {
    "socket": lambda: close(socket.socket()),
    "socketpair": lambda: close(*socket.socketpair()),
    "bind": bind,
    "listen": listen,
    "create_server": lambda: close(socket.create_server(("127.0.0.1", 0))),
    "create_connection": create_connection,
    "accept": lambda: accept(None),
    "accept_with_timeout": lambda: accept(5),
    "connect": connect,
    "connect_ex": connect_ex,
    "getsockname": lambda: LISTENER.getsockname()[0],
    "getpeername": lambda: left.getpeername(),
    "getsockopt": lambda: left.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE),
    "setsockopt": lambda: left.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1),
    "setblocking": setblocking,
    "settimeout": settimeout,
    "dup": lambda: close(left.dup()),
    "set_inheritable": lambda: left.set_inheritable(True),
    "shutdown": lambda: left.shutdown(socket.SHUT_WR),
    "close": lambda: close(left),
    "send": lambda: left.send(b"data"),
    "send_with_timeout": send_with_timeout,
    "sendall": lambda: left.sendall(b"data"),
    "sendmsg": lambda: left.sendmsg([b"da", b"ta"]),
    "sendfile": lambda: left.sendfile(FILE, 0, 100),
    "recv": lambda: recv(lambda: len(left.recv(10))),
    "recv_with_timeout": recv_with_timeout,
    "recv_into": lambda: recv(lambda: left.recv_into(bytearray(10))),
    "recvmsg": lambda: recv(lambda: len(left.recvmsg(10)[0])),
    "epoll": lambda: with_epoll(lambda sel: 0),
    "register": lambda: with_epoll(register),
    "modify": lambda: with_epoll(modify),
    "unregister": lambda: with_epoll(unregister),
    "epoll_select": lambda: waiting(selectors.EpollSelector()),
    "poll_select": lambda: waiting(selectors.PollSelector()),
    "select_select": lambda: waiting(selectors.SelectSelector()),
    "select": lambda: len(select.select([left], [left], [], 0.01)[1]),
}


def attempt(scenario):
    global left, right
    try:
        left, right = socket.socketpair()
        return scenario()
    except Exception as error:
        return [type(error).__name__, str(error)]
    finally:
        for sock in (left, right):
            try:
                sock.close()
            except OSError:
                # The fault that is injected.
                pass


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def next_line():
    return os.read(0, 100).decode().strip()


close(left, right)
os.write(1, b"ready\n")
while (name := next_line()) != "":
    maps_are_right = True
    before = descriptors()
    outcomes = [attempt(scenarios[name]) for _ in range(TIMES)]
    result = {"outcomes": outcomes, "maps_are_right": maps_are_right, "left": descriptors() - before}
    os.write(1, f"{json.dumps(result)}\n".encode())
