"""Runs a server as its options say: alone, or as one of several workers, or as their supervisor."""

import socket

from server import Server, listen, say_listening
from workers import supervise


def serve(options, connect):
    """Serves until SIGTERM or SIGINT; `connect` makes the connections."""
    if options.listener_fd is not None:
        Server(socket.socket(fileno=options.listener_fd), options, connect).run()
    elif options.workers > 0:
        supervise(options)
    else:
        listener = listen(options.host, options.port, False)
        server = Server(listener, options, connect)
        # Not before it can be ended in peace.
        say_listening(listener)
        server.run()
