"""What goes over a socket: sending, receiving, messages with control data, files."""

SETUP = "a, b = socket.socketpair()\na.settimeout(0.05)\n"
DATAGRAMS = """a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
a.bind(('127.0.0.1', 0))
b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
b.bind(('127.0.0.1', 0))
a.settimeout(0.05)
"""

# Sizes that are none, in every place where there is one; {} is where it stands.
RECEIVING = [
    "recv({})", "recv(1, {})", "recv_into(bytearray(4), {})", "recv_into(bytearray(4), 4, {})",
    "recvfrom({})", "recvfrom(1, {})", "recvfrom_into(bytearray(4), {})",
    "recvfrom_into(bytearray(4), 4, {})", "recvmsg({})", "recvmsg(1, {})", "recvmsg(1, 0, {})",
    "recvmsg_into([bytearray(4)], {})", "recvmsg_into([bytearray(4)], 0, {})",
]
BUFFERS = ["recv_into({})", "recvfrom_into({})", "recvmsg_into({})", "recvmsg_into([{}])"]
SENDING = ["send({})", "sendall({})", "sendmsg({})", "sendmsg([{}])", "sendto({}, 'x')"]
FLAGS = ["send(b'x', {})", "sendall(b'x', {})", "sendmsg([b'x'], [], {})", "sendto(b'x', {}, 'x')"]
NO_SIZES = ["-1", "2**50", "2**63", "2**64", "-2**63 - 1", "1.5", "float('nan')", "'x'", "None", "[1]"]
NO_FLAGS = ["2**31", "-2**31 - 1", "1.5", "float('nan')", "'x'", "None"]
NO_BYTES = ["'x'", "5", "None", "1.5", "[1]", "['x']", "{}"]


def programs():
    yield from PROGRAMS.split("\n\n")
    for call in RECEIVING:
        is_flag = not call.startswith(("recv({", "recvfrom({", "recvmsg({", "recvmsg(1, {}")) and (
            "4, {}" in call or "1, {}" in call or "0, {}" in call)
        calls = "\n".join(f"a.{call.format(one)}" for one in (NO_FLAGS if is_flag else NO_SIZES))
        yield f"# {call.format('...')}: what is no {'flag' if is_flag else 'size'}\n{SETUP}{calls}"
    for call in BUFFERS:
        calls = "\n".join(f"a.{call.format(one)}" for one in NO_BYTES)
        yield f"# {call.format('...')}: what is no memory to write to\n{SETUP}{calls}"
    for call in SENDING:
        calls = "\n".join(f"a.{call.format(one)}" for one in NO_BYTES)
        yield f"# {call.format('...')}: what is no bytes\n{SETUP}{calls}"
    for call in FLAGS:
        calls = "\n".join(f"a.{call.format(one)}" for one in NO_FLAGS)
        yield f"# {call.format('...')}: what is no flag\n{SETUP}{calls}"


