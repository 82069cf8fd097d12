// For programs that are compiled for an older library: Node.js has AggregateError, whatever they say.
/// <reference lib="es2021.promise" preserve="true" />
/**
 * The exceptions that Python's sockets and selectors raise: the same classes, hierarchy and
 * messages. `TypeError` is JavaScript's own.
 *
 * https://docs.python.org/3/library/exceptions.html
 */
import { native } from "../native.ts";
import { repr } from "./repr.ts";

const name_of_errno = new Map(
  Object.entries(native.errors).map(([name, number]) => [number, name]),
);

/** Gives a class Python's name for it, on the prototype: an own property would print twice. */
export function named(type: { prototype: Error }, name: string): void {
  Object.defineProperty(type.prototype, "name", {
    value: name,
    configurable: true,
    writable: true,
  });
}

/**
 * A system call failed. `new OSError(errno, strerror)` makes the subclass for the errno, as in
 * Python; with a message alone, `errno` is null.
 */
export class OSError extends Error {
  /** The system's error number, positive; null for an error that has only a message. */
  readonly errno: number | null;
  /** errno's name ("ECONNREFUSED"), null without an errno. Python has it as `errno.errorcode[e.errno]`. */
  readonly code: string | null;
  /** libc's text ("Connection refused"), null without an errno. */
  readonly strerror: string | null;

  /** An error with only a message, or the error of a system call. Python: `OSError(errno, strerror)`. */
  constructor(message?: string);
  constructor(errno: number, strerror: string);
  // oxlint-disable-next-line consistent-return -- it returns only what stands for the object
  constructor(first?: number | string, strerror?: string) {
    if (typeof first === "number") {
      super(`[Errno ${first}] ${strerror}`);
      this.errno = first;
      this.code = name_of_errno.get(first) ?? null;
      this.strerror = strerror ?? null;
      const subclass = class_of_errno.get(first);
      if (new.target === OSError && subclass !== undefined) {
        // oxlint-disable-next-line no-constructor-return -- Python's OSError.__new__ does just this
        return new subclass(first, strerror as string);
      }
    } else {
      super(first);
      this.errno = null;
      this.code = null;
      this.strerror = null;
    }
  }

  /** `ConnectionRefusedError(111, 'Connection refused')`. */
  __repr__(): string {
    const args = this.errno === null ? [this.message] : [this.errno, this.strerror];
    return `${this.name}(${args.map(repr).join(", ")})`;
  }
}
named(OSError, "OSError");

/**
 * An operation on a non-blocking socket would have to wait: EAGAIN, EINPROGRESS, EALREADY. The first 100 in a
 * process have the frames of any error in `stack`; later ones, of which a loop catches thousands, have none.
 */
export class BlockingIOError extends OSError {
  /** How many bytes a buffered file took before it would have had to wait; unset on other errors. */
  declare readonly characters_written?: number;
}
named(BlockingIOError, "BlockingIOError");

/** Base class of the errors about a connection. */
export class ConnectionError extends OSError {}
named(ConnectionError, "ConnectionError");

/** Writing to a connection that is closed for it: EPIPE, ESHUTDOWN. */
export class BrokenPipeError extends ConnectionError {}
named(BrokenPipeError, "BrokenPipeError");

/** The peer aborted the connection before it was accepted: ECONNABORTED. */
export class ConnectionAbortedError extends ConnectionError {}
named(ConnectionAbortedError, "ConnectionAbortedError");

/** Nothing listens at the address: ECONNREFUSED. */
export class ConnectionRefusedError extends ConnectionError {}
named(ConnectionRefusedError, "ConnectionRefusedError");

/** The peer reset the connection: ECONNRESET. */
export class ConnectionResetError extends ConnectionError {}
named(ConnectionResetError, "ConnectionResetError");

/** EEXIST. */
export class FileExistsError extends OSError {}
named(FileExistsError, "FileExistsError");

/** ENOENT. */
export class FileNotFoundError extends OSError {}
named(FileNotFoundError, "FileNotFoundError");

/** A signal interrupted a call that cannot be resumed: EINTR. */
export class InterruptedError extends OSError {}
named(InterruptedError, "InterruptedError");

/** EISDIR. */
export class IsADirectoryError extends OSError {}
named(IsADirectoryError, "IsADirectoryError");

/** ENOTDIR. */
export class NotADirectoryError extends OSError {}
named(NotADirectoryError, "NotADirectoryError");

/** Not allowed: EACCES, EPERM. */
export class PermissionError extends OSError {}
named(PermissionError, "PermissionError");

/** ESRCH. */
export class ProcessLookupError extends OSError {}
named(ProcessLookupError, "ProcessLookupError");

/** The socket's timeout expired ("timed out", errno null), or the network's (ETIMEDOUT). */
export class TimeoutError extends OSError {}
named(TimeoutError, "TimeoutError");

/** A host or service name could not be resolved; `errno` is one of the EAI_ numbers. */
export class gaierror extends OSError {}
named(gaierror, "gaierror");

