/**
 * What Ctrl-C and other signals do to a blocking call. The signal handler is in
 * native/interrupt.cc; this file says when it is installed, and what happens to a signal that it
 * caught.
 */
import { constants } from "node:os";

import { native } from "../native.ts";
import { fs } from "../native/on-demand.ts";
import { KeyboardInterrupt, os_error, ValueError } from "./exceptions.ts";
import { is_bun, is_deno } from "./runtime.ts";

const EINTR = native.errors.EINTR;
const { SIGINT, SIGTERM } = constants.signals;
/** What the addon calls the system's default action, and a handler. */
const DEFAULT = 0;
export const HANDLED = 2;

/**
 * True until the current synchronous run ends: a signal between two of its blocking calls waits for
 * the next one, as Python's waits for the next instruction. Always true in workers, which get no
 * signals.
 */
let running = !native.is_main_thread;

/** Called wherever a program begins to use sockets; nearly free after the first time. */
export function begin_run(): void {
  if (running) return;
  running = true;
  watch();
  native.interrupt_defer(true);
  process.nextTick(end_run);
}

/** Back in Node's event loop, SIGINT has Node's meaning. */
function end_run(): void {
  running = false;
  native.interrupt_defer(false);
}

let watching = false;

/** Signals for which somebody else may have installed a handler since ours. */
const doubtful = new Set<number>();

function watch(): void {
  for (const signum of doubtful) put_on_top(signum, false);
  doubtful.clear();
  if (watching) return;
  watching = true;
  watch_interrupt();
  watch_termination();
  // The runtime has a handler of its own while there are such listeners: it belongs below the native
  // one, which gives it what is not for the program.
  process.on("newListener", listener_added);
  process.on("removeListener", listener_removed);
  process.on("uncaughtExceptionMonitor", die_of_interrupt);
}

function listener_added(event: string | symbol): void {
  watch_again(event, true);
}

function listener_removed(event: string | symbol): void {
  watch_again(event, false);
}

function watch_again(event: string | symbol, added: boolean): void {
  const signum = (constants.signals as Record<string | symbol, number>)[event];
  if (signum === undefined) return;
  // Node does it in listeners of its own that run before ours; Bun and Deno do it after them.
  if (!is_bun && !is_deno) return put_on_top(signum, added);
  doubtful.add(signum);
  running = false;
  process.nextTick(watch);
}

function put_on_top(signum: number, added: boolean): void {
  const handler = handlers.get(signum);
  if (handler === undefined) {
    if (signum === SIGTERM) watch_termination(added);
    if (added) native.signal_yield(signum);
  } else if (signum === SIGINT && handler === default_int_handler) {
    watch_interrupt(added);
  } else native.signal_set(signum, HANDLED);
}

/** Makes Ctrl-C a KeyboardInterrupt, unless the program has another handler for it. */
export function watch_interrupt(added: boolean = false): void {
  if (handlers.get(SIGINT) !== default_int_handler) return;
  // Those that a runner hides count, too.
  const listened = added || process.rawListeners("SIGINT").length > 0;
  native.interrupt_watch(listened);
}

let terminates = false;

/**
 * Makes SIGTERM end a blocked program although a runner listens to it: the runner's listener would
 * run in the event loop only, and until then the program would stay. `added`: the program gets a
 * listener of its own, which then has the signal.
 */
function watch_termination(added: boolean = false): void {
  if (handlers.has(SIGTERM)) return;
  const listened = added || process.listenerCount("SIGTERM") > 0;
  const wanted = !listened && hidden_listeners("SIGTERM").length > 0;
  if (wanted === terminates) return;
  terminates = wanted;
  native.signal_set(SIGTERM, wanted ? HANDLED : DEFAULT);
  if (wanted) wake_event_loop();
}

function terminate(): void {
  native.signal_set(SIGTERM, DEFAULT);
  process.kill(process.pid, SIGTERM);
}

let woken = false;

/** Makes Node's event loop call the handlers of signals that arrive while it runs; keeps no process alive. */
export function wake_event_loop(): void {
  if (woken) return;
  woken = true;
  const wake = native.signal_wake();
  if (wake >= 0) native.watch_start(wake, false, false, check_signals);
}

/**
 * An uncaught KeyboardInterrupt ends the process by SIGINT, as Python does: a shell then knows that
 * it was Ctrl-C, and stops the loop or script that it is in.
 */
