/**
 * Loads the addon and types its table. Nothing else in lib/ knows that there is C++ below: every
 * system call that this package makes goes through `native`.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** The bytes of a struct sockaddr, made by one of the `sockaddr_*` functions. */
export type Address = Uint8Array;

/** Where a system call puts an address: `NAME_SIZE` bytes, read by `sockaddr_decode`. */
export type Name = Uint8Array;

/** A decoded address: its family, then host and port (and flowinfo, scope id), a path, or bytes. */
export type DecodedAddress =
  | readonly [family: number, host: string, port: number]
  | readonly [family: number, host: string, port: number, flowinfo: number, scope_id: number]
  | readonly [family: number, bytes: Uint8Array];

/** One row of getaddrinfo(3): family, type, protocol, canonical name, address. */
export type AddressRow = readonly [number, number, number, string, DecodedAddress];

/**
 * The table of native/addon.cc, in its order. A function makes one system call and returns a number
 * that is not negative, or -errno; native/README.md is the contract. Of calls that may block,
 * `may_block` says that this one might: only those are ended by Ctrl-C.
 */
export interface Native {
  socket(family: number, type: number, protocol: number): number;
  socketpair(family: number, type: number, protocol: number, fds: Int32Array): number;
  bind(fd: number, address: Address): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, name: Name, size: number, flags: number, may_block: boolean): number;
  connect(fd: number, address: Address, may_block: boolean): number;
  getsockname(fd: number, name: Name, size: number): number;
  getpeername(fd: number, name: Name, size: number): number;
  recv(
    fd: number,
    bytes: ArrayBufferView,
    offset: number,
    length: number,
    flags: number,
    may_block: boolean,
  ): number;
  send(
    fd: number,
    bytes: ArrayBufferView,
    offset: number,
    length: number,
    flags: number,
    may_block: boolean,
  ): number;
  shutdown(fd: number, how: number): number;
  set_nonblocking(fd: number, on: boolean): number;
  close(fd: number): number;
  own(fd: number): number;
  disown(fd: number): number;

  getsockopt(fd: number, level: number, option: number, bytes: ArrayBufferView): number;
  setsockopt(fd: number, level: number, option: number, bytes: ArrayBufferView): number;
  setsockopt_null(fd: number, level: number, option: number, length: number): number;

  sockaddr_in(host: string, port: number): Address | null;
  sockaddr_in6(host: string, port: number, flowinfo: number, scope_id: number): Address | null;
  sockaddr_un(path: Uint8Array): Address | null;
  sockaddr_size(family: number): number;
  sockaddr_decode(name: Name): DecodedAddress | null;

  getaddrinfo(
    host: string | null,
    service: string | null,
    family: number,
    type: number,
    protocol: number,
    flags: number,
    error: Int32Array,
  ): AddressRow[] | null;
  gai_strerror(code: number): string;

  poll(wanted: Int32Array, count: number, ready: Int32Array, timeout_ms: number): number;
  poll_one(fd: number, events: number, timeout_ms: number): number;
  select(
    readers: Int32Array,
    reader_count: number,
    writers: Int32Array,
    writer_count: number,
    exceptional: Int32Array,
    exceptional_count: number,
    timeout_us: number,
  ): number;

  interrupt_watch(): number;
  interrupt_defer(deferring: boolean): number;
  interrupt_take(): number;
  interrupt_die(): number;

  strerror(errno: number): string;

  epoll_create1(): number;
  epoll_ctl(epfd: number, op: number, fd: number, events: number): number;
  epoll_wait(epfd: number, ready: Int32Array, max_events: number, timeout_ms: number): number;

  /** The numbers of the system's headers by name. */
  readonly constants: Readonly<Record<string, number>>;
  /** errno's numbers by name. */
  readonly errors: Readonly<Record<string, number>>;
}

function load(): Native {
  const require = createRequire(import.meta.url);
  // A developer's build: with sanitizers, or of another configuration.
  const path = process.env.IOMUX_ADDON;
  if (path !== undefined) return require(path) as Native;
  const root = fileURLToPath(new URL("..", import.meta.url));
  try {
    return (require("node-gyp-build") as (folder: string) => Native)(root);
  } catch (error) {
    throw new Error(
      "iomux: its native addon is not there. Your package manager may have skipped the install " +
        "script that builds it: allow iomux's install script, then run `npm rebuild iomux`.",
      { cause: error },
    );
  }
}

export const native: Native = load();
