"""Deadlines of any number of owners, the next of which select() waits for."""

import heapq
import itertools
import math


class Deadlines:
    """One heap, the earliest deadline first. An owner has one deadline at a time."""

    def __init__(self):
        self._heap = []
        self._entries = {}
        # Entries of the same time are compared by it, because owners cannot be.
        self._count = itertools.count()

    @property
    def next(self):
        """The earliest deadline, or infinity."""
        self._discard()
        return self._heap[0][0] if self._heap else math.inf

    def set(self, owner, at):
        """Sets an owner's deadline, instead of the one before."""
        before = self._entries.get(owner)
        if before is not None and before[0] == at:
            return
        entry = (at, next(self._count), owner)
        self._entries[owner] = entry
        heapq.heappush(self._heap, entry)
        # The one before stays in the heap until it comes to the top. Connections that come and go
        # would fill it with such entries. What is sorted is a heap.
        if len(self._heap) > 2 * len(self._entries) + 64:
            self._heap = sorted(self._entries.values())

    def delete(self, owner):
        """The owner has no deadline any more."""
        self._entries.pop(owner, None)

    def expired(self, time):
        """Takes out an owner whose deadline has come; None when there is none."""
        if self.next > time:
            return None
        _, _, owner = heapq.heappop(self._heap)
        del self._entries[owner]
        return owner

    def _discard(self):
        while self._heap and self._entries.get(self._heap[0][2]) is not self._heap[0]:
            heapq.heappop(self._heap)
