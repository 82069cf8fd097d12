"""Runs the programs of this folder: prints, as JSON, what each statement came to, and the same
statement in JavaScript.

A program is lines of Python up to an empty line; its first line is a comment, which says what it is
about. All statements are run, whatever the ones before have come to. Behind a statement, or behind
the first line for all of them, may stand

    # differs: REASON => OUTCOME       where iomux is another on purpose, and what it comes to there:
                                       the outcome as JSON, or the exception's class alone
    # since 3.13                       where older Pythons have other words
"""

import ast
import enum
import errno
import importlib
import json
import os
import re
import select
import selectors
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

from translate import statement

REMARK = re.compile(r"#\s*(?:differs: (?P<why>.*?) => (?P<ours>.*)|since (?P<since>3\.\d+))\s*$")


def shown(value: object) -> str:
    """A value's repr, without what differs from run to run or has no counterpart in JavaScript."""
    if isinstance(value, (enum.IntEnum, enum.IntFlag)):
        return repr(int(value))
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    if type(value) is tuple:
        return f"({', '.join(map(shown, value))}{',' if len(value) == 1 else ''})"
    if type(value) is list:
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, memoryview):
        value = bytearray(value)
    text = re.sub(r"<(?:AddressFamily|SocketKind)\.\w+: (-?\d+)>", r"\1", repr(value))
    return without_numbers(text)


def without_numbers(text: str) -> str:
    """A text without descriptors and places in memory: they are others in every process."""
    text = re.sub(r" at 0x[0-9a-f]+", "", text.replace("__main__.", ""))
    return re.sub(r"(fd=|FD |fd |name=|')\d+(?= \(FD|\b)", r"\1N", text)


class FileLike:
    """Any object with a fileno()."""

    def __init__(self, fd: object) -> None:
        self.fd = fd

    def fileno(self) -> object:
        return self.fd


class MySocket(socket.socket):
    pass


def in_thread(source: str) -> object:
    """What an expression comes to in another thread."""
    outcome: list[object] = []

    def work() -> None:
        try:
            outcome.append(eval(source, new_names()))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def interrupt_in(seconds: float) -> None:
    """Has this process sent a SIGALRM."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def new_names() -> dict[str, object]:
    return dict(
        errno=errno, select=select, selectors=selectors, signal=signal, socket=socket, sys=sys,
        FileLike=FileLike, MySocket=MySocket, in_thread=in_thread, interrupt_in=interrupt_in,
        folder=FOLDER, pack=struct.pack, remove=os.remove, write_file=write_file, elapsed=elapsed,
    )


def write_file(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def elapsed(call, least: float, most: float) -> bool:
    """Whether a call takes so long: not less, and not very much more."""
    begin = time.monotonic()
    call()
    return least <= time.monotonic() - begin < most


def outcome_of(node: ast.stmt, names: dict[str, object]) -> object:
    try:
        if isinstance(node, ast.Expr):
            return ["value", shown(eval(compile(ast.Expression(node.value), "", "eval"), names))]
        exec(compile(ast.Module([node], []), "", "exec"), names)
        return ["value", "None"]
    except BaseException as error:
        number = error.errno if isinstance(error, OSError) else None
        return [type(error).__name__, without_numbers(str(error)), number]


def run(text: str) -> dict[str, object]:
    title, *lines = text.splitlines()
    remark_on_all = REMARK.search(title)
    names = new_names()
    given = set(names)
    rows = []
    for node in ast.parse("\n".join(lines)).body:
        remark = REMARK.search(lines[node.end_lineno - 1]) or remark_on_all
        since = remark and remark["since"]
        skipped = since is not None and sys.version_info < tuple(map(int, since.split(".")))
        rows.append({
            "python": ast.unparse(node),
            "javascript": statement(node),
            "theirs": None if skipped else outcome_of(node, names),
            "why": remark and remark["why"],
            "ours": remark and remark["ours"],
        })
    # What is left open would be found again under other numbers.
    for name, one in names.items():
        if name not in given and hasattr(one, "close"):
            try:
                one.close()
            except OSError:
                pass
    return {"title": title.removeprefix("# ").split("  #")[0], "rows": rows}


def programs(table: str) -> list[str]:
    module = importlib.import_module(table)
    return [text.strip() for text in module.programs() if text.strip()]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as FOLDER:
        json.dump([run(text) for text in programs(sys.argv[1])], sys.stdout)
