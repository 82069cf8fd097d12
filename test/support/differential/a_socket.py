"""The socket as an object: how it is made, what it says of itself, how long it waits, its end."""

# Every method, in a call that is right as far as it goes.
METHODS = [
    "accept()", "bind(('127.0.0.1', 0))", "close()", "connect(('127.0.0.1', 1))",
    "connect_ex(('127.0.0.1', 1))", "detach()", "dup()", "fileno()", "get_inheritable()",
    "getblocking()", "getpeername()", "getsockname()", "getsockopt(1, 3)", "getsockopt(1, 3, 4)",
    "gettimeout()", "listen()", "listen(1)", "makefile('rb')", "recv(1)", "recv(0)", "recv(65536)",
    "recv_into(bytearray(1))", "recvfrom(1)", "recvfrom_into(bytearray(1))", "recvmsg(1)",
    "recvmsg_into([bytearray(1)])", "send(b'x')", "sendall(b'x')", "sendmsg([b'x'])",
    "sendto(b'x', ('127.0.0.1', 9))", "set_inheritable(True)", "setblocking(False)",
    "setsockopt(1, 2, 1)", "settimeout(1)", "shutdown(2)",
]


def programs():
    yield from PROGRAMS.split("\n\n")
    for method in METHODS:
        yield f"# {method} of a closed socket\ns = socket.socket()\ns.close()\ns.{method}"
    for method in METHODS:
        name, arguments = method.split("(", 1)
        borrowed = f"socket.socket.{name}(" + (", " if arguments != ")" else "").join(["5", arguments])
        yield f"# borrowed: {method}  # differs: the words are JavaScript's => TypeError\n{borrowed}"


