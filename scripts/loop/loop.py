"""The loop of steps 2 to 5: it waits for sockets and for times, and calls what is due."""

import heapq
import itertools
import selectors
import time


class Timer:
    """What to call at a time, unless it is cancelled before."""

    def __init__(self, when, number, callback):
        self.when = when
        self.number = number
        self.callback = callback

    def cancel(self):
        # It stays in the heap until its time, because there it is hard to find.
        self.callback = None

    def __lt__(self, other):
        # Of two for the same time, the one that was made first.
        return (self.when, self.number) < (other.when, other.number)


class Loop:
    def __init__(self):
        self.sel = selectors.DefaultSelector()
        self.timers = []
        self.numbers = itertools.count()

    def call_when_ready(self, sock, event, callback):
        """Calls it once, when the socket is ready."""
        self.sel.register(sock, event, callback)

    def forget(self, sock):
        self.sel.unregister(sock)

    def call_later(self, seconds, callback):
        """Calls it once, after so many seconds."""
        timer = Timer(time.monotonic() + seconds, next(self.numbers), callback)
        heapq.heappush(self.timers, timer)
        return timer

    def run_forever(self):
        while True:
            self.turn()

    def turn(self):
        """Waits until something is due, and calls all that is."""
        for key, _ in self.sel.select(self.seconds_left()):
            self.forget(key.fileobj)
            key.data()
        now = time.monotonic()
        while self.timers and self.timers[0].when <= now:
            callback = heapq.heappop(self.timers).callback
            if callback is not None:
                callback()

    def seconds_left(self):
        """Until the first timer; None if there is no timer."""
        while self.timers and self.timers[0].callback is None:
            heapq.heappop(self.timers)
        if not self.timers:
            return None
        return max(0, self.timers[0].when - time.monotonic())
