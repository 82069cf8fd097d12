"""select, poll, epoll, and the selectors that are made of them."""

SELECTORS = ["SelectSelector", "PollSelector", "EpollSelector", "DefaultSelector"]
NO_EVENTS = ["0", "4", "99", "-1", "'x'", "None", "1.5"]
NO_FILES = [
    "-1", "'x'", "None", "1.5", "[]", "FileLike('x')", "FileLike(-1)", "FileLike(None)", "2**31",
    "9999", "FileLike(9999)",
]
NO_TIMES = ["float('nan')", "float('inf')", "float('-inf')", "'x'", "[]", "1e30", "1e300", "10**20"]

REMARKS = {
    ("SelectSelector", "'x'"): "  # differs: max() compares the other way round => TypeError",
    ("SelectSelector", "[]"): "  # differs: max() compares the other way round => TypeError",
    ("SelectSelector", "10**20"): "  # differs: the same number as 1e20 => OverflowError",
    ("PollSelector", "1e30"): "  # since 3.13",
    ("PollSelector", "1e300"): "  # since 3.13",
    ("PollSelector", "10**20"): "  # since 3.13",
}


def programs():
    for name in SELECTORS:
        setup = f"a, b = socket.socketpair()\nsel = selectors.{name}()\n"
        calls = [f"sel.register(a, {one})" for one in NO_EVENTS]
        yield f"# {name}: what is no event\n{setup}" + "\n".join(calls)
        calls = [f"sel.{method}" for one in NO_FILES for method in (
            f"unregister({one})", f"modify({one}, 1)", f"get_key({one})")]
        yield f"# {name}: what is not registered\n{setup}" + "\n".join(calls)
        calls = [f"sel.select({one}){REMARKS.get((name, one), '')}" for one in NO_TIMES]
        yield f"# {name}: what is no time\n{setup}sel.register(b, 2)\n" + "\n".join(calls)
        yield from CONTRACT.replace("SELECTOR", name).split("\n\n")
    # What the system refuses is another thing for each of them.
    for name in SELECTORS:
        yield f"# {name}: no file\nsel = selectors.{name}()\n" + "\n".join(
            f"sel.register({one}, 1)" for one in NO_FILES if one != "2**31") + "\nlen(sel.get_map())"
    calls = [f"p.{method}" for one in NO_FILES for method in (
        f"register({one})", f"modify({one}, 1)", f"unregister({one})")]
    for poller in ["poll", "epoll"]:
        yield f"# {poller}: no file\np = select.{poller}()\n" + "\n".join(calls)
    yield from PROGRAMS.split("\n\n")


