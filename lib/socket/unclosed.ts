/**
 * Sockets that a program drops without closing them: they are closed when they are found to be
 * unreachable, with a warning, as in Python.
 *
 * JavaScript finds that out, and says so, in a turn of the event loop, which a program that runs
 * synchronously does not take. So when descriptors run out, such sockets are looked for at once.
 */
import { is_bun } from "../core/runtime.ts";
import { native } from "../native.ts";
import type { SocketSpec } from "./spec.ts";

const { EMFILE, ENFILE } = native.errors;

/** A socket's descriptor, known longer than the socket. */
interface Unclosed {
  /** -1 once it is closed. */
  fd: number;
  readonly spec: SocketSpec;
  readonly socket: WeakRef<object> | null;
}

const registry = new FinalizationRegistry<Unclosed>(close);

/**
 * The sockets that can be looked for, by descriptor. A weak reference costs time, so only those have
 * one that are opened when this many descriptors are in use: they are enough to go on with.
 */
const known: (Unclosed | undefined)[] = [];
const FEW = 128;

/** How many weak references were made since unreachable sockets were last looked for. */
let made = 0;
/** And since the last of them could become unreachable. */
let held = 0;

/** The socket has this descriptor from now on. */
export function register(socket: object, fd: number, spec: SocketSpec): void {
  if (fd < FEW || is_bun) {
    registry.register(socket, { fd, spec, socket: null }, socket);
    return;
  }
  // What a weak reference points to stays alive as long as JavaScript runs: see release.
  if (++held >= 1000) release();
  made++;
  const record = { fd, spec, socket: new WeakRef(socket) };
  known[fd] = record;
  registry.register(socket, record, socket);
}

/** The socket has no descriptor any more. */
export function unregister(socket: object, fd: number): void {
  registry.unregister(socket);
  if (fd < known.length) known[fd] = undefined;
}

/** Closes the descriptor of a socket that is unreachable. */
function close(record: Unclosed): void {
  const { fd, spec } = record;
  if (fd < 0) return;
  const warning = `unclosed ${spec.describe(fd)}`;
  record.fd = -1;
  if (known[fd] === record) known[fd] = undefined;
  native.close(fd);
  // Not if the process is about to end, where Python is silent too: the turn that looks whether
  // anything is left to wait for may still run an immediate that does not count.
  const warn = (): void => process.emitWarning(warning, "ResourceWarning");
  setImmediate(() => setImmediate(warn).unref()).unref();
}

/**
 * Whether to repeat a system call that has failed for want of descriptors: if unreachable sockets
 * had some. Looking for them stops the program for a moment, so one that is at its limit for other
 * reasons does it again only after so many more sockets that it makes no difference.
 */
export function found_descriptors(result: number): boolean {
  if (result !== -EMFILE && result !== -ENFILE) return false;
  const open = known.filter((record) => record !== undefined);
  if (made < Math.max(open.length / 2, 16)) return false;
  made = 0;
  release();
  collect_garbage();
  const lost = open.filter(({ socket }) => socket!.deref() === undefined);
  lost.forEach(close);
  return lost.length > 0;
}

/** The result of a system call that makes a descriptor. */
export function opened(open: () => number): number {
  const result = open();
  return found_descriptors(result) ? open() : result;
}

/** Lets go of what weak references held until now: V8 does it whenever a queue of microtasks is done. */
function release(): void {
  held = 0;
  microtasks ??= queue_of_its_own();
  microtasks();
}

let microtasks: (() => void) | null = null;

/** Runs no microtask of the program's. */
function queue_of_its_own(): () => void {
  const vm = process.getBuiltinModule("node:vm");
  const context = vm.createContext({}, { microtaskMode: "afterEvaluate" });
  const script = new vm.Script("");
  return () => script.runInContext(context) as void;
}

function collect_garbage(): void {
  const v8 = process.getBuiltinModule("node:v8");
  const vm = process.getBuiltinModule("node:vm");
  v8.setFlagsFromString("--expose-gc");
  const collect = vm.runInNewContext("gc") as () => void;
  v8.setFlagsFromString("--no-expose-gc");
  collect();
}
