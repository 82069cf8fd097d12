"""Addresses: what bind, connect and the databases of hosts and services make of them."""

NO_ADDRESSES = [
    "'127.0.0.1'", "None", "80", "b'x'", "('127.0.0.1',)", "('127.0.0.1', 0, 0)", "(None, 0)",
    "(5, 0)", "('a\\0b', 0)", "(b'a\\0b', 0)", "('no such host', 0)", "('127.0.0.1', '80')",
    "('127.0.0.1', 1.5)", "('127.0.0.1', None)", "('127.0.0.1', -1)", "('127.0.0.1', 65536)",
    "('127.0.0.1', 2**31)", "('127.0.0.1', 2**64)", "('127.0.0.1', float('nan'))", "('::1', 0)",
    "('::1', 70000)", "()", "{}", "('\\ud800', 0)", "('x' * 300, 0)", "('1.2.3.4.5', 0)",
    "('no.such.name.invalid', 1)",
]
NO_ADDRESSES_6 = [
    "'::1'", "('::1',)", "('::1', 'x')", "('::1', 65536)", "('::1', 0, -1)", "('::1', 0, 2**20)",
    "('::1', 0, 'x')", "('::1', 0, 0, 'x')", "('::1', 0, 0, 1.5)", "('::1', 0, 0, None)",
    "('::1', 0, 0, 0, 0)", "('127.0.0.1', 0)", "('<broadcast>', 0)", "('255.255.255.255', 0)",
    "('::1', -1)", "('::1', 2**31)", "(None, 0)",
]
NO_PATHS = [
    "('x', 0)", "None", "5", "'\\ud800'", "'a\\udc7f'", "'x' * 108", "b'x' * 108", "bytes(109)",
    "folder + '/none/x'", "1.5", "[]",
]


def programs():
    for method in ["bind", "connect", "connect_ex"]:
        for family, addresses in [
            ("AF_INET", NO_ADDRESSES), ("AF_INET6", NO_ADDRESSES_6), ("AF_UNIX", NO_PATHS),
        ]:
            calls = "\n".join(f"s.{method}({one})" for one in addresses)
            yield f"# {method}, {family}: what is no address\ns = socket.socket(socket.{family})\n{calls}"
    yield from PROGRAMS.split("\n\n")