CONTRACT = r"""
# SELECTOR: keys
a, b = socket.socketpair()
sel = selectors.SELECTOR()
key = sel.register(a, selectors.EVENT_READ, 'data')
key.data
key.events
key.fd == a.fileno()
key.fileobj is a
len(key)
key[1] == key.fd
sel.register(a, 1)
sel.register(a.fileno(), 2)
sel.register(FileLike(a.fileno()), 2)
sel.get_key(a) is key
sel.get_key(a.fileno()) is key
len(sel.get_map())
a in sel.get_map()
b in sel.get_map()
sel.get_map()[a] is key
[fd for fd in sel.get_map()] == [a.fileno()]
sel.modify(a, 3, 'other').data
sel.modify(a, 3, 'other') is sel.get_key(a)
sel.modify(a, 3).data
sel.modify(b, 1)
sel.unregister(b)
sel.get_key(b)
sel.unregister(a).events
sel.unregister(a)
len(sel.get_map())

# SELECTOR: what is ready
a, b = socket.socketpair()
sel = selectors.SELECTOR()
sel.select(0)
sel.select(-1)
sel.select(0.001)
sel.register(a, 1, 'a')
sel.select(0)
b.send(b'x')
[(key.data, mask) for key, mask in sel.select(None)]
[(key.data, mask) for key, mask in sel.select()]
[(key.data, mask) for key, mask in sel.select(timeout=5)]
key = sel.modify(a, 3, 'both')
[(key.data, mask) for key, mask in sel.select(0)]
key = sel.modify(a, 2, 'write')
[(key.data, mask) for key, mask in sel.select(0)]
key = sel.register(b, 1, 'b')
[(key.data, mask) for key, mask in sel.select(0)]
a.close()
[(key.data, mask) for key, mask in sel.select(0)][-1] == ('b', 1)
sel.unregister(a).data
sel.unregister(b).data
sel.select(0)

# SELECTOR: a peer that has gone
a, b = socket.socketpair()
sel = selectors.SELECTOR()
key = sel.register(a, 3)
b.close()
[mask for key, mask in sel.select(0)]
key = sel.modify(a, 1)
[mask for key, mask in sel.select(0)]
key = sel.modify(a, 2)
[mask for key, mask in sel.select(0)]
a.recv(1)

# SELECTOR: closed
a, b = socket.socketpair()
sel = selectors.SELECTOR()
key = sel.register(a, 1)
m = sel.get_map()
sel.close()
sel.close()
len(m)
sel.get_map()
sel.get_key(a)
sel.unregister(a)
sel.modify(a, 1)

# SELECTOR: at the end of a block
a, b = socket.socketpair()
with selectors.SELECTOR() as sel: sel.register(a, 1)
sel.get_map()

# SELECTOR: objects and numbers
a, b = socket.socketpair()
sel = selectors.SELECTOR()
f = FileLike(a.fileno())
sel.register(f, 1, 'object').data
sel.get_key(a).data
sel.get_key(a.fileno()).fileobj is f
b.send(b'x')
[key.fileobj is f for key, mask in sel.select(0)]
sel.unregister(a.fileno()).fileobj is f

# SELECTOR: a signal does not end the wait
sel = selectors.SELECTOR()
before = signal.signal(signal.SIGALRM, lambda signum, frame: None)
before = interrupt_in(0.03)
elapsed(lambda: sel.select(0.1), 0.099, 5)
before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
""".strip()

