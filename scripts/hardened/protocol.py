"""The tutorial's application protocol: messages to bytes and back, without sockets.

A message is the length of its header in two bytes, big-endian; the header, JSON in UTF-8; and the
content, as many bytes as the header's `content-length` says. `iomux/protocol` for Python.
"""

import json
import struct
import sys

LENGTH_SIZE = 2


def encode(content, content_type, content_encoding):
    """The bytes of a message: the tutorial's `_create_message()`."""
    header = {
        "byteorder": sys.byteorder,
        "content-type": content_type,
        "content-encoding": content_encoding,
        "content-length": len(content),
    }
    encoded = json.dumps(header, ensure_ascii=False).encode("utf-8")
    return struct.pack(">H", len(encoded)) + encoded + content


class Decoder:
    """Turns received bytes into messages, however they are split: the reading half of the tutorial's
    `Message`, with limits.
    """

    def __init__(self, max_header, max_content):
        self._max_header = max_header
        self._max_content = max_content
        # The part that is arriving.
        self._state = "length"
        self._need = LENGTH_SIZE
        # It grows with what arrives, and never has the announced length at once: a sender of few
        # bytes must cost little memory.
        self._part = bytearray()
        # The header of the message whose content is arriving.
        self._header = None
        self._error = None

    @property
    def partial(self):
        """Whether a message has begun to arrive and the rest of it has not."""
        return self._state != "length" or len(self._part) > 0

    def push(self, data):
        """Takes the bytes that arrived next, and returns the messages that they complete, each a header
        and its content.

        Raises ValueError for an invalid message, and again at every later call. Messages that were
        complete before are not lost: this call returns them, and the next one raises.
        """
        if self._error is not None:
            raise self._error
        messages = []
        rest = memoryview(data)
        try:
            while rest:
                missing = self._need - len(self._part)
                self._part += rest[:missing]
                rest = rest[missing:]
                # Content of no bytes at all is complete as soon as it begins.
                while len(self._part) == self._need:
                    self._complete(messages)
        except ValueError as e:
            self._error = e
            self._part = bytearray()
            if not messages:
                raise
        return messages

    def end(self):
        """Call this when nothing more will arrive. Raises ValueError in the middle of a message."""
        if self._error is not None:
            raise self._error
        if self.partial:
            have = f"{len(self._part)} of {self._need}"
            raise ValueError(f"message ends too early: {have} bytes of its {self._state}")

    def _complete(self, messages):
        """The part is complete: goes on to the next."""
        part = self._part
        if self._state == "length":
            (length,) = struct.unpack(">H", part)
            check_limit("header", length, self._max_header)
            self._expect("header", length)
        elif self._state == "header":
            self._header = header_of(part)
            length = self._header["content-length"]
            check_limit("content", length, self._max_content)
            self._expect("content", length)
        else:
            messages.append((self._header, bytes(part)))
            self._expect("length", LENGTH_SIZE)

    def _expect(self, state, need):
        self._state = state
        self._need = need
        self._part = bytearray()


def check_limit(part, length, limit):
    if length > limit:
        raise ValueError(f"message {part} too long: {length} bytes, the limit is {limit}")


def header_of(data):
    try:
        header = json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("message header is nested too deeply") from None
    if not isinstance(header, dict):
        raise ValueError("message header is not a JSON object")
    for name in ("byteorder", "content-length", "content-type", "content-encoding"):
        if name not in header:
            raise ValueError(f"Missing required header '{name}'.")
        value = header[name]
        if name == "content-length":
            header[name] = content_length(value)
        elif not isinstance(value, str):
            raise ValueError(f"header '{name}' is not a string: {value!r}")
    return header


def content_length(value):
    # True is an int in Python, and 37.0 a float, but a length in JavaScript.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"header 'content-length' is not a length: {value!r}")
    return value
