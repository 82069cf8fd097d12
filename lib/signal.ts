/**
 * Python's `signal` module, as far as programs that wait for sockets need it. Handlers run on the
 * main thread, in the middle of a blocking call, which then goes on with the remaining time. While
 * Node's event loop runs, it calls them.
 *
 * https://docs.python.org/3/library/signal.html
 */

import { as_c_int, as_seconds } from "./core/arguments.ts";
import { int_enum } from "./core/enums.ts";
import type { IntEnum } from "./core/enums.ts";
import { named, OSError, os_error, OverflowError, ValueError } from "./core/exceptions.ts";
import {
  begin_run,
  check_signals,
  default_int_handler,
  HANDLED,
  handlers,
  require_main_thread,
  wake_event_loop,
  was_interrupted,
  watch_interrupt,
} from "./core/interrupt.ts";
import type { SignalHandler } from "./core/interrupt.ts";
import { tuple } from "./core/repr.ts";
import { nanoseconds } from "./core/timeouts.ts";
import { native } from "./native.ts";

export { default_int_handler } from "./core/interrupt.ts";
export type { SignalHandler } from "./core/interrupt.ts";
export * from "./signal/mask.ts";
export type { EnumMember, IntEnum } from "./core/enums.ts";

const { constants } = native;

/** The system's default action: most signals end the process. */
export const SIG_DFL = 0;
/** The signal is ignored. */
export const SIG_IGN = 1;

// In the order of Linux's numbers; undefined if the system does not have one. signal(7)
export const SIGHUP: number = constants.SIGHUP;
export const SIGINT: number = constants.SIGINT;
export const SIGQUIT: number = constants.SIGQUIT;
export const SIGILL: number = constants.SIGILL;
export const SIGTRAP: number = constants.SIGTRAP;
export const SIGABRT: number = constants.SIGABRT;
export const SIGIOT: number = constants.SIGIOT;
export const SIGBUS: number = constants.SIGBUS;
export const SIGFPE: number = constants.SIGFPE;
export const SIGKILL: number = constants.SIGKILL;
export const SIGUSR1: number = constants.SIGUSR1;
export const SIGSEGV: number = constants.SIGSEGV;
export const SIGUSR2: number = constants.SIGUSR2;
export const SIGPIPE: number = constants.SIGPIPE;
export const SIGALRM: number = constants.SIGALRM;
export const SIGTERM: number = constants.SIGTERM;
export const SIGSTKFLT: number = constants.SIGSTKFLT;
export const SIGCHLD: number = constants.SIGCHLD;
export const SIGCLD: number = constants.SIGCLD;
export const SIGCONT: number = constants.SIGCONT;
export const SIGSTOP: number = constants.SIGSTOP;
export const SIGTSTP: number = constants.SIGTSTP;
export const SIGTTIN: number = constants.SIGTTIN;
export const SIGTTOU: number = constants.SIGTTOU;
export const SIGURG: number = constants.SIGURG;
export const SIGXCPU: number = constants.SIGXCPU;
export const SIGXFSZ: number = constants.SIGXFSZ;
export const SIGVTALRM: number = constants.SIGVTALRM;
export const SIGPROF: number = constants.SIGPROF;
export const SIGWINCH: number = constants.SIGWINCH;
export const SIGIO: number = constants.SIGIO;
export const SIGPOLL: number = constants.SIGPOLL;
export const SIGPWR: number = constants.SIGPWR;
export const SIGSYS: number = constants.SIGSYS;
export const SIGRTMIN: number = constants.SIGRTMIN;
export const SIGRTMAX: number = constants.SIGRTMAX;
export const SIGEMT: number = constants.SIGEMT;
export const SIGINFO: number = constants.SIGINFO;
export const NSIG: number = constants.NSIG;

