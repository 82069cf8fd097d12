"""Sends back to everyone what they send.

Usage: python3 scripts/hardened/echo-server.py [options] <host> <port>
"""

from connection import Connection
from options import parse
from serve import serve


class Echo(Connection):
    def __init__(self, loop, sock, addr):
        super().__init__(loop, sock, addr)
        self._has_echoed = False

    def on_data(self, data):
        self.send(data)
        self.served()
        self._has_echoed = True

    @property
    def at_rest(self):
        return self._has_echoed


serve(
    parse(["max-connections", "max-buffer", "idle-timeout", "drain-timeout", "workers"]),
    Echo,
)
