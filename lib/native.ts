/**
 * The addon's table, loaded and typed. Nothing else in lib/ knows that there is C++ below: every
 * system call that this package makes goes through `native`.
 */
import { addon } from "./native/load.ts";

export { addon_file } from "./native/load.ts";

/** The bytes of a struct sockaddr, made by one of the `sockaddr_*` functions. */
export type Sockaddr = Uint8Array;

/** Where a system call puts an address: `NAME_SIZE` bytes, read by `sockaddr_decode`. */
export type Name = Uint8Array;

/**
 * A decoded address: its family, then what the family has: host and port (and flowinfo, scope id), a
 * path, the numbers of netlink(7), packet(7) and vsock(7), or the bytes of any other. `sockaddr_decode`
 * returns AF_INET's host alone and puts its port in `port`.
 */
export type DecodedAddress = readonly [family: number, ...parts: (string | number | Uint8Array)[]];

/** One row of the hosts database: the name, its aliases, its addresses as text. */
export type HostRow = readonly [name: string, aliases: string[], addresses: string[]];

/** One row of getaddrinfo(3): family, type, protocol, canonical name, address. */
export type AddressRow = readonly [number, number, number, string, DecodedAddress];

/**
 * The table of native/addon.cc, in its order. A function makes one system call and returns a number
 * that is not negative, or -errno; native/README.md is the contract. Ctrl-C ends only calls with
 * `may_block`.
 */
