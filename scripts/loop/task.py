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
