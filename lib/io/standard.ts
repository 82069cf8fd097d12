/** Standard input, output and error as files: what Python's `sys` has. */
import type { BytesLike } from "../core/arguments.ts";
import { os_error } from "../core/exceptions.ts";
import { begin_run, check_signals } from "../core/interrupt.ts";
import { errno_of, write_some } from "../core/output.ts";
import { native } from "../native.ts";
import { fs, tty } from "../native/on-demand.ts";
import { bytes_of } from "./base.ts";
import { BufferedReader, BufferedWriter } from "./buffered.ts";
import { SocketIO } from "./raw.ts";
import { TextIOWrapper } from "./text.ts";

const { EAGAIN, EINTR } = native.errors;
const { POLLIN } = native.constants;

/** A descriptor that the process was started with, unbuffered. It is never closed. */
class StandardIO extends SocketIO {
  constructor(fd: number, mode: string) {
    super(
      {
        fileno: () => fd,
        recv_into: (view) => read_some(fd, view),
        send: (data) => write_some(fd, bytes_of(data)),
        _incref_socketios() {},
        _decref_socketios() {},
      },
      mode,
    );
  }

  /** Whether it is a terminal. Python: `isatty()`. */
  override isatty(): boolean {
    return tty().isatty(this.fileno());
  }
}

/** Reads once, and waits until there is something to read, or the end: 0. */
function read_some(fd: number, view: BytesLike): number {
  begin_run();
  for (;;) {
    // Unlike a read, this wait ends with Ctrl-C.
    native.poll_one(fd, POLLIN, -1);
    check_signals();
    try {
      return fs().readSync(fd, bytes_of(view));
    } catch (error) {
      const errno = errno_of(error);
      if (errno !== EAGAIN && errno !== EINTR) throw os_error(errno);
    }
  }
}

/** Writes at once: a program that blocks gives nobody a chance to do it later. */
class DirectWriter extends BufferedWriter {
  override write(data: BytesLike): number {
    const written = super.write(data);
    this.flush();
    return written;
  }
}

/** Text that is read from a descriptor. */
export function reader_of(fd: number): TextIOWrapper {
  // As Python's, which leaves "\r\n" as it is.
  const file = new TextIOWrapper(new BufferedReader(new StandardIO(fd, "r")), null, null, "\n");
  file.mode = "r";
  return file;
}

/** Text that is written to a descriptor. */
export function writer_of(fd: number, errors: string): TextIOWrapper {
  const buffer = new DirectWriter(new StandardIO(fd, "w"));
  const file = new TextIOWrapper(buffer, "utf-8", errors, null, false, true);
  file.mode = "w";
  return file;
}