function die_of_interrupt(error: Error): void {
  if (!(error instanceof KeyboardInterrupt)) return;
  const die = (): void => {
    // Node would print it only after these listeners have run; Bun has done so before.
    if (!is_bun) fs().writeSync(2, `${error.stack}\n`);
    native.interrupt_die();
  };
  if (is_deno) {
    // After an uncaught exception, Deno has no "exit".
    if (process.listenerCount("uncaughtException") === 0) die();
    return;
  }
  process.once("exit", (status) => {
    // Any other status means that the program handled it.
    if (status === 1) die();
  });
}

/** A signal handler: called with the signal's number, and with null where Python has the stack frame. */
export type SignalHandler = (signum: number, frame: null) => unknown;

/** Python's answer to Ctrl-C: throws KeyboardInterrupt. Python: `signal.default_int_handler`. */
export function default_int_handler(_signum: number, _frame: null): never {
  throw new KeyboardInterrupt();
}

/** The handlers by signal; all other signals are the system's or Node's. */
export const handlers: Map<number, SignalHandler> = new Map([[SIGINT, default_int_handler]]);

/**
 * Calls the handlers of the signals that have arrived. A blocking call does so after EINTR, and
 * goes on with the remaining time unless a handler throws. Python: `PyErr_CheckSignals`.
 */
export function check_signals(): void {
  for (let signum = native.signal_take(); signum > 0; signum = native.signal_take()) {
    report_wakeup_error();
    tell_runner(signum);
    const handler = handlers.get(signum);
    if (handler !== undefined) handler(signum, null);
    else if (signum === SIGTERM) terminate();
  }
}

/** Says that a signal's number could not be written to `set_wakeup_fd`'s descriptor: nobody could catch it. */
function report_wakeup_error(): void {
  const errno = native.wakeup_errno();
  if (errno === 0) return;
  const what = "Exception ignored when trying to write to the signal wakeup fd:";
  const { name, message } = os_error(errno);
  try {
    fs().writeSync(2, `${what}\n${name}: ${message}\n`);
  } catch {
    // Standard error is closed.
  }
}

/** ValueError in a worker: signals belong to the main thread. */
export function require_main_thread(what: string): void {
  if (native.is_main_thread) return;
  throw new ValueError(`${what} only works in main thread of the main interpreter`);
}

/** Whether a signal interrupted the system call that returned this. */
export function was_interrupted(result: number): boolean {
  return result === -EINTR;
}

/** Begins a wait of so many milliseconds (-1: forever), and returns its deadline for `time_left`. */
export function begin_wait(milliseconds: number): number {
  if (milliseconds === 0) return 0;
  begin_run();
  return milliseconds < 0 ? Infinity : performance.now() + milliseconds;
}

/**
 * The milliseconds left of a wait that a signal has interrupted, rounded up; -1 forever. Throws
 * what a signal handler throws. Python: PEP 475.
 */
export function time_left(deadline: number): number {
  check_signals();
  return deadline === Infinity ? -1 : Math.max(0, Math.ceil(deadline - performance.now()));
}

/** The signals that a runner passes on to its child. */
const passed_on = new Map<number, NodeJS.Signals>([
  [SIGINT, "SIGINT"],
  [SIGTERM, "SIGTERM"],
]);

/**
 * Runners such as tsx start this process as their child and hide a listener in it that tells them
 * of a SIGINT or SIGTERM. A signal with a handler of ours never reaches that listener, and a tsx
 * that hears nothing kills the child 60 ms later, whatever the handler is about to do: so call it.
 */
function tell_runner(signum: number): void {
  const signal = passed_on.get(signum);
  if (signal === undefined) return;
  const hidden = hidden_listeners(signal);
  if (hidden.length === 0) return;
  // Without another listener, the hidden one would end the process.
  process.on(signal, keep_alive);
  for (const listener of hidden) listener.call(process, signal, signum);
  process.off(signal, keep_alive);
}

function hidden_listeners(signal: NodeJS.Signals): readonly Function[] {
  const known = new Set<unknown>(process.listeners(signal));
  return process.rawListeners(signal).filter((raw) => {
    // A once() listener is wrapped in the raw list, and plain in the other.
    return !known.has("listener" in raw ? raw.listener : raw);
  });
}

function keep_alive(): void {}
