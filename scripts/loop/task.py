"""Futures and tasks of steps 4 and 5: anything can be waited for, also the end of a coroutine."""


class Future:
    """A result that comes later, and whom to tell."""

    def __init__(self):
        self.is_done = False
        self.result = None
        self.callbacks = []

    def set_result(self, result):
        self.is_done = True
        self.result = result
        for callback in self.callbacks:
            callback(result)

    def add_done_callback(self, callback):
        if self.is_done:
            callback(self.result)
        else:
            self.callbacks.append(callback)

    # What `await` calls: step 5.
    def __await__(self):
        return (yield self)


class Task(Future):
    """A coroutine that yields the futures it waits for. What it returns is its result."""

    def __init__(self, coroutine):
        super().__init__()
        self.coroutine = coroutine

    def resume(self, value):
        """Lets it run until it waits again."""
        try:
            future = self.coroutine.send(value)
        except StopIteration as end:
            self.set_result(end.value)
        else:
            future.add_done_callback(self.resume)


def start(coroutine):
    """Lets a coroutine run until it waits. asyncio: `create_task`."""
    task = Task(coroutine)
    task.resume(None)
    return task


def ready(loop, sock, event):
    future = Future()
    loop.call_when_ready(sock, event, lambda: future.set_result(True))
    return future


def ready_within(loop, sock, event, seconds):
    """A future whose result is whether the socket was ready in time."""
    future = Future()

    def is_ready():
        timer.cancel()
        future.set_result(True)

    def is_late():
        loop.forget(sock)
        future.set_result(False)

    timer = loop.call_later(seconds, is_late)
    loop.call_when_ready(sock, event, is_ready)
    return future
