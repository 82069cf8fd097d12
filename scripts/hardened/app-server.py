"""Answers searches and binary requests, any number of them over each connection.

Usage: python3 scripts/hardened/app-server.py [options] <host> <port>
"""

import json
import math
import pathlib
import sys
import time

from connection import Connection
from options import parse
from protocol import Decoder, encode
from serve import serve

sys.path.append(str(pathlib.Path(__file__).parent.parent))
from libserver import request_search

# Python has decoders that are slow or unpack: a peer must not choose among all of them.
ENCODINGS = {"utf-8", "utf-16", "latin-1", "ascii"}


def json_message(result):
    content = json.dumps({"result": result}, ensure_ascii=False).encode("utf-8")
    return encode(content, "text/json", "utf-8")


class BadRequest(ValueError):
    """What a request cannot have. The connection goes on: where the next request begins is known."""


def search(request):
    """The answer of the tutorial's server to a search. It looks up None in a dict of texts, and [] ends
    its connection.
    """
    if not isinstance(request, dict):
        raise BadRequest("a request is an object")
    action = request.get("action")
    if action != "search":
        raise BadRequest(f"invalid action '{action}'.")
    query = request.get("value")
    if not isinstance(query, str):
        raise BadRequest("the value of a search is a text")
    return request_search.get(query, f"No match for '{query}'.")


def answer(header, content):
    if header["content-type"] != "text/json":
        return encode(
            b"First 10 bytes of request: " + content[:10],
            "binary/custom-server-binary-type",
            "binary",
        )
    # The tutorial never answers what is false in Python: {}, [], null, 0, no bytes. Here, everything
    # that arrives has an answer, and an exception is one.
    try:
        encoding = header["content-encoding"].lower()
        if encoding not in ENCODINGS:
            raise BadRequest(f"unknown encoding '{encoding}'")
        return json_message(search(json.loads(content.decode(encoding))))
    except (ValueError, RecursionError) as e:
        return json_message(f"Error: {e}")


class Application(Connection):
    def __init__(self, loop, sock, addr):
        super().__init__(loop, sock, addr)
        self._decoder = Decoder(loop.options.max_header, loop.options.max_content)
        self._requests = 0

    def on_data(self, data):
        try:
            messages = self._decoder.push(data)
            for header, content in messages:
                self.send(answer(header, content))
                self.served()
                self._requests += 1
                if self._requests >= self.loop.options.max_requests:
                    self.finish()
                    return
            # What is wrong with the bytes behind complete messages, the next call says.
            if messages:
                self._decoder.push(b"")
            self._expect(len(messages) > 0)
        except ValueError as e:
            # Where the next request begins is not known any more.
            self.refuse(str(e))

    def on_end(self):
        try:
            self._decoder.end()
        except ValueError as e:
            self.refuse(str(e))

    @property
    def at_rest(self):
        return self._requests > 0 and not self._decoder.partial

    def farewell(self, why):
        return json_message(f"Error: {why}")

    def _expect(self, is_next):
        """A request must arrive within its time, counted from its first byte: a byte now and then is
        not enough.
        """
        if not self._decoder.partial:
            self.due = math.inf
        elif is_next or self.due == math.inf:
            self.due = time.monotonic() + self.loop.options.request_timeout


serve(
    parse(
        [
            *["max-connections", "max-buffer", "max-header", "max-content", "max-requests"],
            *["idle-timeout", "request-timeout", "drain-timeout", "workers"],
        ]
    ),
    Application,
)
