"""Runs a script as `python3 SCRIPT [ARGS]` does, and says in its own system calls where it is.

Usage: strace ... python3 traced.py SCRIPT [ARGS]

strace(1) sees what a program asks of the operating system, and not which of its lines does. So each
line that is about to run is written to descriptor -1: the write fails, does nothing, and is in
strace's output, before the calls that the line makes.
"""

import json
import os
import selectors  # noqa: F401 -- which tries out epoll: a script that imports it then does not
import sys
import types
from importlib.machinery import SourceFileLoader

DEEPEST = 40
LIBRARY = os.path.dirname(os.__file__) + os.sep
PACKAGES = f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}"


class Tracer:
    """Marks the lines of the files in these folders, and what a selector returns."""

    def __init__(self, *folders):
        self._folders = tuple(folder.rstrip(os.sep) + os.sep for folder in folders)
        # Each with its code, so that no other gets the same id.
        self._codes = {}
        self._stacks = {}

    def mark(self, what, *values):
        try:
            text = " ".join(["iomux", what, *map(json.dumps, values)])
            os.write(-1, text.encode())
        except OSError:
            # As it must: there is no such descriptor.
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
            # What called goes on in the middle of its line.
            self._at(frame.f_back)
        return self.line

    def select(self, frame, event, arg):
        # After an exception, there is nothing that it returns.
        if event == "return" and arg is not None:
            self.mark("selected", [(key.fd, mask) for key, mask in arg])
        return self.select

    def _number(self, code):
        """The number of a code of the program's own, None for any other."""
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
    """A traceback without the frames of this file, which are outside, or inside of the program's own."""
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
        # What is printed is to be in its place among the calls and not at the end, line by line.
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
        # Python itself is to print it and to end as it does, but of the program's own frames alone.
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
        # A signal's handler that has raised an exception in the tracer, as it may anywhere, has
        # ended the tracing: where the program was after the last mark, nobody knows.
        tracer.mark("done", sys.gettrace() is not None)
        sys.settrace(None)


run(sys.argv[1])