PROGRAMS = """
# the constructor takes what it is given
socket.socket('x')
socket.socket(1.5)
socket.socket(float('nan'))
socket.socket(99)
socket.socket(2**31)
socket.socket(-2)
socket.socket(socket.AF_INET, 99)
socket.socket(socket.AF_INET, 'x')
socket.socket(socket.AF_INET, socket.SOCK_STREAM, 17)
socket.socket(socket.AF_INET, socket.SOCK_STREAM, 'x')
socket.socket(fileno=-1)
socket.socket(fileno='x')
socket.socket(fileno=1.5)
socket.socket(fileno=9999)
socket.socket(fileno=2**31)  # differs: no number is cut to 32 bits => ["OverflowError","Python int too large to convert to C int",null]
socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, 9999)
socket.socket(socket.AF_UNIX, -1, -1).type
socket.socket(-1).family
socket.socket(family=socket.AF_UNIX, type=socket.SOCK_DGRAM).type

# what a socket is
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
s.family
s.type
s.proto
s.timeout
s.gettimeout()
s.getblocking()
s.get_inheritable()
s.fileno() > 2
s
s.close()
s
s.fileno()

# a socket prints its addresses
l = socket.socket()
l.bind(('127.0.0.1', 0))
l.getsockname()[0]
l.listen()
c = socket.create_connection(l.getsockname())
c.getpeername() == l.getsockname()
c.close()
c
u = socket.socket(socket.AF_UNIX)
u
socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

# a descriptor says what it is
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
d = socket.socket(fileno=u.detach())
d.family
d.type
d.proto
e = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, d.detach())
e.family
e.type
u
u.close()
u.detach()

# detach gives the descriptor away
s = socket.socket()
fd = s.detach()
s.fileno()
s.detach()
s.recv(1)
s.close()
s
t = socket.socket(fileno=fd)
t.fileno() == fd

# timeouts that are none
s = socket.socket()
s.settimeout(-1)
s.settimeout(-1e-10)
s.settimeout(float('nan'))
s.settimeout(float('inf'))
s.settimeout(float('-inf'))
s.settimeout(1e30)
s.settimeout(9223372036.9)
s.settimeout(10**20)  # since 3.13
s.settimeout('1')
s.settimeout(b'1')
s.settimeout([1])
s.settimeout({})
s.settimeout(())
s.gettimeout()

# timeouts as they are kept
s = socket.socket()
s.settimeout(1.5)
s.gettimeout()
s.timeout
s.getblocking()
s.settimeout(0)
s.gettimeout()
s.getblocking()
s.settimeout(None)
s.gettimeout()
s.getblocking()
s.settimeout(True)
s.gettimeout()
s.setblocking(False)
s.gettimeout()
s.setblocking(True)
s.gettimeout()
s.setblocking(0)
s.gettimeout()
s.setblocking(5)
s.gettimeout()
s.settimeout(1e-10)
s.gettimeout()
s.settimeout(2.0000000001)
s.gettimeout()
s.settimeout(9223372036)
s.gettimeout()
s.setblocking('x')  # since 3.13
s.setblocking(None)  # since 3.13
s.setblocking(1.5)  # since 3.13
s.setblocking(2**31)

# the default timeout
socket.getdefaulttimeout()
socket.setdefaulttimeout(-1)
socket.setdefaulttimeout('x')
socket.setdefaulttimeout(float('nan'))
socket.setdefaulttimeout(1e30)
socket.getdefaulttimeout()
socket.setdefaulttimeout(2.5)
socket.getdefaulttimeout()
s = socket.socket()
s.gettimeout()
a, b = socket.socketpair()
a.gettimeout()
f = socket.fromfd(a.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)
f.gettimeout()
socket.setdefaulttimeout(0)
t = socket.socket()
t.gettimeout()
t.getblocking()
socket.setdefaulttimeout(None)
socket.getdefaulttimeout()
socket.socket().gettimeout()

# what accept returns blocks, whatever the listener does
l = socket.socket()
l.bind(('127.0.0.1', 0))
l.listen()
l.settimeout(5)
c = socket.create_connection(l.getsockname())
a, address = l.accept()
a.gettimeout()
a.getblocking()
address == c.getsockname()
l.setblocking(False)
l.accept()
d = socket.create_connection(l.getsockname())
select.select([l], [], [], 5)[0] == [l]
b, address = l.accept()
b.getblocking()
b.type
b.get_inheritable()

# dup shares the file, not the timeout
a, b = socket.socketpair()
a.settimeout(7)
d = a.dup()
d.gettimeout()
d.fileno() != a.fileno()
d.get_inheritable()
d.settimeout(None)
a.gettimeout()
a.close()
b.send(b'still')
d.recv(10)
d.family == b.family
d.type == b.type

# the end of a socket
s = socket.socket()
s.close()
s.close()
s.fileno()
with socket.socket() as t: t.listen()
t.fileno()
t.__exit__()  # differs: `using` has no method of its own => ["AttributeError","no attribute '__exit__'",null]
a, b = socket.socketpair()
socket.close(a.fileno())
a.close()
a.close()

# a socket is inherited only when told to be
s = socket.socket()
s.get_inheritable()
s.set_inheritable(True)
s.get_inheritable()
s.set_inheritable(0)
s.get_inheritable()
s.set_inheritable('x')
s.set_inheritable(1.5)
s.set_inheritable(None)

# options
s = socket.socket()
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 4)
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 2)
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 1024)
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 0)
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, -1)
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 1025)
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 'x')
s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 1.5)
s.getsockopt(socket.SOL_SOCKET, 9999)
s.getsockopt('x', 1)
s.getsockopt(1, None)
s.getsockopt(2**31, 1)
s.getsockopt(99, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, False)
s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, pack('i', 1))
s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack('ii', 1, 5))
s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'')
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytearray(8))
s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
s.setsockopt(1, 2, 'x')
s.setsockopt(1, 2, 1.5)
s.setsockopt(1, 2, 2**31)
s.setsockopt(1, 2, -2**31)
s.setsockopt(1, 2, [1])
s.setsockopt(1, 2, None, 4)
s.setsockopt(1, 2, None, -1)
s.setsockopt(1, 2, None, 2**32)
s.setsockopt(1, 2, None, 'x')  # differs: the argument is named => ["TypeError","'str' object cannot be interpreted as an integer",null]
s.setsockopt('x', 2, 1)
s.setsockopt(1, 2.5, 1)
s.setsockopt(1, 9999, 1)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 3)
u.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL)
u.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('224.0.0.251') + socket.inet_aton('127.0.0.1'))
u.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('224.0.0.251') + socket.inet_aton('127.0.0.1'))
u.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('10.0.0.1') + socket.inet_aton('127.0.0.1'))

# listening
s = socket.socket()
s.listen('x')
s.listen(1.5)
s.listen(2**31)
s.listen(None)
s.listen(-1)
s.listen(0)
s.listen()
s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.listen()
u.listen(5)

# a class of one's own
s = MySocket()
s
isinstance(s, socket.socket)
d = s.dup()
type(d).__name__
s.bind(('127.0.0.1', 0))
s.listen()
c = socket.create_connection(s.getsockname())
a, address = s.accept()
type(a).__name__
""".strip()
