/** Blocked signals, and the calls that wait for them. */
import { spawnSync } from "node:child_process";

import { describe, expect, test } from "vitest";

import { repr, str } from "iomux/builtins";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

import { compiled } from "./support/commands.ts";
import { is_blocked } from "./support/proc.ts";
import { start } from "./support/programs.ts";
import { PYTHON, ask_python } from "./support/python.ts";
import { not_on } from "./support/runtime.ts";
import { needs } from "./support/tools.ts";
import { until } from "./support/waiting.ts";

const in_python = `
import os, re, signal, time
from signal import SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SIGALRM, SIGUSR1, SIGUSR2

def numbers(signals): return sorted(int(signum) for signum in signals)

def told(call):
    try:
        result = call()
        print(int(result) if isinstance(result, int) else repr(result))
    except Exception as error:
        print(type(error).__name__, error)

def raise_soon(handler):
    signal.signal(SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)

told(lambda: numbers(signal.pthread_sigmask(SIG_BLOCK, [])))
told(lambda: numbers(signal.pthread_sigmask(SIG_BLOCK, [SIGUSR1, SIGUSR2])))
told(lambda: numbers(signal.pthread_sigmask(SIG_BLOCK, {SIGUSR1})))
told(lambda: signal.pthread_sigmask(1700, []))
told(lambda: signal.pthread_sigmask(SIG_BLOCK, [signal.NSIG]))
told(lambda: signal.pthread_sigmask(SIG_BLOCK, [0]))
told(lambda: signal.pthread_sigmask(SIG_BLOCK, 5))
told(lambda: signal.pthread_sigmask(SIG_BLOCK, ["x"]))
told(lambda: signal.pthread_sigmask(SIG_BLOCK, [1.5]))
told(lambda: signal.pthread_sigmask("x", []))
told(lambda: numbers(signal.pthread_sigmask(SIG_BLOCK, [signal.SIGKILL, signal.SIGSTOP])))
told(lambda: numbers(signal.sigpending()))
signal.raise_signal(SIGUSR1)
told(lambda: numbers(signal.sigpending()))
told(lambda: signal.sigwait([SIGUSR1, SIGUSR2]))
signal.raise_signal(SIGUSR2)
sent = signal.sigwaitinfo([SIGUSR1, SIGUSR2])
print(sent.si_signo, sent.si_code, sent.si_errno, sent.si_pid == os.getpid(), len(tuple(sent)))
print(re.sub("[0-9]+", "n", repr(sent)))
told(lambda: signal.sigtimedwait([SIGUSR1], 0))
told(lambda: signal.sigtimedwait([SIGUSR1], 0.05))
told(lambda: signal.sigtimedwait([SIGUSR1], -1))
told(lambda: signal.sigtimedwait([SIGUSR1], "x"))
told(lambda: signal.sigtimedwait([SIGUSR1], None))
told(lambda: signal.sigwait(3))
told(lambda: signal.sigwait([99]))
raise_soon(lambda *_: print("alarm"))
begin = time.monotonic()
told(lambda: signal.sigtimedwait([SIGUSR1], 0.2))
print(time.monotonic() - begin >= 0.2)
def throw(*_): raise ValueError("enough")
raise_soon(throw)
def taken():
    try: signal.sigwaitinfo([SIGUSR1]); return "taken"
    except ValueError: return "thrown"
told(taken)
signal.signal(SIGUSR1, lambda *_: print("handled"))
signal.raise_signal(SIGUSR1)
print("sent")
told(lambda: numbers(signal.pthread_sigmask(SIG_UNBLOCK, [SIGUSR1])))
told(lambda: numbers(signal.pthread_sigmask(SIG_SETMASK, [SIGUSR1])))
told(lambda: numbers(signal.pthread_sigmask(SIG_SETMASK, [])))
told(lambda: signal.siginterrupt(99, False))
told(lambda: signal.siginterrupt(0, False))
told(lambda: signal.siginterrupt(signal.SIGKILL, True))
told(lambda: signal.siginterrupt(SIGUSR1, 0))
`;

function printed(command: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
  return { lines: stdout.split("\n"), stderr };
}

test("pthread_sigmask, sigpending, sigwait and their kin say what Python's say", () => {
  needs("python3");
  const ours = compiled("test/support/programs/signal-mask.ts");
  expect(printed([...ours, "calls"])).toEqual(printed([PYTHON, "-c", in_python]));
});