PROGRAMS = f"""
# bytes go to and fro
{SETUP}a.send(b'hello')
b.recv(2)
b.recv(100)
a.sendall(bytearray(b'abc'))
b.recv(100)
a.send(memoryview(b'abcdef')[2:4])
b.recv(100)
a.send(b'')
a.sendall(b'')
a.recv(0)
a.recv(1)
b.setblocking(False)
b.recv(1)
b.recv_into(bytearray(1))
b.recvfrom(1)
b.recvmsg(1)
b.send(b'x' * 100)
a.recv(1000, socket.MSG_PEEK)
a.recv(50)
a.recv(1000, socket.MSG_DONTWAIT)
a.recv(1000, socket.MSG_DONTWAIT)
b.close()
a.recv(1)
a.recv(1)
a.send(b'x')
a.sendall(b'x')
a.sendmsg([b'x'])

# into memory of one's own
{SETUP}m = bytearray(b'........')
b.send(b'abcdef')
a.recv_into(m, 3)
m
a.recv_into(memoryview(m)[5:])
m
a.recv_into(m, 0)
b.send(b'xy')
a.recv_into(m, nbytes=1)
a.recv_into(m, 9)
a.recv_into(m, flags=socket.MSG_DONTWAIT)
m
a.recv_into(bytearray(0))
a.recv_into(b'')  # differs: no memory is read-only => ["value","0"]
a.recvfrom_into(m, 9)
b.send(b'12')
a.recvfrom_into(m)
a.recvfrom_into(bytearray(0))
m
a.recv_into()  # differs: arguments are not counted => TypeError
a.recv()  # differs: arguments are not counted => TypeError

# datagrams
{DATAGRAMS}a.sendto(b'one', b.getsockname())
b.recvfrom(100) == (b'one', a.getsockname())
a.sendto(b'two', 0, b.getsockname())
b.recvfrom(1)[0]
b.settimeout(0)
b.recvfrom(1)
a.sendto(b'three', b.getsockname())
b.recv(2, socket.MSG_TRUNC)  # differs: CPython returns memory that nobody has written => ["value","b'th'"]
a.sendto(b'four!', b.getsockname())
m = bytearray(2)
b.recv_into(m, 0, socket.MSG_TRUNC)
m
a.sendto(b'', b.getsockname())
b.recvfrom(10)[0]
a.sendto(b'x')
a.sendto(b'x', 0, b.getsockname(), 0)
a.sendto(b'x', 'flags', b.getsockname())
a.sendto(b'x', ('127.0.0.1', 70000))
a.sendto(b'x', ('127.0.0.1', -1))
a.sendto(b'x', ('127.0.0.1', 'http'))
a.sendto(b'x', None)
a.sendto(b'x', 0, None)
a.sendto(b'x', ('127.0.0.1',))
a.sendto(b'x' * 70000, b.getsockname())
a.send(b'x')
a.sendto(b'x', ('255.255.255.255', 9))
a.connect(b.getsockname())
a.send(b'five')
b.recv(10)
a.getpeername() == b.getsockname()
a.recv(1)
a.recvfrom(1)
a.recvmsg(1)
a.recvfrom_into(bytearray(1))

# messages of several pieces
{SETUP}a.sendmsg([b'one', bytearray(b'two'), memoryview(b'three')])
b.recv(100)
a.sendmsg([])
a.sendmsg([b'x'], [])
a.sendmsg((b'y', b'z'))
b.recvmsg(2)
m = bytearray(1)
b.recvmsg_into([m])
m
a.send(b'abcdef')
n = bytearray(2)
o = bytearray(3)
b.recvmsg_into([n, memoryview(o)[1:]], 0)
n
o
b.recvmsg(100)
a.sendmsg([b'x'], [(1, 2)])
a.sendmsg([b'x'], [(1, 2, 'x')])
a.sendmsg([b'x'], [(1, 'x', b'')])
a.sendmsg([b'x'], ['abc'])  # differs: a text is no sequence => TypeError
a.sendmsg([b'x'], 5)
a.sendmsg([b'x'], [5])
a.sendmsg([b'x'], [], 0, 5)
a.sendmsg([b'x'], [], 0, None)
a.sendmsg(5)
a.sendmsg('x')
a.recvmsg(1, -1)
a.recvmsg(1, 2**31)
a.recvmsg_into(5)

# control data
{SETUP}a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, pack('i', b.fileno()))])
data, control, flags, address = b.recvmsg(10, socket.CMSG_SPACE(4))
data
len(control)
control[0][:2]
len(control[0][2])
flags
address
a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, pack('ii', 0, 1))])
b.recvmsg(10, socket.CMSG_LEN(4))[2] == socket.MSG_CTRUNC
a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, pack('i', 0))])
b.recvmsg(10)
a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, pack('i', 9999))])
a.sendmsg([b'x'], [(socket.SOL_SOCKET, 9999, b'')])
b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
a.send(b'cred')
b.recvmsg(10, socket.CMSG_SPACE(12))[1][0][:2] == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS)
socket.CMSG_LEN(0)
socket.CMSG_LEN(4)
socket.CMSG_SPACE(0)
socket.CMSG_SPACE(1)
socket.CMSG_SPACE(4)
socket.CMSG_LEN(-1)
socket.CMSG_LEN(2**31 - 1)
socket.CMSG_SPACE(-1)
socket.CMSG_SPACE(2**31 - 1)
socket.CMSG_SPACE(2**63)
socket.CMSG_LEN('x')
socket.CMSG_LEN(1.5)
socket.CMSG_SPACE(None)

# descriptors
{SETUP}socket.send_fds(a, [b'x'], [0, 1])
data, fds, flags, address = socket.recv_fds(b, 10, 5)
data
len(fds)
flags
address
[socket.close(fd) for fd in fds]
socket.send_fds(a, [b'x'], [9999])
socket.send_fds(a, [b'x'], ['x'])
socket.send_fds(a, [b'x'], 5)
socket.recv_fds(a, -1, 1)
socket.recv_fds(a, 1, -1)

# the sides of a connection
{SETUP}a.shutdown(socket.SHUT_WR)
b.recv(1)
a.send(b'x')
b.send(b'x')
a.recv(1)
a.shutdown(socket.SHUT_RD)
a.recv(1)
a.shutdown(99)
a.shutdown('x')
a.shutdown(-1)
a.shutdown(2**31)
a.shutdown(1.5)
a.shutdown(None)
s = socket.socket()
s.shutdown(socket.SHUT_RDWR)
s.accept()
s.recv(1)
s.send(b'x')
s.getpeername()
s.getsockname()

# a socket that waits so long and no longer
{SETUP}elapsed(lambda: a.gettimeout(), 0, 1)
a.recv(1)
a.recv(100000)
a.recv_into(bytearray(1))
a.recvfrom(1)
a.recvfrom_into(bytearray(1))
a.recvmsg(1)
a.recvmsg_into([bytearray(1)])
a.sendall(b'x' * 10000000)
a.setblocking(False)
a.sendall(b'x' * 10000000)
a.send(b'x')
a.sendmsg([b'x'])

# files
write_file(folder + '/file', b'0123456789' * 1000)
{SETUP}a.setblocking(True)
f = open(folder + '/file', 'rb')
a.sendfile(f)
len(b.recv(20000))
f.tell()
a.sendfile(f, 9990)
b.recv(20000)
a.sendfile(f, 0, 3)
b.recv(20000)
f.tell()
a.sendfile(f, offset=5, count=2)
b.recv(20000)
a.sendfile(f, 10000)
a.sendfile(f, 20000)
a.sendfile(f, 0, 0)
a.sendfile(f, 0, -1)
a.sendfile(f, 0, 1.5)
a.sendfile(f, 0, 'x')
a.setblocking(False)
a.sendfile(f)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.sendfile(f)
""".strip()