/** The signals by their names and numbers: `Signals(2).name` is "SIGINT". */
export const Signals: IntEnum<`SIG${string}`> = int_enum("Signals", constants, /^SIG[A-Z]/);
/** SIG_DFL and SIG_IGN by their names and numbers. */
export const Handlers: IntEnum<"SIG_DFL" | "SIG_IGN"> = int_enum(
  "Handlers",
  { SIG_DFL, SIG_IGN },
  /^SIG_/,
);
/** What pthread_sigmask can do, by names and numbers. */
export const Sigmasks: IntEnum<"SIG_BLOCK" | "SIG_UNBLOCK" | "SIG_SETMASK"> = int_enum(
  "Sigmasks",
  constants,
  /^SIG_(?:BLOCK|UNBLOCK|SETMASK)$/,
);

/** A timer of real time, which sends SIGALRM. */
export const ITIMER_REAL: number = constants.ITIMER_REAL;
/** A timer of the process's time in user mode, which sends SIGVTALRM. */
export const ITIMER_VIRTUAL: number = constants.ITIMER_VIRTUAL;
/** A timer of the process's time in user and kernel mode, which sends SIGPROF. */
export const ITIMER_PROF: number = constants.ITIMER_PROF;

/** setitimer or getitimer failed. Python: `signal.ItimerError`, whose `__name__` is `itimer_error`. */
export class ItimerError extends OSError {}
named(ItimerError, "itimer_error");

/** What handles a signal: SIG_DFL, SIG_IGN or a handler; null for a handler of Node's. */
export type Disposition = SignalHandler | typeof SIG_DFL | typeof SIG_IGN | null;

function as_signal(signum: unknown): number {
  const number = as_c_int(signum);
  if (number < 1 || number >= NSIG) throw new ValueError("signal number out of range");
  return number;
}

/**
 * Sets what handles a signal, and returns what did before: SIG_DFL, SIG_IGN, or a handler, which is
 * called with the signal's number (and null, where Python has the stack frame). The interrupted
 * blocking call throws what the handler throws. While a signal has a handler, Node's listeners
 * (`process.on`) for it are not called; but for SIGCHLD, SIGCONT, SIGURG and SIGWINCH, which are
 * ignored by default, both are, and `node:child_process` goes on hearing of its children. With SIG_IGN for
 * SIGCHLD it does not.
 *
 * Errors: ValueError for an invalid signal number, and in a worker; TypeError for an invalid
 * handler; OSError EINVAL for a signal that cannot be handled. sigaction(2)
 */
export function signal(
  signalnum: number,
  handler: SignalHandler | typeof SIG_DFL | typeof SIG_IGN,
): Disposition {
  const signum = as_signal(signalnum);
  require_main_thread("signal");
  if (typeof handler !== "function" && handler !== SIG_DFL && handler !== SIG_IGN) {
    throw new TypeError(
      "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object",
    );
  }
  // Signals that have arrived already are for the handler so far.
  check_signals();
  const before = getsignal(signum);
  begin_run();
  const result = native.signal_set(signum, typeof handler === "function" ? HANDLED : handler);
  if (result < 0) throw os_error(result);
  if (typeof handler === "function") {
    handlers.set(signum, handler);
    if (handler === default_int_handler && signum === SIGINT) watch_interrupt();
    wake_event_loop();
  } else {
    handlers.delete(signum);
  }
  return before;
}

/** What handles a signal: see `signal`. ValueError for an invalid signal number. */
export function getsignal(signalnum: number): Disposition {
  const signum = as_signal(signalnum);
  const handler = handlers.get(signum);
  if (handler !== undefined) return handler;
  const disposition = native.signal_get(signum);
  if (disposition === SIG_DFL || disposition === SIG_IGN) return disposition;
  // Node's own interest in the ends of children changes nothing for the program.
  const is_default = signum === SIGCHLD && process.listenerCount("SIGCHLD") === 0;
  return is_default ? SIG_DFL : null;
}

/** Sends a signal to this process; its handler has run when this returns. OSError EINVAL. raise(3) */
export function raise_signal(signalnum: number): void {
  begin_run();
  const result = native.raise(as_c_int(signalnum));
  if (result < 0) throw os_error(result);
  check_signals();
}

/**
 * Sends SIGALRM after so many seconds, or cancels that with 0; returns the seconds left of an
 * earlier alarm. alarm(2)
 */
export function alarm(seconds: number): number {
  return native.alarm(as_c_int(seconds) >>> 0);
}

