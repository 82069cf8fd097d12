"""Sends requests to the application server over one connection, and prints the responses.

Usage: python3 scripts/hardened/app-client.py [options] <host> <port> <action> <value> [<action> <value>]...
"""

import argparse
import json
import selectors
import socket
import sys
import time

from options import number
from protocol import Decoder, encode


class Failure(Exception):
    """Why there is no response."""


def create_request(action, value):
    if action == "search":
        content = json.dumps({"action": action, "value": value}, ensure_ascii=False).encode("utf-8")
        return encode(content, "text/json", "utf-8")
    content = (action + value).encode("utf-8")
    return encode(content, "binary/custom-client-binary-type", "binary")


def print_response(header, content):
    if header["content-type"] != "text/json":
        print(f"Got response: {content!r}")
        return
    # A server may send anything: the tutorial's client ends by an AttributeError.
    response = json.loads(content.decode("utf-8"))
    if not isinstance(response, dict):
        raise Failure("the response is not an object")
    print(f"Got result: {response.get('result')}")


def connect(host, port, deadline):
    """Connects to the first of the host's addresses that answers: the tutorial knows IPv4 only, and one."""
    failure = None
    for family, type, proto, _, addr in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, type, proto)
        try:
            sock.settimeout(max(deadline - time.monotonic(), 0.001))
            # The tutorial connects without waiting, and finds out by its first send that it failed.
            sock.connect(addr)
            sock.setblocking(False)
            return sock
        except OSError as e:
            sock.close()
            failure = e
    raise failure


def exchange(sock, requests, decoder, deadline):
    """Sends requests, and prints the response to each, in order."""
    with selectors.DefaultSelector() as sel:
        mask = selectors.EVENT_READ | selectors.EVENT_WRITE
        sel.register(sock, mask)
        out = memoryview(b"".join(requests))
        missing = len(requests)
        while missing > 0:
            # The tutorial's client waits for ever.
            left = deadline - time.monotonic()
            events = sel.select(left) if left > 0 else []
            if not events and left <= 0:
                raise Failure(f"{missing} responses did not come in time")
            for _, ready in events:
                # Reading while there is still something to write: two that only write wait for each other.
                if ready & selectors.EVENT_WRITE:
                    out = out[sock.send(out) :]
                if not out and mask != selectors.EVENT_READ:
                    mask = selectors.EVENT_READ
                    sel.modify(sock, mask)
                if ready & selectors.EVENT_READ:
                    missing -= receive(sock, decoder, missing)


def receive(sock, decoder, missing):
    """Prints the responses that have arrived, and returns their number."""
    data = sock.recv(65536)
    if not data:
        decoder.end()
        raise Failure(f"the server has closed the connection, and {missing} responses are missing")
    messages = decoder.push(data)
    if len(messages) > missing:
        raise Failure("more responses than requests")
    for header, content in messages:
        print_response(header, content)
    return len(messages)


parser = argparse.ArgumentParser()
parser.add_argument("--timeout", type=number, default=10, help="seconds for everything together (10)")
parser.add_argument("--max-header", type=number, default=4096, help="bytes of a response's header (4096)")
parser.add_argument(
    "--max-content", type=number, default=1048576, help="bytes of a response's content (1048576)"
)
parser.add_argument("host")
parser.add_argument("port")
parser.add_argument("requests", nargs="+", metavar="action value")
args = parser.parse_args()
if len(args.requests) % 2 != 0:
    parser.error("host, port, action and value are required")
pairs = zip(args.requests[::2], args.requests[1::2])
requests = [create_request(action, value) for action, value in pairs]
decoder = Decoder(args.max_header, args.max_content)

deadline = time.monotonic() + args.timeout
try:
    with connect(args.host, args.port, deadline) as sock:
        exchange(sock, requests, decoder, deadline)
except (OSError, ValueError, Failure) as e:
    print(f"{sys.argv[0]}: error: {e}", file=sys.stderr)
    sys.exit(1)
