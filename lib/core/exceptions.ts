/**
 * Python's exceptions, as far as sockets and selectors raise them: the same classes, the same tree,
 * the same text. `TypeError` is JavaScript's own.
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
 * A system call failed. `new OSError(errno, strerror)` makes the subclass that stands for the errno,
 * as Python does; with a message alone, `errno` is null.
 */
export class OSError extends Error {
  /** The system's error number, positive; null for an error that has only a message. */
  readonly errno: number | null;
  /** errno's name ("ECONNREFUSED"), null without an errno. Python has it as `errno.errorcode[e.errno]`. */
  readonly code: string | null;
  /** libc's own text ("Connection refused"), null without an errno. */
  readonly strerror: string | null;

  /** An error that has only a message, or the one of a system call. Python: `OSError(errno, strerror)`. */
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

/** An operation would have to wait, and the socket is not to wait: EAGAIN, EINPROGRESS, EALREADY. */
export class BlockingIOError extends OSError {
  /** How many bytes a buffered file has taken before it would have had to wait; not on other errors. */
  declare readonly characters_written?: number;
}
named(BlockingIOError, "BlockingIOError");

/** Base class of the errors about a connection. */
export class ConnectionError extends OSError {}
named(ConnectionError, "ConnectionError");

/** Writing where nobody reads any more: EPIPE, ESHUTDOWN. */
export class BrokenPipeError extends ConnectionError {}
named(BrokenPipeError, "BrokenPipeError");

/** The peer gave up before the connection was accepted: ECONNABORTED. */
export class ConnectionAbortedError extends ConnectionError {}
named(ConnectionAbortedError, "ConnectionAbortedError");

/** Nobody listens there: ECONNREFUSED. */
export class ConnectionRefusedError extends ConnectionError {}
named(ConnectionRefusedError, "ConnectionRefusedError");

/** The peer ended the connection hard: ECONNRESET. */
export class ConnectionResetError extends ConnectionError {}
named(ConnectionResetError, "ConnectionResetError");

/** EEXIST. */
export class FileExistsError extends OSError {}
named(FileExistsError, "FileExistsError");

/** ENOENT. */
export class FileNotFoundError extends OSError {}
named(FileNotFoundError, "FileNotFoundError");

/** A signal ended a call that cannot be taken up again: EINTR. */
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

/** The socket's time-out ran out ("timed out", errno null), or the network's did (ETIMEDOUT). */
export class TimeoutError extends OSError {}
named(TimeoutError, "TimeoutError");

/** A host or service name could not be resolved; `errno` is one of the EAI_ numbers. */
export class gaierror extends OSError {}
named(gaierror, "gaierror");

/** A host is unknown to the system's hosts database; `errno` is one of netdb.h's h_errno numbers. */
export class herror extends OSError {}
named(herror, "herror");

/**
 * A file cannot do that: it is not for reading, not for writing, or has no positions. In Python it
 * is a ValueError as well. Python: `io.UnsupportedOperation`.
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

/** The exception for a native call's -errno (or errno), with libc's text. */
export function os_error(errno: number): OSError {
  const number = Math.abs(errno);
  return new OSError(number, native.strerror(number));
}

/** Ctrl-C, thrown out of the blocking call that it ended. Like Python's, it is no error to handle by the way: let it through. */
export class KeyboardInterrupt extends Error {}
named(KeyboardInterrupt, "KeyboardInterrupt");

/** The right type, but not a value that is possible here. */
export class ValueError extends Error {}
named(ValueError, "ValueError");

/** Several exceptions at once, all in `exceptions`. */
export class ExceptionGroup extends AggregateError {
  /** The exceptions, in their order; the same as JavaScript's own `errors`. */
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

/** Bytes that are not text in the encoding they are said to have. */
export class UnicodeDecodeError extends ValueError {}
named(UnicodeDecodeError, "UnicodeDecodeError");

/** Text that the encoding has no bytes for. */
export class UnicodeEncodeError extends ValueError {}
named(UnicodeEncodeError, "UnicodeEncodeError");

/** What fits no other class. */
export class RuntimeError extends Error {}
named(RuntimeError, "RuntimeError");

/** Base class of KeyError and IndexError; by itself, an encoding that does not exist. */
export class LookupError extends Error {}
named(LookupError, "LookupError");

/** Nothing is there under that key. As in Python, the message is the key's repr, quotes and all. */
export class KeyError extends LookupError {
  /** What was looked up, or the sentence that says so. */
  readonly key: unknown;

  /** For what was looked up, or a sentence that says so. */
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

/** A number too large for what it is for: a port above 65535, a time-out of 10^30 seconds. */
export class OverflowError extends ArithmeticError {}
named(OverflowError, "OverflowError");

/** More bytes than this process can hold. */
export class MemoryError extends Error {}
named(MemoryError, "MemoryError");
