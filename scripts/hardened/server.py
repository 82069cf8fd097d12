"""The loop of a server that one could put on a network."""

import errno
import math
import selectors
import signal
import socket
import time

from deadlines import Deadlines
from log import log

# How many connections are accepted in one turn of the loop: the others are served in between.
BURST = 64
# How long nothing is accepted after an error that would come again at once, in seconds.
PAUSE = 1
# What accept() reports of a connection that is broken already: the next one may be good. accept(2)
BROKEN = {
    errno.ENETDOWN,
    errno.EPROTO,
    errno.ENOPROTOOPT,
    errno.EHOSTDOWN,
    errno.ENONET,
    errno.EHOSTUNREACH,
    errno.EOPNOTSUPP,
    errno.ENETUNREACH,
    errno.EPERM,
}


def listen(host, port, shares):
    """A listening socket for a server, one of several for the same port if it `shares` it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The tutorial's 128: a burst of more connections would have to try again after a second.
    backlog = socket.SOMAXCONN
    return socket.create_server((host, port), family=family, backlog=backlog, reuse_port=shares)


def say_listening(listener):
    """Says where a server listens."""
    print(f"Listening on {listener.getsockname()[:2]}", flush=True)


class Server:
    """Serves connections until SIGTERM or SIGINT."""

    def __init__(self, listener, options, connect):
        self.selector = selectors.DefaultSelector()
        self.deadlines = Deadlines()
        self.options = options
        self.is_draining = False
        self._listener = listener
        self._connect = connect
        # Those that have been idle for longest come first.
        self._connections = {}
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ)
        # A descriptor to give away when there is no other left.
        self._spare = spare_descriptor()
        # select() goes on waiting after a signal's handler has returned. A byte in here ends the wait.
        self._wake, writer = socket.socketpair()
        writer.setblocking(False)
        self.selector.register(self._wake, selectors.EVENT_READ)
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda signum, frame: writer.send(b"x"))

    def run(self):
        while not self.is_draining or self._connections:
            wait = self.deadlines.next - time.monotonic()
            for key, mask in self.selector.select(None if wait == math.inf else max(wait, 0)):
                if key.fileobj is self._listener:
                    self._accept(BURST)
                elif key.fileobj is self._wake:
                    self._drain()
                # What was handled before it may have closed it.
                elif key.data.is_open:
                    key.data.process_events(mask)
            now = time.monotonic()
            while (timed := self.deadlines.expired(now)) is not None:
                timed.on_deadline()
        self.selector.close()

    def moved(self, connection):
        self._connections.pop(connection, None)
        self._connections[connection] = True

    def closed(self, connection):
        self._connections.pop(connection, None)

    def on_deadline(self):
        """A pause of accepting is over, or the time to drain."""
        if self.is_draining:
            for connection in list(self._connections):
                connection.drop("the server ends")
        else:
            self.selector.register(self._listener, selectors.EVENT_READ)

    def _accept(self, most):
        for _ in range(most):
            try:
                sock, addr = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as e:
                if isinstance(e, ConnectionAbortedError) or e.errno in BROKEN:
                    continue
                if e.errno in (errno.EMFILE, errno.ENFILE) and self._make_room():
                    continue
                # The listener stays ready: the loop would do nothing but this.
                log(f"Not accepting for {PAUSE} s: {e}")
                self.selector.unregister(self._listener)
                self.deadlines.set(self, time.monotonic() + PAUSE)
                return
            # Whoever holds connections only to keep others out loses them to those who come.
            if len(self._connections) >= self.options.max_connections:
                most_connections = self.options.max_connections
                self._oldest().drop(f"one of {most_connections}, and the longest idle")
            try:
                sock.setblocking(False)
                self._connect(self, sock, addr).start()
            except Exception as e:
                log(f"Closing connection to {addr}: {e}")
                sock.close()

    def _oldest(self):
        return next(iter(self._connections), None)

    def _make_room(self):
        """No descriptor is left for the connection that waits: returns whether one may be there now."""
        oldest = self._oldest()
        if oldest is not None:
            oldest.drop("no descriptors are left, and the longest idle")
            return True
        if self._spare is None:
            return False
        # Others have taken them all. Closing the connection tells the peer, who would wait otherwise.
        self._spare.close()
        self._spare = None
        try:
            sock, addr = self._listener.accept()
            sock.close()
            log(f"Closing connection to {addr}: no descriptors are left")
        except OSError:
            pass
        self._spare = spare_descriptor()
        return self._spare is not None

    def _drain(self):
        """No more connections, and those that there are get some time to end."""
        self._wake.recv(1)
        if self.is_draining:
            # The second signal: at once.
            self.on_deadline()
            return
        # Those that wait would be reset with the listener, although they are connected.
        if self.options.listener_fd is None:
            self._accept(self.options.max_connections)
        self.is_draining = True
        if self._listener in self.selector.get_map():
            self.selector.unregister(self._listener)
        self._listener.close()
        log(f"Draining {len(self._connections)} connections")
        self.deadlines.set(self, time.monotonic() + self.options.drain_timeout)
        # They are put in another order meanwhile.
        for connection in list(self._connections):
            connection.on_drain()


def spare_descriptor():
    try:
        return socket.socket()
    except OSError:
        return None
