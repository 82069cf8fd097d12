"""Runs a script as `python3 SCRIPT [ARGS]` does, and marks its lines by system calls.

Usage: strace ... python3 traced.py SCRIPT [ARGS]

strace(1) sees the system calls of a program, but not the lines that make them. So each line that is
about to run is written to descriptor -1: the write fails, but strace prints it before the calls of
the line.
"""

import json
import os
import selectors  # noqa: F401 -- so that its trial of epoll is not among the script's calls
import sys
import types
from importlib.machinery import SourceFileLoader

DEEPEST = 40
LIBRARY = os.path.dirname(os.__file__) + os.sep
PACKAGES = f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}"


class Tracer:
    """Marks the lines of files in some folders, and the results of selectors."""

    def __init__(self, *folders):
        self._folders = tuple(folder.rstrip(os.sep) + os.sep for folder in folders)
        # Keeps each code alive, so that no other gets its id.
        self._codes = {}
        self._stacks = {}

    def mark(self, what, *values):
        try:
            text = " ".join(["iomux", what, *map(json.dumps, values)])
            os.write(-1, text.encode())
        except OSError:
            # Always, as there is no such descriptor.
            pass

    def call(self, frame, event, arg):
        if self._number(frame.f_code) is not None:
            return self.line
        if frame.f_code.co_name == "select" and frame.f_globals.get("__name__") == "selectors":
            frame.f_trace_lines = False
            return self.select
        return None

    def line(self, frame, event, arg):
        if event == "line":
            self._at(frame)
        elif event == "return":
            # The caller goes on in the middle of its line.
            self._at(frame.f_back)
        return self.line

    def select(self, frame, event, arg):
        # After an exception, arg is None.
        if event == "return" and arg is not None:
            self.mark("selected", [(key.fd, mask) for key, mask in arg])
        return self.select

    def _number(self, code):
        """The number of a code object of the program, None for any other."""
        known = self._codes.get(id(code))
        if known is None:
            path = code.co_filename
            is_own = path.startswith(self._folders) and not path.startswith(LIBRARY)
            if not is_own or path == __file__ or any(name in path for name in PACKAGES):
                number = None
            else:
                number = len(self._codes)
                self.mark("code", number, [code.co_name, path])
            known = self._codes[id(code)] = code, number
        return known[1]

    def _at(self, frame):
        frames = []
        while frame is not None and len(frames) < DEEPEST:
            number = self._number(frame.f_code)
            if number is not None:
                frames.append((number, frame.f_lineno))
            frame = frame.f_back
        stack = tuple(frames)
        number = self._stacks.get(stack)
        if number is None:
            number = self._stacks[stack] = len(self._stacks)
            self.mark("stack", number, stack)
        self.mark("at", number)


def without_this_file(traceback):
    """A traceback without the frames of this file, before or between those of the program."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    last = traceback
    while last is not None:
        if last.tb_next is not None and last.tb_next.tb_frame.f_code.co_filename == __file__:
            last.tb_next = None
        last = last.tb_next
    return traceback


def run(script):
    path = os.path.abspath(script)
    folder = os.path.dirname(os.path.realpath(path))
    sys.argv[:] = sys.argv[1:]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = folder
    if sys.stdout is not None:
        # Line buffered, so that writes are in their places among the calls.
        sys.stdout.reconfigure(line_buffering=True, write_through=False)

    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__loader__ = SourceFileLoader("__main__", path)
    main.__builtins__ = __builtins__
    main.__cached__ = None
    main.__annotations__ = {}
    sys.modules["__main__"] = main

    tracer = Tracer(os.path.dirname(path), folder)
    tracer.mark("start", os.getpid())
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        sys.settrace(tracer.call)
        exec(code, main.__dict__)
    except BaseException as error:
        # Python prints the error and ends as usual, but with the program's frames only.
        error.__traceback__ = stripped = without_this_file(error.__traceback__)
        if not isinstance(error, SystemExit):
            first_line = f"{type(error).__name__}: {error}".partition("\n")[0]
            tracer.mark("error", first_line if str(error) else type(error).__name__)
        show = sys.excepthook

        def show_stripped(kind, value, traceback):
            value.__traceback__ = stripped
            show(kind, value, stripped)

        sys.excepthook = show_stripped
        raise
    finally:
        # An exception from a signal handler inside the tracer ends the tracing, so that the place
        # after the last mark is unknown.
        tracer.mark("done", sys.gettrace() is not None)
        sys.settrace(None)


run(sys.argv[1])
