"""One peer of a server: what it may send and receive, how much and for how long."""

import collections
import itertools
import math
import selectors
import socket
import time

from log import log

# How much is received at a time: one busy peer must not keep the others waiting.
CHUNK = 4096
# What a piece that waits costs besides its bytes.
PIECE = 256
# How many pieces sendmsg() gets at a time.
PIECES = 64
# How long the peer may take to read the last answer and to close, in seconds.
LINGER = 2


class Outbox:
    """Bytes that wait to be sent, in the pieces in which they came: none is copied."""

    def __init__(self):
        self._pieces = collections.deque()
        # What they need, in bytes: a peer that sends single bytes must not get more than others.
        self.size = 0

    def push(self, data):
        self._pieces.append(memoryview(data))
        self.size += len(data) + PIECE

    def send_to(self, sock):
        """Sends what there is room for, and returns the number of bytes."""
        total = 0
        while self.size > 0:
            try:
                sent = sock.sendmsg(itertools.islice(self._pieces, PIECES))
            except BlockingIOError:
                break
            total += sent
            self._drop(sent)
        return total

    def _drop(self, sent):
        """The first `sent` bytes are sent."""
        self.size -= sent
        while self._pieces:
            piece = self._pieces[0]
            if sent < len(piece):
                self._pieces[0] = piece[sent:]
                break
            sent -= len(piece)
            self.size -= PIECE
            self._pieces.popleft()


class Connection:
    """A connection; a subclass says what it answers."""

    def __init__(self, loop, sock, addr):
        self.loop = loop
        self.sock = sock
        self.addr = addr
        self._outbox = Outbox()
        # "ending": nothing is read any more, and the connection ends when everything is sent.
        # "lingering": our side has ended, and what still arrives is thrown away.
        self._state = "open"
        # Whether the peer's side has ended: it may still read.
        self._peer_has_ended = False
        # What the selector waits for.
        self._mask = 0
        self._idle_at = 0
        # When it got its last answer, or began.
        self.served_at = 0
        # When the request that is arriving must have arrived.
        self.due = math.inf

    def start(self):
        """Begins with what has arrived already: under load, that saves a turn of the loop, and all of its
        calls.
        """
        self._moved()
        self.served()
        self.process_events(selectors.EVENT_READ)

    def on_data(self, data):
        """Something has arrived."""
        raise NotImplementedError

    def on_end(self):
        """Nothing more will arrive."""

    @property
    def at_rest(self):
        """Whether the peer has got an answer, and nothing of another request has arrived."""
        raise NotImplementedError

    def farewell(self, why):
        """What to tell a peer that is refused; nothing, where the protocol has no words for it."""
        return b""

    @property
    def is_open(self):
        return self._state != "closed"

    def send(self, data):
        if data:
            self._outbox.push(data)

    def served(self):
        """A request has got its answer: that is what makes a connection worth keeping."""
        self.served_at = time.monotonic()
        self.loop.served(self)

    def finish(self):
        """The last answer is under way."""
        self._state = "ending"

    def refuse(self, why):
        """The peer does what it must not: it is told so, and that was it."""
        self._log(why)
        self.send(self.farewell(why))
        self.finish()

    def drop(self, why):
        """Closes at once. The peer is told why, if it reads."""
        self._log(why)
        farewell = self.farewell(why)
        try:
            if farewell and self._outbox.size == 0:
                self.sock.send(farewell)
        except OSError:
            pass
        self.close()

    def close(self):
        if not self.is_open:
            return
        self._state = "closed"
        self.loop.deadlines.delete(self)
        self.loop.closed(self)
        if self._mask != 0:
            self.loop.selector.unregister(self.sock)
        self.sock.close()

    def process_events(self, mask):
        # An exception that one peer brings about, in whatever state, ends its own connection only.
        try:
            if mask & selectors.EVENT_READ:
                self._read()
            # Most answers fit at once: that saves a turn of the loop.
            if self.is_open and self._outbox.send_to(self.sock) > 0:
                self._moved()
            self._settle()
        except Exception as e:
            self._log(str(e))
            self.close()

    def on_deadline(self):
        if self._state == "lingering":
            self.close()
        elif self.due <= time.monotonic():
            self.drop(f"its request takes longer than {self.loop.options.request_timeout} s")
        else:
            self.drop(f"idle for {self.loop.options.idle_timeout} s")

    def on_drain(self):
        """The server is about to end: those that are at rest may go."""
        self.process_events(0)

    def _read(self):
        try:
            data = self.sock.recv(CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._peer_has_ended = True
            if self._state == "open":
                self.on_end()
        elif self._state == "open":
            self._moved()
            self.on_data(data)

    def _settle(self):
        """What comes next: whether to wait for what arrives, for room to send, or for nothing more."""
        if self._state == "open" and self.loop.is_draining and self.at_rest:
            self.finish()
        if self._outbox.size == 0:
            if self._peer_has_ended:
                self.close()
            # Closing now would reset the connection if there were something unread, and the peer
            # might never see its answer.
            elif self._state == "ending":
                self._linger()
        if not self.is_open:
            return
        mask = 0
        # The tutorial waits to write as well, when there is nothing to write: a loop that never sleeps.
        if self._outbox.size > 0:
            mask |= selectors.EVENT_WRITE
        # Who does not read its answers gets no more of them, and so does not fill the memory.
        has_room = self._outbox.size < self.loop.options.max_buffer
        reads = self._state == "lingering" or (self._state == "open" and has_room)
        # What is not read cannot arrive in time.
        if not reads:
            self.due = math.inf
        if reads and not self._peer_has_ended:
            mask |= selectors.EVENT_READ
        if self._mask == 0:
            self.loop.selector.register(self.sock, mask, data=self)
        elif self._mask != mask:
            self.loop.selector.modify(self.sock, mask, data=self)
        self._mask = mask
        self.loop.deadlines.set(self, min(self._idle_at, self.due))

    def _linger(self):
        self._state = "lingering"
        self.sock.shutdown(socket.SHUT_WR)
        self._idle_at = time.monotonic() + LINGER
        # Mostly, it has read what came before its end, and is gone.
        self._read()
        if self._peer_has_ended:
            self.close()

    def _moved(self):
        if self._state == "lingering":
            return
        self._idle_at = time.monotonic() + self.loop.options.idle_timeout

    def _log(self, why):
        log(f"Closing connection to {self.addr}: {why}")
