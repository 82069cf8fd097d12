"""Handlers, timers, and what they do to a call that waits."""


def programs():
    yield from PROGRAMS.split("\n\n")


PROGRAMS = r"""
# handlers
signal.signal(0, signal.SIG_DFL)
signal.signal(65, signal.SIG_DFL)
signal.signal(-1, signal.SIG_DFL)
signal.signal('x', signal.SIG_DFL)
signal.signal(1.5, signal.SIG_DFL)  # differs: a number with a fraction is no signal => TypeError
signal.signal(2**31, signal.SIG_DFL)
signal.signal(signal.SIGUSR1, 'x')
signal.signal(signal.SIGUSR1, None)
signal.signal(signal.SIGUSR1, 5)
signal.signal(signal.SIGKILL, signal.SIG_IGN)
signal.signal(signal.SIGSTOP, lambda signum, frame: None)
signal.getsignal(signal.SIGUSR2)
signal.signal(signal.SIGUSR2, signal.SIG_IGN)
signal.getsignal(signal.SIGUSR2)
signal.signal(signal.SIGUSR2, signal.SIG_DFL)
signal.getsignal(0)
signal.getsignal(65)
signal.getsignal('x')
signal.getsignal(1.5)
signal.getsignal(signal.SIGINT) is signal.default_int_handler
signal.default_int_handler(2, None)

# a handler runs at once
calls = []
before = signal.signal(signal.SIGUSR2, lambda signum, frame: calls.append(signum))
signal.raise_signal(signal.SIGUSR2)
calls
signal.raise_signal(signal.SIGUSR2)
calls
signal.signal(signal.SIGUSR2, signal.SIG_IGN) == before
signal.raise_signal(signal.SIGUSR2)
calls
signal.raise_signal(0)
signal.raise_signal(-1)
signal.raise_signal(65)
signal.raise_signal('x')
signal.raise_signal(1.5)
signal.raise_signal(2**31)

# what a handler throws comes out of the call
a, b = socket.socketpair()
before = signal.signal(signal.SIGALRM, signal.default_int_handler)
before = interrupt_in(0.02)
a.recv(1)
before = interrupt_in(0.02)
selectors.DefaultSelector().select()
before = interrupt_in(0.02)
select.select([a], [], [])
a.settimeout(5)
before = interrupt_in(0.02)
a.recv(1)
before = interrupt_in(0.02)
signal.pause()
before = signal.signal(signal.SIGALRM, signal.SIG_DFL)

# a handler that returns does not end the wait
calls = []
a, b = socket.socketpair()
before = signal.signal(signal.SIGALRM, lambda signum, frame: calls.append(b.send(b'from the handler')))
before = interrupt_in(0.02)
a.recv(100)
before = interrupt_in(0.02)
a.recv_into(bytearray(3))
a.recv(100)
before = interrupt_in(0.02)
select.select([a], [], []) == ([a], [], [])
a.recvfrom(100)
a.settimeout(0.06)
before = signal.signal(signal.SIGALRM, lambda signum, frame: calls.append(0))
before = interrupt_in(0.02)
a.recv(1)
calls
before = signal.signal(signal.SIGALRM, signal.SIG_DFL)

# timers
signal.alarm(0)
signal.alarm(100)
signal.alarm(0)
signal.alarm('x')
signal.alarm(1.5)
signal.alarm(2**31)
signal.setitimer(signal.ITIMER_VIRTUAL, 100, 50)
signal.setitimer(signal.ITIMER_VIRTUAL, 0)[1]
signal.getitimer(signal.ITIMER_VIRTUAL)
signal.setitimer(99, 1)
signal.setitimer(signal.ITIMER_REAL, -1)
signal.setitimer(signal.ITIMER_REAL, 'x')
signal.setitimer(signal.ITIMER_REAL, float('nan'))
signal.setitimer('x', 1)
signal.getitimer(99)
signal.getitimer('x')

# the descriptor that wakes up
a, b = socket.socketpair()
signal.set_wakeup_fd(a.fileno())
a.setblocking(False)
signal.set_wakeup_fd(a.fileno())
before = signal.signal(signal.SIGUSR2, lambda signum, frame: None)
signal.raise_signal(signal.SIGUSR2)
b.recv(10) == bytes([signal.SIGUSR2])
signal.set_wakeup_fd(-1) == a.fileno()
signal.set_wakeup_fd(-1)
signal.set_wakeup_fd(9999)
signal.set_wakeup_fd('x')
signal.set_wakeup_fd(1.5)
signal.set_wakeup_fd(2**31)  # since 3.13
before = signal.signal(signal.SIGUSR2, signal.SIG_DFL)

# names
signal.strsignal(signal.SIGINT)
signal.strsignal(0)
signal.strsignal(65)
signal.strsignal('x')
signal.SIGINT
signal.SIGUSR1
signal.SIGTERM
signal.SIG_DFL
signal.SIG_IGN
signal.SIGINT in signal.valid_signals()
0 in signal.valid_signals()

# another thread
in_thread('signal.signal(signal.SIGUSR2, signal.SIG_IGN)')
in_thread('signal.set_wakeup_fd(-1)')
in_thread('signal.getsignal(signal.SIGUSR2)')
in_thread('socket.getdefaulttimeout()')
in_thread('select.select([], [], [], 0)')
in_thread('socket.socket(99)')
""".strip()