/** All lines that one of the programs prints, and how it ends. */
async function lines_of(what: string): Promise<unknown> {
  const program = start("signal-mask.ts", [what]);
  const lines: string[] = [];
  for (;;) {
    try {
      lines.push(await program.line());
    } catch {
      return { lines, ...(await program.ended) };
    }
  }
}

const clean = { status: 0, signal: null, stderr: "" };

test("a blocked signal reaches the main thread, whichever thread it comes to", async () => {
  const program = start("signal-mask.ts", ["threads"]);
  for (let turn = 0; turn < 200; turn++) {
    expect(await program.line()).toBe("ready");
    const [name, signum] = turn % 2 === 0 ? (["SIGUSR1", 10] as const) : (["SIGUSR2", 12] as const);
    program.kill(name);
    expect(await program.line()).toBe(String(signum));
  }
  program.kill("SIGKILL");
});

test("Ctrl-C ends a wait for signals", async () => {
  const program = start("signal-mask.ts", ["threads"]);
  expect(await program.line()).toBe("ready");
  await until(() => is_blocked(program.pid));
  program.kill("SIGINT");
  expect(await program.ended).toMatchObject({ signal: "SIGINT" });
});

test("what handles a signal may change while it is blocked", async () => {
  const lines = ["0", "function", "0 [12]", "12"];
  expect(await lines_of("changes")).toEqual({ lines, ...clean });
});

test("a listener hears of a blocked signal once it is unblocked", async () => {
  not_on("Bun", "a listener's handler comes to lie on top of the one that holds signals back");
  not_on("Deno", "a listener's handler comes to lie on top of the one that holds signals back");
  const lines = ["unblocks", "heard"];
  expect(await lines_of("listener")).toEqual({ lines, ...clean });
});

test("a signal that nothing handles ends the process when it is unblocked", async () => {
  const ending = { status: null, signal: "SIGUSR2", stderr: "" };
  expect(await lines_of("unhandled")).toEqual({ lines: ["unblocks"], ...ending });
});

test("after siginterrupt a call goes on, and the handler runs afterwards", async () => {
  const lines = ["handled meanwhile", "0", "handled afterwards", "0"];
  expect(await lines_of("siginterrupt")).toEqual({ lines, ...clean });
});

describe("names for numbers", () => {
  const python_names = ask_python(
    `
import signal, socket
def told(enum):
    known = [[member.name, member.value, repr(member), str(member)] for member in enum]
    names = sorted(enum.__members__.items(), key=lambda item: item[0])
    return [known, [[name, int(member)] for name, member in names]]
def refused(enum):
    try: enum(4242424242)
    except ValueError as error: return str(error)
enums = [signal.Signals, signal.Handlers, signal.Sigmasks, socket.AddressFamily, socket.SocketKind, socket.MsgFlag]
flags = [[repr(socket.MsgFlag(n)), socket.MsgFlag(n).name] for n in (0, 1, 3, 0x42, 0x41)]
answers = [[told(enum) for enum in enums], [refused(enum) for enum in enums[:-1]], flags]
`,
    null,
  ) as () => [told: unknown, refused: unknown, flags: unknown];

  test("the enum classes have Python's members, names and texts", () => {
    const { Signals, Handlers, Sigmasks } = signal;
    const { AddressFamily, SocketKind, MsgFlag } = socket;
    const enums = [Signals, Handlers, Sigmasks, AddressFamily, SocketKind, MsgFlag];
    const told = enums.map((all) => [
      [...all].map((member) => [member.name, member.value, repr(member), str(member)]),
      Object.entries(all).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    ]);
    const refused = enums.slice(0, -1).map((all) => {
      try {
        return all(4_242_424_242);
      } catch (error) {
        return (error as Error).message;
      }
    });
    const flags = [0, 1, 3, 0x42, 0x41].map((n) => [repr(MsgFlag(n)), MsgFlag(n).name]);
    expect([told, refused, flags]).toEqual(python_names());
  });

  test("a member is its number wherever a number is asked for", () => {
    const member = signal.Signals(signal.SIGINT);
    expect([Number(member), String(member), Number(member) > signal.SIGHUP]).toEqual([
      2,
      "2",
      true,
    ]);
    expect(signal.Signals.SIGINT).toBe(signal.SIGINT);
  });
});

test("a worker has no signals to block or wait for", async () => {
  const names = ["pthread_sigmask", "sigpending", "sigwait"];
  const said = "only works in main thread of the main interpreter";
  const lines = names.map((name) => `ValueError ${name} ${said}`);
  expect(await lines_of("worker")).toEqual({ lines, ...clean });
});
