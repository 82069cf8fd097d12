/** Blocked signals, and the calls that wait for them. */
import { as_integer, as_seconds } from "../core/arguments.ts";
import { os_error, ValueError } from "../core/exceptions.ts";
import {
  begin_wait,
  check_signals,
  require_main_thread,
  time_left,
  was_interrupted,
} from "../core/interrupt.ts";
import { inspect_custom, repr, tuple } from "../core/repr.ts";
import { nanoseconds } from "../core/timeouts.ts";
import { native } from "../native.ts";

const { constants, errors } = native;
const { NSIG } = constants;

/** For pthread_sigmask: these signals are blocked, too. */
export const SIG_BLOCK: number = constants.SIG_BLOCK;
/** For pthread_sigmask: these signals are no longer blocked. */
export const SIG_UNBLOCK: number = constants.SIG_UNBLOCK;
/** For pthread_sigmask: these signals are blocked, and no other. */
export const SIG_SETMASK: number = constants.SIG_SETMASK;

function as_signals(signals: Iterable<number>): Int32Array {
  return Int32Array.from(tuple(signals), (signum: unknown) => {
    const number = as_integer(signum);
    if (number >= 1 && number < NSIG) return number;
    throw new ValueError(`signal number ${number} out of range [1; ${NSIG - 1}]`);
  });
}

/** The signals that a call has found. */
function found(call: (signals: Int32Array) => number): Set<number> {
  const signals = new Int32Array(NSIG);
  const count = call(signals);
  if (count < 0) throw os_error(count);
  return new Set(signals.subarray(0, count));
}

/**
 * Changes which signals are blocked, by SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK, and returns those that
 * were. A blocked signal stays pending until it is unblocked or one of the calls below takes it, also
 * if it comes to a thread of Node's own.
 *
 * Errors: ValueError for an invalid signal number, and in a worker; OSError EINVAL for another `how`.
 * pthread_sigmask(3)
 */
export function pthread_sigmask(how: number, mask: Iterable<number>): Set<number> {
  const signals = as_signals(mask);
  require_main_thread("pthread_sigmask");
  const before = found((blocked) => native.pthread_sigmask(as_integer(how), signals, blocked));
  check_signals();
  return before;
}

/**
 * The blocked signals that have come and wait. One that came to a thread of Node's own takes a moment
 * to get here. ValueError in a worker. sigpending(2)
 */
export function sigpending(): Set<number> {
  require_main_thread("sigpending");
  return found((signals) => native.sigpending(signals));
}

/**
 * Waits for one of the signals, which should be blocked, takes it and returns its number. Handlers of
 * other signals run meanwhile, so that Ctrl-C ends the wait; Python's sigwait leaves them for
 * afterwards. ValueError for an invalid signal number, and in a worker. sigwait(3)
 */
export function sigwait(sigset: Iterable<number>): number {
  return wait("sigwait", as_signals(sigset), -1)!.si_signo;
}

/**
 * The same, but returns what the system says about the signal; and as in Python, other handlers run
 * meanwhile. On macOS that is its number only. sigwaitinfo(2)
 */
export function sigwaitinfo(sigset: Iterable<number>): struct_siginfo {
  return wait("sigwaitinfo", as_signals(sigset), -1)!;
}

/**
 * The same for so many seconds; null when time runs out. ValueError for a negative timeout, too.
 * OSError ENOSYS on macOS. sigtimedwait(2)
 */
export function sigtimedwait(sigset: Iterable<number>, timeout: number): struct_siginfo | null {
  const time = nanoseconds(as_seconds(timeout));
  const signals = as_signals(sigset);
  if (time < 0) throw new ValueError("timeout must be non-negative");
  return wait("sigtimedwait", signals, time);
}

function wait(what: string, signals: Int32Array, time: number): struct_siginfo | null {
  require_main_thread(what);
  const about = new Int32Array(FIELDS.length);
  const deadline = begin_wait(time < 0 ? -1 : time / 1e6);
  let result = native.sigtimedwait(signals, time, about);
  while (was_interrupted(result)) {
    const left = time_left(deadline);
    result = native.sigtimedwait(signals, left < 0 ? -1 : left * 1e6, about);
  }
  if (result === -errors.EAGAIN) return null;
  if (result < 0) throw os_error(result);
  return new struct_siginfo(about);
}

const FIELDS = [
  "si_signo",
  "si_code",
  "si_errno",
  "si_pid",
  "si_uid",
  "si_status",
  "si_band",
] as const;

/**
 * What the system says about a signal that has been taken. Iterates over its fields, in this order.
 * Which of them mean something depends on the signal. Python: `signal.struct_siginfo`. sigaction(2)
 */
export class struct_siginfo {
  /** The signal's number. */
  readonly si_signo: number;
  /** Where it came from: 0 (SI_USER) for kill(2). */
  readonly si_code: number;
  /** An errno, usually 0. */
  readonly si_errno: number;
  /** The process that sent it. */
  readonly si_pid: number;
  /** The user of that process. */
  readonly si_uid: number;
  /** The exit status of a child, or the signal that ended it. */
  readonly si_status: number;
  /** The events of SIGIO. */
  readonly si_band: number;

  /** TypeError unless there are seven fields. */
  constructor(sequence: Iterable<number>) {
    const fields = tuple(sequence);
    if (fields.length !== FIELDS.length) {
      const given = `${fields.length}-sequence given`;
      throw new TypeError(`signal.struct_siginfo() takes a ${FIELDS.length}-sequence (${given})`);
    }
    [
      this.si_signo,
      this.si_code,
      this.si_errno,
      this.si_pid,
      this.si_uid,
      this.si_status,
      this.si_band,
    ] = fields;
    Object.freeze(this);
  }

  /** The fields, in their order. */
  [Symbol.iterator](): IterableIterator<number> {
    return FIELDS.map((field) => this[field])[Symbol.iterator]();
  }

  /** `signal.struct_siginfo(si_signo=10, ...)` */
  __repr__(): string {
    return `signal.struct_siginfo(${FIELDS.map((field) => `${field}=${repr(this[field])}`).join(", ")})`;
  }

  /** The same as `__repr__()`. */
  toString(): string {
    return this.__repr__();
  }

  /** How console.log shows it: by `__repr__()`. */
  [inspect_custom](): string {
    return this.__repr__();
  }
}
