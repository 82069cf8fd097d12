/** Does a program that is recorded through strace end as it does without us? */
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { dirname } from "node:path";

import { beforeEach, expect, onTestFinished, test, vi } from "vitest";

import type { Print } from "../../lib/trace/recording.ts";
import { net_command } from "../../tools/record/net.ts";
import { python_command } from "../../tools/record/python.ts";
import { UsageError } from "../../tools/usage-error.ts";
import { Command } from "../support/commands.ts";
import { is_blocked } from "../support/proc.ts";
import { PYTHON } from "../support/python.ts";
import { new_folder, script, record_python, of_kind, lines_of } from "../support/straced.ts";
import { needs } from "../support/tools.ts";
import { until } from "../support/waiting.ts";

beforeEach(() => needs("strace", "python3"));

const endings = {
  "that ends": "print('héllo', 'wörld', sep='\\n')",
  "that looks around": `
import os, sys
print(sys.argv, os.path.basename(sys.path[0]), os.path.basename(__file__), __name__, __spec__)
print(sorted(name for name in globals() if name.startswith("__")))
import __main__
print(__main__.__file__ == __file__)`,
  "that exits with a status": "import sys; sys.exit(3)",
  "that exits with a word": "import sys; sys.exit('no')",
  "that throws": "def f():\n    return 1 / 0\n\nf()",
  "that throws while it handles": `
def f():
    raise KeyError("one")
try:
    f()
except KeyError:
    raise ValueError("two\\nlines")`,
  "that interrupts itself":
    "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass",
  "that is no Python": "x = (",
  "that prints an exception itself": `
import sys
sys.excepthook = lambda kind, value, traceback: print("hook", kind, traceback.tb_lineno)
raise RuntimeError`,
};

test.each(Object.entries(endings))(
  "a recorded Python program %s ends as without us",
  async (_, source) => {
    const path = script(source);
    const { ending } = await record_python(path, ["one", "two words"]);
    expect(ending).toEqual(await new Command([PYTHON, path, "one", "two words"]).ended);
  },
);

test("what a Python program throws is in its recording's end", async () => {
  const { lines, calls } = await record_python(
    script("import socket\ns = socket.socket()\nraise ValueError('no\\nmore')"),
  );
  expect(lines.at(-1)).toMatchObject({ kind: "end", status: 1, error: "ValueError: no" });
  expect(calls.map(({ syscall }) => syscall)).toEqual(["socket", "close"]);
});

test("Ctrl-C reaches a Python program that never sleeps, wherever it is", async () => {
  const busy = script(`
import selectors, socket
left, right = socket.socketpair()
sel = selectors.DefaultSelector()
sel.register(left, selectors.EVENT_WRITE)
turns = 0
try:
    while True:
        for key, mask in sel.select():
            turns += 1
        if turns == 3:
            print("busy")
except KeyboardInterrupt:
    print("Caught")
left.close()
`);
  const { lines, calls, ending } = await record_python(busy, [], async (program) => {
    await program.printed("busy");
    program.kill("SIGINT");
  });
  expect(ending).toEqual({ status: 0, signal: null, stdout: "busy\nCaught\n", stderr: "" });
  expect(of_kind(lines, "print").map((line: Print) => line.text)).toEqual(["busy\n", "Caught\n"]);
  expect(calls.some(({ wake }) => wake?.selected?.length === 1)).toBe(true);
  // Where the signal came while a line was marked, no more lines are: but none is wrong.
  const { close = ["left.close()"] } = lines_of(lines);
  expect(close).toEqual(["left.close()"]);
});

test("a Python program that was killed has left all that it did until then", async () => {
  const { lines, calls, ending } = await record_python(
    script("import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\ns.accept()"),
    [],
    async (program) => {
      await until(() => is_blocked(program.pid));
      program.kill("SIGKILL");
    },
  );
  expect(ending.signal).toBe("SIGKILL");
  expect(calls.map(({ syscall, result }) => [syscall, result])).toEqual([
    ["socket", 3],
    ["bind", 0],
    ["listen", 0],
    ["accept4", null],
  ]);
  expect(calls.at(-1)).not.toHaveProperty("errno");
  expect(lines.at(-1)).toMatchObject({ kind: "end", status: null, signal: "SIGKILL" });
});

test("what is missing is said before anything is started", async () => {
  const folder = new_folder();
  const path = script("");
  const attempt = () => python_command(path, [], folder);
  expect(() => python_command("none.py", [], folder)).toThrow(
    new UsageError("No such file: none.py."),
  );
  expect(() => net_command("none.js", [], folder)).toThrow(UsageError);
  vi.stubEnv("PYTHON", "no-such-python");
  expect(attempt).toThrow(/^Cannot run no-such-python, .* install Python 3\.$/);
  vi.stubEnv(
    "PYTHON",
    execFileSync(PYTHON, ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim(),
  );
  vi.stubEnv("PATH", folder);
  expect(attempt).toThrow(/^strace is not installed, .*: install it/);
  vi.unstubAllEnvs();
});

/** Puts a program named strace before all others: a shell script. */
function stub_strace(source: string): void {
  const path = script(`#!/bin/sh\n${source}`, "strace");
  chmodSync(path, 0o755);
  vi.stubEnv("PATH", `${dirname(path)}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test("a strace that knows no nanoseconds will do", async () => {
  const real = execFileSync("which", ["strace"], { encoding: "utf8" }).trim();
  stub_strace(`case "$*" in *--absolute*) echo unknown >&2; exit 1;; esac\nexec ${real} "$@"`);
  const { calls, ending } = await record_python(script("import socket\nsocket.socket().close()"));
  expect(ending).toMatchObject({ status: 0, stderr: "" });
  expect(calls.map(({ syscall }) => syscall)).toEqual(["socket", "close"]);
  expect(calls.every(({ t, d }) => t > 0 && t % 1000 === 0 && d % 1000 === 0)).toBe(true);
});

test("a strace that may not trace says so, before anything is started", () => {
  stub_strace("echo 'strace: test_ptrace_get_syscall_info: Operation not permitted' >&2; exit 1");
  expect(() => python_command(script(""), [], new_folder())).toThrow(
    /^strace is not permitted to trace programs: "strace: .*Operation not permitted"\. In a container, allow/,
  );
});