/** Seconds until a timer fires, and of its interval; both 0 for one that is off. */
export type Timer = readonly [delay: number, interval: number];

/**
 * Sets a timer (ITIMER_REAL ...) to fire after so many seconds, then every `interval` seconds, or
 * once if that is 0; 0 seconds stop it. Returns what it was set to before. ItimerError for an
 * unknown timer or a negative time. setitimer(2)
 */
export function setitimer(which: number, seconds: number, interval: number = 0): Timer {
  const before = new Int32Array(4);
  const wanted = Int32Array.of(...to_timeval(seconds), ...to_timeval(interval));
  const result = native.setitimer(as_c_int(which), wanted, before);
  if (result < 0) throw itimer_error(result);
  return to_timer(before);
}

/** What a timer is set to. ItimerError for an unknown timer. getitimer(2) */
export function getitimer(which: number): Timer {
  const timer = new Int32Array(4);
  const result = native.getitimer(as_c_int(which), timer);
  if (result < 0) throw itimer_error(result);
  return to_timer(timer);
}

function itimer_error(result: number): ItimerError {
  return new ItimerError(-result, native.strerror(-result));
}

function to_timeval(time: unknown): [seconds: number, microseconds: number] {
  const microseconds = Math.ceil(nanoseconds(as_seconds(time)) / 1e3);
  const seconds = Math.floor(microseconds / 1e6);
  if (Math.abs(seconds) > 2 ** 31 - 1) {
    throw new OverflowError("timestamp out of range for platform time_t");
  }
  return [seconds, microseconds - seconds * 1e6];
}

function to_timer([seconds, microseconds, every, every_microseconds]: Int32Array): Timer {
  return tuple([seconds + microseconds / 1e6, every + every_microseconds / 1e6]);
}

/** Waits for a signal, and for its handler to have run. pause(2) */
export function pause(): void {
  begin_run();
  // A worker gets no signals: only its termination ends the call.
  while (was_interrupted(native.pause())) if (native.is_main_thread) break;
  check_signals();
}

let wakeup_fd = -1;

/**
 * Sets a non-blocking descriptor (usually a socketpair's) to which the number of each handled
 * signal is written as one byte, so that a selector wakes up; -1 for none. Returns the one before.
 * Standard error says when a number cannot be written; with `warn_on_full_buffer` false, not for a
 * full buffer. ValueError for a blocking descriptor, and in a worker.
 */
export function set_wakeup_fd(
  fd: number,
  { warn_on_full_buffer = true }: { readonly warn_on_full_buffer?: boolean } = {},
): number {
  const descriptor = as_c_int(fd);
  require_main_thread("set_wakeup_fd");
  if (descriptor !== -1) {
    const nonblocking = native.get_nonblocking(descriptor);
    if (nonblocking < 0) throw os_error(nonblocking);
    if (nonblocking === 0) {
      throw new ValueError(`the fd ${descriptor} must be in non-blocking mode`);
    }
  }
  const before = wakeup_fd;
  wakeup_fd = descriptor;
  native.signal_wakeup_fd(descriptor, Boolean(warn_on_full_buffer as unknown));
  return before;
}

/**
 * Whether a signal's handler ends a call that waits (true, which every `signal()` sets again), or runs
 * when the call has returned (false). Calls that wait for many descriptors end in any case, and after
 * a handler every call goes on by itself: PEP 475. ValueError for an invalid signal number; OSError
 * EINVAL for a signal that cannot be handled. siginterrupt(3)
 */
export function siginterrupt(signalnum: number, flag: boolean | number): void {
  const signum = as_signal(signalnum);
  const result = native.siginterrupt(signum, Boolean(flag));
  if (result < 0) throw os_error(result);
}

/** The system's description of a signal ("Interrupt"); null for an unknown one. strsignal(3) */
export function strsignal(signalnum: number): string | null {
  const text = native.strsignal(as_signal(signalnum));
  return text === null || text.startsWith("Unknown signal") ? null : text;
}

/** The numbers of all signals of the system. */
export function valid_signals(): Set<number> {
  const all = Array.from({ length: NSIG - 1 }, (_, index) => index + 1);
  return new Set(all.filter((signum) => native.signal_get(signum) >= 0));
}