export interface Native {
  socket(family: number, type: number, protocol: number): number;
  socketpair(family: number, type: number, protocol: number, fds: Int32Array): number;
  bind(fd: number, address: Sockaddr): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, name: Name, size: number, may_block: boolean): number;
  connect(fd: number, address: Sockaddr, may_block: boolean): number;
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
  recvfrom(
    fd: number,
    bytes: ArrayBufferView,
    offset: number,
    length: number,
    flags: number,
    may_block: boolean,
    name: Name,
    size: number,
  ): number;
  sendto(
    fd: number,
    bytes: ArrayBufferView,
    offset: number,
    length: number,
    flags: number,
    address: Sockaddr,
    may_block: boolean,
  ): number;
  recvmsg(
    fd: number,
    views: readonly ArrayBufferView[],
    control: Uint8Array,
    flags: number,
    may_block: boolean,
    results: Int32Array,
    name: Name,
    size: number,
  ): number;
  sendmsg(
    fd: number,
    views: readonly ArrayBufferView[],
    control: Uint8Array,
    flags: number,
    address: Sockaddr | null,
    may_block: boolean,
  ): number;
  cmsg_len(length: number): number;
  cmsg_space(length: number): number;
  cmsg_encode(kinds: Int32Array, datas: readonly ArrayBufferView[]): Uint8Array;
  cmsg_decode(control: Uint8Array, length: number): [number, number, Uint8Array][];
  shutdown(fd: number, how: number): number;
  get_nonblocking(fd: number): number;
  set_nonblocking(fd: number, on: boolean): number;
  close(fd: number): number;
  dup(fd: number): number;
  get_inheritable(fd: number): number;
  set_inheritable(fd: number, on: boolean): number;
  own(fd: number): number;
  disown(fd: number): number;

  getsockopt(fd: number, level: number, option: number, bytes: ArrayBufferView): number;
  setsockopt(fd: number, level: number, option: number, bytes: ArrayBufferView): number;
  setsockopt_null(fd: number, level: number, option: number, length: number): number;

  sockaddr_in(host: string, port: number): Sockaddr | null;
  sockaddr_in6(host: string, port: number, flowinfo: number, scope_id: number): Sockaddr | null;
  sockaddr_un(path: Uint8Array): Sockaddr | null;
  sockaddr_other(family: number, bytes: Uint8Array): Sockaddr | null;
  sockaddr_size(family: number): number;
  sockaddr_decode(name: Name, port: Int32Array): string | DecodedAddress | null;

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

  gethostbyname(host: string, family: number, error: Int32Array): HostRow | null;
  gethostbyaddr(family: number, address: Uint8Array, error: Int32Array): HostRow | null;
  hstrerror(code: number): string;
  getnameinfo(
    address: Sockaddr,
    flags: number,
    error: Int32Array,
  ): [host: string, service: string] | null;
  getservbyname(name: string, protocol: string | null): number;
  getservbyport(port: number, protocol: string | null): string | null;
  getprotobyname(name: string): number;
  gethostname(): string | number;
  sethostname(name: Uint8Array): number;
  if_nameindex(): [index: number, name: string][] | number;
  if_nametoindex(name: string): number;
  if_indextoname(index: number): string | number;
  inet_aton(text: string): Uint8Array | null;
  inet_pton(family: number, text: string): Uint8Array | number | null;
  inet_ntop(family: number, bytes: ArrayBufferView): string | number | null;

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

  interrupt_watch(listened: boolean): number;
  interrupt_defer(deferring: boolean): number;
  interrupt_die(): number;
  signal_take(): number;
  signal_set(signo: number, how: number): number;
  signal_yield(signo: number): number;
  signal_get(signo: number): number;
  signal_wake(): number;
  signal_wakeup_fd(fd: number, full_is_error: boolean): number;
  wakeup_errno(): number;
  pthread_sigmask(how: number, signos: Int32Array, before: Int32Array): number;
  sigpending(signos: Int32Array): number;
  sigtimedwait(signos: Int32Array, timeout_ns: number, about: Int32Array): number;
  siginterrupt(signo: number, interrupts: boolean): number;
  raise(signo: number): number;
  alarm(seconds: number): number;
  setitimer(which: number, timer: Int32Array, before: Int32Array): number;
  getitimer(which: number, timer: Int32Array): number;
  pause(): number;
  strsignal(signo: number): string | null;
  watch_start(fd: number, keeps_alive: boolean, once: boolean, callback: () => void): number;
  watch_again(number: number): number;
  watch_stop(number: number): number;

  strerror(errno: number): string;

  // The rest is only there where the system has it.

  sockaddr_nl?(pid: number, groups: number): Sockaddr;
  sockaddr_ll?(
    ifindex: number,
    protocol: number,
    pkttype: number,
    hatype: number,
    addr: Uint8Array,
  ): Sockaddr | null;
  sockaddr_vm?(cid: number, port: number): Sockaddr;
  receive_queue?(fd: number): number;
  send_queue?(fd: number): number;
  tcp_state?(fd: number, state: Int32Array): number;
  recvmmsg?(
    fd: number,
    bytes: Uint8Array,
    size: number,
    count: number,
    flags: number,
    may_block: boolean,
    lengths: Int32Array,
    names: Uint8Array,
  ): number;
  sendmmsg?(
    fd: number,
    bytes: Uint8Array,
    lengths: Int32Array,
    count: number,
    flags: number,
    may_block: boolean,
    names: Uint8Array,
  ): number;
  sendfile?(out: number, file: number, offset: number, count: number, may_block: boolean): number;
  epoll_create1?(): number;
  epoll_ctl?(epfd: number, op: number, fd: number, events: number): number;
  epoll_wait?(epfd: number, ready: Int32Array, max_events: number, timeout_ms: number): number;
  kqueue?(): number;
  /** Six 64-bit integers an event, in the order of struct kevent. */
  kevent?(
    kq: number,
    changes: BigInt64Array,
    ready: BigInt64Array,
    max_events: number,
    timeout_ns: number,
  ): number;

  /** The numbers of the system's headers by name. */
  readonly constants: Readonly<Record<string, number>>;
  /** errno's numbers by name. */
  readonly errors: Readonly<Record<string, number>>;
  /** Which of native/platform-*.cc it was built with. */
  readonly platform: "linux" | "darwin" | "posix";
  /** Whether signals are delivered to this thread. */
  readonly is_main_thread: boolean;
}

/** A copy, because V8 keeps an object that was filled from C++ as a dictionary, and looks up every call in it. */
export const native: Native = { ...(addon as Native) };
