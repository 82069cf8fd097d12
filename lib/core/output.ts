/** Writing to a descriptor that may be a pipe which Node or another process has made non-blocking. */
import { native } from "../native.ts";
import { fs } from "../native/on-demand.ts";
import { os_error } from "./exceptions.ts";
import { check_signals } from "./interrupt.ts";

const { EAGAIN, EINTR } = native.errors;
const { POLLOUT } = native.constants;

/** Writes once, as much as the descriptor takes, and waits until it takes something. */
export function write_some(fd: number, bytes: Uint8Array): number {
  for (;;) {
    try {
      // Looked up each time: a recording puts its own in this place.
      return fs().writeSync(fd, bytes);
    } catch (error) {
      const errno = errno_of(error);
      if (errno === EAGAIN) native.poll_one(fd, POLLOUT, -1);
      else if (errno !== EINTR) throw os_error(errno);
      check_signals();
    }
  }
}

/** Writes all of it. */
export function write_all(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += write_some(fd, bytes.subarray(written));
  }
}

/** The error number of an error of Node's; throws an error that has none. */
export function errno_of(error: unknown): number {
  // Deno's errors have no errno.
  const errno = native.errors[(error as NodeJS.ErrnoException).code ?? ""];
  if (errno === undefined) throw error;
  return errno;
}