PROGRAMS = r"""
# binding to an address
s = socket.socket()
s.bind(('', 0))
s.getsockname()[0]
s.bind(('', 0))
t = socket.socket()
t.bind(s.getsockname())
t.bind(('192.0.2.1', 0))
t.bind(('localhost', 0))
t.getsockname()[0]
u = socket.socket()
u.bind((b'127.0.0.1', 0))
u.getsockname()[0]
v = socket.socket()
v.bind(['127.0.0.1', 0])  # differs: a list is an address as well => ["value","None"]
w = socket.socket()
w.bind(('127.1', 0))
w.getsockname()[0]
x = socket.socket()
x.bind(('<broadcast>', 0))
x.bind(('0x7f000001', 0))

# IPv6
s = socket.socket(socket.AF_INET6)
s.bind(('::1', 0))
s.getsockname()[0]
s.getsockname()[2:]
t = socket.socket(socket.AF_INET6)
t.bind(('::', 0, 0, 0))
t.getsockname()[0]
u = socket.socket(socket.AF_INET6)
u.bind(('', 0, 5))
u.getsockname()[2]
v = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
v.connect(('::ffff:127.0.0.1', 9))
v.getpeername()
w = socket.socket(socket.AF_INET6)
w.bind(('::1', 0, 0, 99))

# paths
s = socket.socket(socket.AF_UNIX)
s.getsockname()
s.bind(folder + '/a')
s.getsockname() == folder + '/a'
s.bind(folder + '/b')
s.listen()
t = socket.socket(socket.AF_UNIX)
t.bind(folder + '/a')
t.connect(folder + '/none')
t.connect_ex(folder + '/none')
t.connect(b'\0none')
t.connect_ex('\0none')
t.connect(folder + '/a')
t.getpeername() == folder + '/a'
t.connect(folder + '/a')
c, address = s.accept()
address
u = socket.socket(socket.AF_UNIX)
u.bind('\0iomux-differential')
u.getsockname()
v = socket.socket(socket.AF_UNIX)
v.bind(b'\0iomux-differential')
v.bind('')
len(v.getsockname())
w = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
w.bind(bytearray(b'\0iomux-w'))
w.sendto(b'x', b'\0iomux-w')
w.recvfrom(10)
x = socket.socket(socket.AF_UNIX)
write_file(folder + '/regular', b'')
x.connect(folder + '/regular')
x.connect(folder + '/regular/x')
x.bind(folder + '/regular')
y = socket.socket(socket.AF_UNIX)
y.bind(folder + '/caf\u00e9\udc80')
y.getsockname() == folder + '/caf\u00e9\udc80'

# connecting
l = socket.socket()
l.bind(('127.0.0.1', 0))
s = socket.socket()
s.connect(l.getsockname())
s.connect_ex(l.getsockname())
l.listen()
t = socket.socket()
t.connect(l.getsockname())
t.connect(l.getsockname())
t.connect_ex(l.getsockname())
u = socket.socket()
u.setblocking(False)
u.connect(l.getsockname())
select.select([], [u], [], 5)[1] == [u]
u.connect_ex(l.getsockname())
u.connect_ex(l.getsockname())
v = socket.socket()
v.settimeout(5)
v.connect_ex(l.getsockname())
v.connect_ex(l.getsockname())
l.close()
w = socket.socket()
w.setblocking(False)
w.connect_ex(('127.0.0.1', 1))
select.select([], [w], [], 5)[1] == [w]
w.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
w.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
x = socket.socket()
x.settimeout(5)
x.connect(('127.0.0.1', 1))
y = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
y.connect(('127.255.255.255', 9))

# getaddrinfo
socket.getaddrinfo('127.0.0.1', 80, type=socket.SOCK_STREAM)
socket.getaddrinfo('127.0.0.1', '80', socket.AF_INET, socket.SOCK_DGRAM)
socket.getaddrinfo('::1', 80, 0, socket.SOCK_STREAM)
socket.getaddrinfo(None, 80, socket.AF_INET, socket.SOCK_STREAM)
socket.getaddrinfo('', 80, socket.AF_INET, socket.SOCK_STREAM)
socket.getaddrinfo(None, 0, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)
socket.getaddrinfo(b'127.0.0.1', b'7', socket.AF_INET, socket.SOCK_STREAM)
socket.getaddrinfo('localhost', None, socket.AF_INET, socket.SOCK_STREAM)
socket.getaddrinfo('127.0.0.1', 80, flags=socket.AI_CANONNAME, type=socket.SOCK_STREAM)
socket.getaddrinfo('no such host', 80)
socket.getaddrinfo('127.0.0.1', 'no such service')
socket.getaddrinfo('localhost', 80, 0, 0, 0, socket.AI_NUMERICHOST)
socket.getaddrinfo('127.0.0.1', 80, 99)
socket.getaddrinfo('127.0.0.1', 80, 0, 99)
socket.getaddrinfo(None, None)
socket.getaddrinfo(5, 80)
socket.getaddrinfo('127.0.0.1', 1.5)
socket.getaddrinfo('127.0.0.1', [])
socket.getaddrinfo('127.0.0.1', 80, 'x')
socket.getaddrinfo('127.0.0.1', 80, 0, 1.5)
socket.getaddrinfo('127.0.0.1', 80, 2**31)
socket.getaddrinfo('\ud800', 80)  # differs: where the name goes wrong is not told => UnicodeEncodeError
socket.getaddrinfo('x' * 300, 80)  # since 3.13
socket.getaddrinfo('..', 80)  # since 3.13
socket.getaddrinfo('a\0b', 80)  # differs: no name is cut off at a NUL => TypeError
socket.getaddrinfo('127.0.0.1', 'a\0b')  # differs: no name is cut off at a NUL => TypeError
socket.getaddrinfo('127.0.0.1', 70000, type=socket.SOCK_STREAM)
socket.getaddrinfo('127.0.0.1', -1, type=socket.SOCK_STREAM)
socket.getaddrinfo('127.0.0.1', 2**31, type=socket.SOCK_STREAM)
socket.getaddrinfo('127.0.0.1', 2**70, type=socket.SOCK_STREAM)  # since 3.13

# getnameinfo
socket.getnameinfo(('127.0.0.1', 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
socket.getnameinfo(('::1', 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
socket.getnameinfo(('::1', 80, 0, 0), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
socket.getnameinfo(('127.0.0.1', 80, 0), 0)
socket.getnameinfo(('localhost', 80), 0)
socket.getnameinfo(('127.0.0.1', 80), 99999)
socket.getnameinfo(('127.0.0.1',), 0)
socket.getnameinfo(('127.0.0.1', 80, 0, 0, 0), 0)
socket.getnameinfo('127.0.0.1', 0)
socket.getnameinfo(('127.0.0.1', 'x'), 0)
socket.getnameinfo((5, 80), 0)
socket.getnameinfo(('127.0.0.1', 80), 'x')
socket.getnameinfo(('::1', 80, 2**20, 0), 0)
socket.getnameinfo(('::1', 80, -1, 0), 0)
socket.getnameinfo(('127.0.0.1', 2**31), 0)

# hosts
socket.gethostbyname('127.0.0.1')
socket.gethostbyname('')
socket.gethostbyname('localhost')
socket.gethostbyname('<broadcast>')
socket.gethostbyname('255.255.255.255')
socket.gethostbyname('no such host')
socket.gethostbyname('::1')
socket.gethostbyname('a\0b')
socket.gethostbyname(5)
socket.gethostbyname(None)
socket.gethostbyname_ex('localhost')
socket.gethostbyname_ex('127.0.0.1')
socket.gethostbyname_ex('no such host')
socket.gethostbyname_ex(5)
socket.gethostbyaddr('127.0.0.1')
socket.gethostbyaddr('no such host')
socket.gethostbyaddr(5)
socket.gethostname() == socket.gethostname()
socket.getfqdn('127.0.0.1')
socket.getfqdn() == socket.getfqdn('')
socket.getfqdn('no such host')
socket.sethostname(5)
socket.sethostname('x' * 100)
socket.sethostname(None)

# services and protocols
socket.getservbyname('http')
socket.getservbyname('http', 'tcp')
socket.getservbyname('domain', 'udp')
socket.getservbyname('http', 'nothing')
socket.getservbyname('nothing')
socket.getservbyname(80)
socket.getservbyname('http', 5)
socket.getservbyname('a\0b')
socket.getservbyport(80)
socket.getservbyport(53, 'udp')
socket.getservbyport(1, 'nothing')
socket.getservbyport(-1)
socket.getservbyport(65536)
socket.getservbyport(2**31)
socket.getservbyport('x')
socket.getservbyport(1.5)
socket.getservbyport(80, 5)
socket.getprotobyname('tcp')
socket.getprotobyname('icmp')
socket.getprotobyname('nothing')
socket.getprotobyname(5)

# addresses as bytes
socket.inet_aton('127.0.0.1')
socket.inet_aton('1')
socket.inet_aton('1.2')
socket.inet_aton('0x7f.1')
socket.inet_aton('1.2.3.4 junk')
socket.inet_aton('256.1.1.1')
socket.inet_aton('x')
socket.inet_aton('')
socket.inet_aton('255.255.255.255')
socket.inet_aton(5)  # since 3.13
socket.inet_aton(b'1')  # since 3.13
socket.inet_aton('1\0')
socket.inet_ntoa(b'\x7f\0\0\x01')
socket.inet_ntoa(bytearray(4))
socket.inet_ntoa(memoryview(b'\x01\x02\x03\x04'))
socket.inet_ntoa(b'')
socket.inet_ntoa(b'12345')
socket.inet_ntoa('1234')
socket.inet_ntoa(5)
socket.inet_pton(socket.AF_INET, '1.2.3.4')
socket.inet_pton(socket.AF_INET, '1.2.3')
socket.inet_pton(socket.AF_INET, 'x')
socket.inet_pton(socket.AF_INET6, '::1')
socket.inet_pton(socket.AF_INET6, 'fe80::1%lo')
socket.inet_pton(socket.AF_INET6, '1:2')
socket.inet_pton(socket.AF_INET6, '::ffff:1.2.3.4')
socket.inet_pton(99, '1')
socket.inet_pton('x', '1')
socket.inet_pton(socket.AF_INET, 5)
socket.inet_pton(2**31, '1')
socket.inet_ntop(socket.AF_INET, b'\x01\x02\x03\x04')
socket.inet_ntop(socket.AF_INET6, bytes(15) + b'\x01')
socket.inet_ntop(socket.AF_INET6, b'\x20\x01\x0d\xb8' + bytes(12))
socket.inet_ntop(socket.AF_INET, b'123')
socket.inet_ntop(socket.AF_INET6, b'123')
socket.inet_ntop(99, b'1234')
socket.inet_ntop('x', b'1234')
socket.inet_ntop(socket.AF_INET, '1234')
socket.inet_ntop(socket.AF_INET, bytearray(4))

# byte order
socket.htons(1)
socket.htons(65535)
socket.htons(65536)
socket.htons(-1)
socket.htons(2**31)  # since 3.13
socket.htons(2**64)  # since 3.13
socket.htons('x')
socket.htons(1.5)
socket.htons(float('nan'))
socket.htons(None)
socket.ntohs(258)
socket.ntohs(65536)
socket.ntohs(-1)
socket.htonl(1)
socket.htonl(2**32 - 1)
socket.htonl(2**32)
socket.htonl(-1)
socket.htonl(2**70)
socket.htonl('x')
socket.htonl(1.5)
socket.htonl(None)
socket.ntohl(16909060)
socket.ntohl(2**32)
socket.ntohl(-1)
socket.ntohl([])

# network interfaces
socket.if_nametoindex('lo')
socket.if_indextoname(1)
(1, 'lo') in socket.if_nameindex()
socket.if_nametoindex('nothing')
socket.if_nametoindex(5)
socket.if_nametoindex('a\0b')
socket.if_indextoname(0)
socket.if_indextoname(99999)
socket.if_indextoname(-1)
socket.if_indextoname(2**32)  # since 3.13
socket.if_indextoname('x')
socket.if_indextoname(1.5)
""".strip()