PROGRAMS = r"""
# EpollSelector: what is its own
a, b = socket.socketpair()
sel = selectors.EpollSelector()
sel.fileno() > 2
sel.modify(sel.register(a, 1).fileobj, 0).events
sel.modify(a, 99).events
sel.close()
sel.select(0)
sel.register(a, 1)
sel.fileno()
len(selectors.EpollSelector().get_map())

# PollSelector and SelectSelector: what is their own
a, b = socket.socketpair()
sel = selectors.PollSelector()
key = sel.register(a, 1)
sel.modify(a, 0).events
sel.close()
sel.select(0)
sel.register(b, 2).events
sel = selectors.SelectSelector()
key = sel.register(a, 1)
sel.modify(a, 0)
sel.get_key(a)
sel.close()
sel.select(0)
sel.register(2000, 1).fd
sel.select(0)

# select
a, b = socket.socketpair()
select.select([], [], [], 0)
select.select([a], [], [], 0)
select.select([], [a], [], 0) == ([], [a], [])
b.send(b'x')
select.select([a, b], [a, b], [a, b], 1) == ([a], [a, b], [])
select.select((a.fileno(),), (), ()) == ([a.fileno()], [], [])
select.select([a, a], [], []) == ([a, a], [], [])
select.select([FileLike(a.fileno())], [], [])[0][0].fd == a.fileno()
select.select([a], [], [], -1)
select.select([a], [], [], float('nan'))
select.select([a], [], [], float('inf'))
select.select([a], [], [], 1e30)
select.select([a], [], [], 'x')
select.select([a], [], [], None) == ([a], [], [])
select.select(5, [], [])
select.select([], None, [])
select.select(['x'], [], [])
select.select([None], [], [])
select.select([-1], [], [], 0)
select.select([FileLike(-1)], [], [], 0)
select.select([FileLike('x')], [], [], 0)
select.select([1.5], [], [], 0)
select.select([2000], [], [], 0)
select.select([1024], [], [], 0)
select.select([2**31], [], [], 0)
select.select([0] * 1025, [], [], 0)
select.select([a], [], [], 0.001) == ([a], [], [])
elapsed(lambda: select.select([], [], [], 0.05), 0.049, 5)

# poll
a, b = socket.socketpair()
p = select.poll()
p.register(a)
p.register(a, select.POLLIN)
p.poll(0)
b.send(b'x')
p.poll() == [(a.fileno(), select.POLLIN)]
p.poll(None) == [(a.fileno(), select.POLLIN)]
p.poll(1.5) == [(a.fileno(), select.POLLIN)]
p.modify(a, select.POLLOUT)
p.poll(1) == [(a.fileno(), select.POLLOUT)]
p.modify(b, select.POLLIN)
p.register(a, 'x')
p.register(a, -1)
p.register(a, 65536)
p.register(a, 2**64)
p.register(a, 1.5)
p.poll('x')
p.poll(float('nan'))
p.poll(float('inf'))
p.poll(1e30)
p.poll(2**31)
p.poll(2**64)  # since 3.13
p.poll([])
p.unregister(a)
p.unregister(9998)
p.modify(9998, 1)
p.poll(0)
p.register(9999, select.POLLIN)
p.poll(0)

# epoll: how it is made
select.epoll(None)
select.epoll('x')
select.epoll(0)
select.epoll(-2)
select.epoll(-1).closed
select.epoll(5, 0).closed
select.epoll(flags=select.EPOLL_CLOEXEC).closed
select.epoll(-1, 1)
select.epoll(-1, 'x')
select.epoll(1.5)
select.epoll(2**31)
select.epoll.fromfd(-2)  # differs: CPython has no word for it => TypeError
select.epoll.fromfd('x')

# epoll: events
a, b = socket.socketpair()
ep = select.epoll()
ep.register(a, select.EPOLLIN)
ep.register(a, select.EPOLLIN)
ep.poll(0)
b.send(b'x')
ep.poll() == [(a.fileno(), select.EPOLLIN)]
ep.poll(None) == [(a.fileno(), select.EPOLLIN)]
ep.poll(timeout=1, maxevents=1) == [(a.fileno(), select.EPOLLIN)]
ep.modify(a, select.EPOLLIN | select.EPOLLET)
len(ep.poll(0))
len(ep.poll(0))
ep.modify(a, select.EPOLLIN | select.EPOLLONESHOT)
len(ep.poll(0))
len(ep.poll(0))
ep.modify(b, 1)
ep.unregister(b)
ep.register(b, 'x')
ep.register(b, -1)
ep.register(b, 2**32)
ep.register(b, 1.5)
ep.poll('x')
ep.poll(float('nan'))
ep.poll(float('inf'))
ep.poll(1e30)
ep.poll(2**31)
ep.poll([])
ep.poll(0, 0)
ep.poll(0, -2)
ep.poll(0, 'x')
ep.poll(0, 2**31)
ep.poll(0, 1.5)
ep.unregister(a)
ep.unregister(a)
ep.register(ep, 1)
ep.close()
ep.closed
ep.close()
ep.poll(0)
ep.poll('x')
ep.register(a)
ep.modify(a, 1)
ep.unregister(a)
ep.fileno()

# epoll: at the end of a block
with select.epoll() as ep: ep.fileno()
ep.closed

# numbers
select.POLLIN
select.POLLHUP
select.EPOLLIN
select.EPOLLET
select.EPOLLEXCLUSIVE
selectors.EVENT_READ
selectors.EVENT_WRITE
selectors.DefaultSelector is selectors.EpollSelector
""".strip()
