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
# How long a connection has to send its first request before another may take its place, in seconds.
GRACE = 0.1
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
        # Those that have been without an answer for longest come first.
        self._connections = {}
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ)
        # A descriptor to give away when there is no other left.
        self._spare = spare_descriptor()
        self._is_paused = False
        # select() goes on waiting after a signal's handler has returned. A byte in here ends the wait.
        self._wake, writer = socket.socketpair()
        writer.setblocking(False)
        self.selector.register(self._wake, selectors.EVENT_READ)
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda signum, frame: writer.send(b"x"))

    def run(self):
        while not self.is_draining or self._connections:
            has_arrivals = False
            wait = self.deadlines.next - time.monotonic()
            for key, mask in self.selector.select(None if wait == math.inf else max(wait, 0)):
                if key.fileobj is self._listener:
                    has_arrivals = True
                elif key.fileobj is self._wake:
                    self._drain()
                # What was handled before it may have closed it.
                elif key.data.is_open:
                    key.data.process_events(mask)
            # Who has sent a request is served before somebody new can take its place.
            if has_arrivals and not self.is_draining:
                self._accept(BURST)
            now = time.monotonic()
            while (timed := self.deadlines.expired(now)) is not None:
                timed.on_deadline()
        self.selector.close()

    def served(self, connection):
        self._connections.pop(connection, None)
        self._connections[connection] = True

    def closed(self, connection):
        self._connections.pop(connection, None)
        # What accepting waits for: room, or a descriptor.
        if self._is_paused and not self.is_draining:
            self._resume()

    def on_deadline(self):
        """A pause of accepting is over, or the time to drain."""
        if self.is_draining:
            for connection in list(self._connections):
                connection.drop("the server ends")
        else:
            self._resume()

    def _pause(self, until):
        self._is_paused = True
        self.selector.unregister(self._listener)
        self.deadlines.set(self, until)

    def _resume(self):
        self._is_paused = False
        self.deadlines.delete(self)
        self.selector.register(self._listener, selectors.EVENT_READ)

    def _accept(self, most):
        max_connections = self.options.max_connections
        for _ in range(most):
            is_full = len(self._connections) >= max_connections
            if is_full and not self._may_evict():
                return
            try:
                sock, addr = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as e:
                if isinstance(e, ConnectionAbortedError) or e.errno in BROKEN:
                    continue
                if e.errno in (errno.EMFILE, errno.ENFILE):
                    if not self._connections and self._refuse_one():
                        continue
                    if self._connections:
                        if not self._may_evict():
                            return
                        self._evict("no descriptors are left")
                        continue
                # The listener stays ready: the loop would do nothing but this.
                log(f"Not accepting for {PAUSE} s: {e}")
                self._pause(time.monotonic() + PAUSE)
                return
            # Whoever holds connections only to keep others out loses them to those who come.
            if is_full:
                self._evict(f"one of {max_connections}")
            try:
                sock.setblocking(False)
                self._connect(self, sock, addr).start()
            except Exception as e:
                log(f"Closing connection to {addr}: {e}")
                sock.close()

    def _may_evict(self):
        """Accepts nobody for now where even the first to go may be about to send its first request."""
        evictable_at = self._oldest().served_at + GRACE
        if evictable_at <= time.monotonic():
            return True
        self._pause(evictable_at)
        return False

    def _evict(self, why):
        self._oldest().drop(f"{why}, and the longest without a request")

    def _oldest(self):
        return next(iter(self._connections))

    def _refuse_one(self):
        """Others have taken all descriptors. Closing the connection that waits tells the peer, who would
        wait otherwise. Returns whether that can be done again.
        """
        if self._spare is None:
            return False
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
        is_shared = self.options.listener_fd is not None
        if not is_shared and not self._is_paused:
            self._accept(self.options.max_connections)
        self.is_draining = True
        if not self._is_paused:
            self.selector.unregister(self._listener)
        self._listener.close()
        log(f"Draining {len(self._connections)} connections")
        self.deadlines.set(self, time.monotonic() + self.options.drain_timeout)
        for connection in list(self._connections):
            connection.on_drain()


def spare_descriptor():
    try:
        return socket.socket()
    except OSError:
        return None
