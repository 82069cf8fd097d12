"""The command line of the servers: every limit is a flag."""

import argparse

# Each flag with its default and what it says.
FLAGS = {
    "max-connections": (1000, "at a time; one more closes the one that has been without an answer for longest"),
    "max-buffer": (262144, "bytes that may wait for a peer to read them"),
    "max-header": (4096, "bytes of a request's header"),
    "max-content": (65536, "bytes of a request's content"),
    "max-requests": (1000, "requests that one connection may send"),
    "idle-timeout": (60, "seconds without a byte from or to a peer"),
    "request-timeout": (10, "seconds that a request may take to arrive"),
    "drain-timeout": (5, "seconds that connections get to end after SIGTERM and SIGINT"),
    "workers": (0, "processes that share the port; SIGHUP replaces them; 0: this process alone"),
}


def number(text):
    """A number that is not negative: an integer where it is one."""
    value = float(text)
    if not 0 <= value < 2**53:
        raise ValueError
    return int(value) if value == int(value) else value


def parse(names):
    """The options of a program that has these flags. Ends it if they are wrong."""
    parser = argparse.ArgumentParser()
    for name in names:
        usual, text = FLAGS[name]
        parser.add_argument(f"--{name}", type=number, metavar="N", help=f"{text} ({usual})")
    # A descriptor that listens already, from the process that has started this one.
    parser.add_argument("--listener-fd", type=number, help=argparse.SUPPRESS)
    parser.add_argument("host")
    parser.add_argument("port", type=number)
    parser.set_defaults(**{name.replace("-", "_"): usual for name, (usual, _) in FLAGS.items()})
    options = parser.parse_args()
    if options.max_connections < 1:
        parser.error("--max-connections must be at least 1")
    return options
