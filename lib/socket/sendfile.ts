/** How `socket.sendfile` sends a file: by sendfile(2) where that works, else by `read` and `send`. */
import { as_c_int, as_int } from "../core/arguments.ts";
import type { BytesLike } from "../core/arguments.ts";
import {
  BlockingIOError,
  OSError,
  os_error,
  UnsupportedOperation,
  ValueError,
} from "../core/exceptions.ts";
import { repr, type_name } from "../core/repr.ts";
import { native } from "../native.ts";
import { fs } from "../native/on-demand.ts";
import { SOCK_STREAM } from "./constants.ts";

/**
 * A file to send: a descriptor, an object with `fileno()`, or one with `read(size)`; `mode` says that
 * it is binary, `seek` moves its position.
 */
export type Sendable =
  | number
  | {
      fileno?(): number;
      read?(size: number): BytesLike;
      seek?(offset: number): unknown;
      readonly mode?: unknown;
    };

/** As much as Linux sends in one call; the rest goes with the next. sendfile(2) */
const LARGEST_BLOCK = 2 ** 30;
const READ_SIZE = 8192;

/** What sending a file needs of a socket. */
export interface FileSender {
  readonly type: number;
  gettimeout(): number | null;
  send(data: BytesLike): number;
}

/** One call of sendfile(2) with the socket's own wait: bytes sent, or -errno. */
type SendPiece = (fd: number, offset: number, count: number) => number;

export function send_file(
  sock: FileSender,
  file: Sendable,
  offset: number,
  count: number | null,
  send_piece: SendPiece,
): number {
  check(sock, file, count);
  const fd = descriptor(file);
  const size = fd === null ? null : regular_size(fd);
  if (size === 0) return 0;
  if (sock.gettimeout() === 0) throw new ValueError("non-blocking sockets are not supported");
  const most = count ?? Infinity;
  if (fd === null || size === null) return by_send(sock, file, file, offset, most);
  // Without sendfile(2), read as it does: at the offset, wherever the file's own position is.
  if (native.sendfile === undefined) return by_send(sock, file, fd, offset, most);
  const sent = by_sendfile(file, fd, offset, most, send_piece);
  return sent ?? by_send(sock, file, file, offset, most);
}

function check(sock: FileSender, file: Sendable, count: number | null): void {
  const is_file = typeof file === "number" || (typeof file === "object" && file !== null);
  if (!is_file) throw new TypeError(`file must be a descriptor or a file, not ${type_name(file)}`);
  const mode = typeof file === "object" ? file.mode : undefined;
  if (typeof mode === "string" && !mode.includes("b")) {
    throw new ValueError("file should be opened in binary mode");
  }
  if ((sock.type & SOCK_STREAM) === 0) {
    throw new ValueError("only SOCK_STREAM type sockets are supported");
  }
  if (count === null) return;
  const message = `count must be a positive integer (got ${repr(count)})`;
  if (!Number.isInteger(count)) throw new TypeError(message);
  if (count <= 0) throw new ValueError(message);
}

function descriptor(file: Sendable): number | null {
  if (typeof file === "number") return as_c_int(file);
  if (typeof file.fileno !== "function") return null;
  try {
    return as_c_int(file.fileno());
  } catch (error) {
    // A file without a descriptor can still be read.
    if (error instanceof UnsupportedOperation) return null;
    throw error;
  }
}

/** The size of a descriptor's file; null if the system does not say. */
function regular_size(fd: number): number | null {
  try {
    return fs().fstatSync(fd).size;
  } catch {
    return null;
  }
}

/** Null if sendfile(2) does not take the file, in which case nothing is sent yet. */
function by_sendfile(
  file: Sendable,
  fd: number,
  offset: number,
  count: number,
  send_piece: SendPiece,
): number | null {
  let sent = 0;
  try {
    while (sent < count) {
      const n = send_piece(fd, offset + sent, Math.min(count - sent, LARGEST_BLOCK));
      if (n < 0 && sent === 0) return null;
      if (n < 0) throw os_error(n);
      if (n === 0) break;
      sent += n;
    }
    return sent;
  } finally {
    if (sent > 0) seek(file, offset + sent);
  }
}

/** Sends what is read from `source`, a file or its descriptor, and moves the file past it. */
function by_send(
  sock: FileSender,
  file: Sendable,
  source: Sendable,
  offset: number,
  count: number,
): number {
  const read = reader(source, as_int(offset));
  let sent = 0;
  try {
    while (sent < count) {
      let data = as_memory(read(Math.min(count - sent, READ_SIZE)));
      if (data.byteLength === 0) break;
      while (data.byteLength > 0) {
        const n = send_some(sock, data);
        sent += n;
        data = new Uint8Array(data.buffer, data.byteOffset + n, data.byteLength - n);
      }
    }
    return sent;
  } finally {
    if (sent > 0) seek(file, offset + sent);
  }
}

function send_some(sock: FileSender, data: BytesLike): number {
  try {
    return sock.send(data);
  } catch (error) {
    if (error instanceof BlockingIOError) return 0;
    throw error;
  }
}

/** What a file's `read` has returned. */
function as_memory(data: unknown): BytesLike {
  if (ArrayBuffer.isView(data)) return data;
  // Such as the Promise of an asynchronous `read`.
  const what = "memoryview: a bytes-like object is required";
  throw new TypeError(`${what}, not '${type_name(data)}'`);
}

/** A function that reads the next bytes of a file, from `offset` on. */
function reader(file: Sendable, offset: number): (size: number) => BytesLike {
  if (typeof file !== "number" && typeof file.read === "function") {
    if (offset !== 0) {
      if (typeof file.seek !== "function")
        throw new TypeError(`'${type_name(file)}' object has no attribute 'seek'`);
      file.seek(offset);
    }
    return (size) => file.read!(size);
  }
  const fd = descriptor(file);
  if (fd === null) throw new OSError("the file has neither read() nor fileno()");
  if (fd < 0) throw os_error(native.errors.EBADF);
  if (offset < 0) throw os_error(native.errors.EINVAL);
  const buffer = new Uint8Array(READ_SIZE);
  let place = offset;
  return (size) => {
    const n = read_at(fd, buffer, size, place);
    place += n;
    return buffer.subarray(0, n);
  };
}

function read_at(fd: number, buffer: Uint8Array, size: number, place: number): number {
  try {
    return fs().readSync(fd, buffer, 0, size, place);
  } catch (error) {
    const { errno } = error as { readonly errno?: number };
    throw errno === undefined ? error : os_error(errno);
  }
}

function seek(file: Sendable, offset: number): void {
  if (typeof file === "object" && typeof file.seek === "function") file.seek(offset);
}