/** A host is unknown to the system's hosts database; `errno` is one of netdb.h's h_errno numbers. */
export class herror extends OSError {}
named(herror, "herror");

/**
 * A file does not support reading, writing or seeking. In Python it is also a ValueError. Python:
 * `io.UnsupportedOperation`.
 */
export class UnsupportedOperation extends OSError {}
named(UnsupportedOperation, "UnsupportedOperation");

type OSErrorClass = new (errno: number, strerror: string) => OSError;

/** The one table errno -> class. An errno that is not here stays an OSError. */
const class_of_errno: ReadonlyMap<number, OSErrorClass> = new Map<number, OSErrorClass>(
  (
    [
      ["EAGAIN", BlockingIOError],
      ["EALREADY", BlockingIOError],
      ["EINPROGRESS", BlockingIOError],
      ["EPIPE", BrokenPipeError],
      ["ESHUTDOWN", BrokenPipeError],
      ["ECONNABORTED", ConnectionAbortedError],
      ["ECONNREFUSED", ConnectionRefusedError],
      ["ECONNRESET", ConnectionResetError],
      ["EEXIST", FileExistsError],
      ["ENOENT", FileNotFoundError],
      ["EINTR", InterruptedError],
      ["EISDIR", IsADirectoryError],
      ["ENOTDIR", NotADirectoryError],
      ["EACCES", PermissionError],
      ["EPERM", PermissionError],
      ["ESRCH", ProcessLookupError],
      ["ETIMEDOUT", TimeoutError],
    ] as const
  ).map(([name, type]) => [native.errors[name], type]),
);

/** libc's texts that were asked for. */
const texts = new Map<number, string>();

/** How many of the errors that loops live with have frames: whoever sees one uncaught saw it early. */
const WITH_FRAMES = 100;
let would_block = 0;

/** The exception for a native call's -errno (or errno), with libc's text. */
export function os_error(errno: number): OSError {
  const number = Math.abs(errno);
  let text = texts.get(number);
  if (text === undefined) texts.set(number, (text = native.strerror(number)));
  const type = class_of_errno.get(number) ?? OSError;
  if (type !== BlockingIOError || ++would_block <= WITH_FRAMES) return new type(number, text);
  // The frames are two thirds of what it costs. Under --frozen-intrinsics they cannot be left out.
  const { stackTraceLimit } = Error;
  const is_changed = Reflect.set(Error, "stackTraceLimit", 0);
  const error = new type(number, text);
  if (is_changed) Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/**
 * Ctrl-C, thrown by the blocking call that it interrupted. As in Python, do not catch it along with
 * errors: let it through.
 */
export class KeyboardInterrupt extends Error {}
named(KeyboardInterrupt, "KeyboardInterrupt");

/** The type is right, but the value is invalid. */
export class ValueError extends Error {}
named(ValueError, "ValueError");

/** Several exceptions at once, all in `exceptions`. */
export class ExceptionGroup extends AggregateError {
  /** The exceptions in order, as in JavaScript's `errors`. */
  readonly exceptions: readonly Error[];

  /** Several exceptions under one message, which also says how many there are. */
  constructor(message: string, exceptions: readonly Error[]) {
    super(
      exceptions,
      `${message} (${exceptions.length} sub-exception${exceptions.length === 1 ? "" : "s"})`,
    );
    this.exceptions = Object.freeze([...exceptions]);
  }
}
named(ExceptionGroup, "ExceptionGroup");

/** Bytes that are invalid in an encoding. */
export class UnicodeDecodeError extends ValueError {}
named(UnicodeDecodeError, "UnicodeDecodeError");

/** Text with characters that an encoding does not have. */
export class UnicodeEncodeError extends ValueError {}
named(UnicodeEncodeError, "UnicodeEncodeError");

/** An error that fits no other class. */
export class RuntimeError extends Error {}
named(RuntimeError, "RuntimeError");

/** Base class of KeyError and IndexError; raised itself for an unknown encoding. */
export class LookupError extends Error {}
named(LookupError, "LookupError");

/** There is nothing at an index. */
export class IndexError extends LookupError {}
named(IndexError, "IndexError");

/** A key was not found. As in Python, the message is the key's repr, with quotes. */
export class KeyError extends LookupError {
  /** The key, or a sentence about it. */
  readonly key: unknown;

  /** For a key, or a sentence about it. */
  constructor(key: unknown) {
    super(repr(key));
    this.key = key;
  }

  /** `KeyError(3)`. */
  __repr__(): string {
    return `KeyError(${this.message})`;
  }
}
named(KeyError, "KeyError");

/** Base class of OverflowError. */
export class ArithmeticError extends Error {}
named(ArithmeticError, "ArithmeticError");

/** A number out of range: a port above 65535, a timeout of 10^30 seconds. */
export class OverflowError extends ArithmeticError {}
named(OverflowError, "OverflowError");

/** Out of memory. */
export class MemoryError extends Error {}
named(MemoryError, "MemoryError");
