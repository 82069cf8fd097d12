"""The functions that make sockets, and the files over them."""


def programs():
    yield from PROGRAMS.split("\n\n")


PROGRAMS = r"""
# socketpair
socket.socketpair('x')
socket.socketpair(socket.AF_INET)
socket.socketpair(socket.AF_UNIX, 99)
socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM, 99)
socket.socketpair(1.5)
socket.socketpair(2**31)
a, b = socket.socketpair()
a.family
a.type
a.proto
a.get_inheritable()
a.getsockname()
a.getpeername()
c, d = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
c.type
e, f = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
e.send(b'one') + e.send(b'two')
f.recv(10)
f.recv(10)
g, h = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
g.getblocking()
g.gettimeout()

# descriptors
a, b = socket.socketpair()
f = socket.fromfd(a.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)
f.fileno() != a.fileno()
f.send(b'x')
b.recv(1)
f.get_inheritable()
socket.fromfd(9999, socket.AF_UNIX, socket.SOCK_STREAM)
socket.fromfd(-1, socket.AF_UNIX, socket.SOCK_STREAM)
socket.fromfd('x', socket.AF_UNIX, socket.SOCK_STREAM)
socket.fromfd(a.fileno(), 'x', socket.SOCK_STREAM)
socket.dup(9999)
socket.dup(-1)
socket.dup('x')
socket.dup(1.5)
socket.dup(2**31)  # differs: no number is cut to 32 bits => OverflowError
fd = socket.dup(a.fileno())
socket.close(fd)
socket.close(fd)
socket.close(-1)
socket.close('x')
socket.close(1.5)
socket.close(2**31)  # differs: no number is cut to 32 bits => OverflowError

# create_connection
l = socket.create_server(('127.0.0.1', 0))
c = socket.create_connection(l.getsockname())
c.gettimeout()
d = socket.create_connection(l.getsockname(), 5)
d.gettimeout()
e = socket.create_connection(l.getsockname(), timeout=None)
e.gettimeout()
f = socket.create_connection(('localhost', l.getsockname()[1]), source_address=('127.0.0.1', 0))
f.getpeername() == l.getsockname()
socket.create_connection(l.getsockname(), -1)
socket.create_connection(l.getsockname(), 'x')
socket.create_connection(l.getsockname(), source_address=5)
socket.create_connection(('127.0.0.1', 1))
socket.create_connection(('127.0.0.1', 1), all_errors=True)
socket.create_connection(('no such host', 1))
socket.create_connection(('127.0.0.1', 70000), 0.05)
socket.create_connection(('127.0.0.1', 'x'))

# create_server
l = socket.create_server(('127.0.0.1', 0))
l.family
l.type
l.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0
l.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)
l.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
l.gettimeout()
socket.create_server(('192.0.2.1', 0))
socket.create_server(('127.0.0.1', 70000))
socket.create_server(('127.0.0.1', 0), family=99)
socket.create_server(('127.0.0.1', 0), backlog='x')
socket.create_server(('127.0.0.1', 0), dualstack_ipv6=True)
socket.create_server(5)
socket.create_server(('no such host', 0))
m = socket.create_server(('127.0.0.1', 0), reuse_port=True, backlog=1)
m.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) != 0
n = socket.create_server(m.getsockname(), reuse_port=True)
n.getsockname() == m.getsockname()
o = socket.create_server(('::1', 0), family=socket.AF_INET6)
o.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
p = socket.create_server(('', 0), family=socket.AF_INET6, dualstack_ipv6=True)
p.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
socket.has_dualstack_ipv6()
socket.has_ipv6

# what the names stand for
socket.error is OSError
socket.timeout is TimeoutError
select.error is OSError
socket.SocketType.__name__
socket.SOMAXCONN
socket.SHUT_RDWR
select.PIPE_BUF

# makefile: modes
a, b = socket.socketpair()
a.makefile('x')
a.makefile('rr')
a.makefile('r+')
a.makefile('r', 0)
a.makefile('w', buffering=0)
a.makefile('rb', 0).mode
a.makefile('rb').mode
a.makefile('rwb', 0).mode
a.makefile().mode
a.makefile('w').mode
a.makefile('rb', -1).readable()
a.makefile('rb').writable()
a.makefile('wb').writable()
a.makefile('rb').seekable()
a.makefile('rb').fileno() == a.fileno()
a.makefile('rwb').readable()
a.makefile('r').encoding
a.makefile('r', encoding='latin-1').encoding
a.makefile('r', encoding='no such encoding')
a.makefile('r', newline='x')
a.makefile(5)

# makefile: bytes
a, b = socket.socketpair()
r = a.makefile('rb')
w = b.makefile('wb')
w.write(b'one\ntwo\nthree')
w.flush()
r.readline()
r.peek(1)[:3]
r.read(2)
r.read1(2)
w.write(b'\n\nlast')
w.close()
w.write(b'x')
b.close()
r.readlines()
r.read()
r.readline()
r.close()
r.read()
r.closed
a.recv(1)

# makefile: text
a, b = socket.socketpair()
r = a.makefile('r', encoding='utf-8')
w = b.makefile('w', encoding='utf-8', newline='\r\n')
w.write('caf\u00e9\nsecond\n')
w.write(b'x')
w.flush()
r.readline()
r.read(3)
w.close()
b.close()
r.read()
r.read()
r.write('x')

# makefile: the descriptor lives as long as its files
a, b = socket.socketpair()
f = a.makefile('rb')
a.close()
a.fileno() > 0
a
b.send(b'still there\n')
f.readline()
f.close()
a.fileno()
b.recv(1)

# makefile: timeouts and sockets that do not wait
a, b = socket.socketpair()
a.settimeout(0.02)
f = a.makefile('rb')
f.read(1)
f.read(1)
c, d = socket.socketpair()
c.setblocking(False)
g = c.makefile('rb', 0)
g.read(1)
h = c.makefile('rb')
h.read(1)
w = c.makefile('wb', 0)
w.write(b'x')
""".strip()
