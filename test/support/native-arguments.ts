/** The functions of the native table: what each takes, what it may return, and what it opens. */
import * as fc from "fast-check";

import { native } from "../../lib/native.ts";
import { detach, view } from "./arbitrary.ts";

const { AF_INET, AF_UNIX, NAME_SIZE, NI_NUMERICHOST, SOCK_DGRAM, SOCK_NONBLOCK, SOL_SOCKET } =
  native.constants;
const INT_MAX = 2 ** 31 - 1;

/** Two sockets that never wait, and a poller: descriptors to do real things with. */
export const pair: Int32Array = new Int32Array(2);
native.socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
export const poller: number = native.epoll_create1?.() ?? native.kqueue?.() ?? -1;

/** Descriptors that are none. */
const no_fd = fc.constantFrom(-1, -2, INT_MAX, INT_MAX - 1, -INT_MAX - 1, 2 ** 20 + 7);
const any_fd = fc.oneof(no_fd, fc.constantFrom(pair[0], pair[1], poller));
const integer = fc.oneof(
  fc.constantFrom(0, 1, 2, -1, INT_MAX, -INT_MAX - 1, 65535, 65536, -0),
  fc.integer({ min: -INT_MAX - 1, max: INT_MAX }),
);
const boolean = fc.boolean();
const text = fc.oneof(fc.string(), fc.constantFrom("127.0.0.1", "::1", "fe80::1%lo", "\ud800"));
const path = fc.oneof(view, fc.uint8Array({ maxLength: 120 }));
/** Without end, or for long, is what this process must not wait. */
const no_time = fc.constant(0);
const size = fc.constantFrom(0, 1, 2, 4, 8, 16, NAME_SIZE - 4, NAME_SIZE, 1024, INT_MAX, 2 ** 31);
const ints = fc.oneof(
  view,
  fc.array(integer, { maxLength: 70 }).map((all) => Int32Array.from(all)),
);
const name = fc.oneof(view, fc.uint8Array({ minLength: NAME_SIZE, maxLength: NAME_SIZE }));
/** Numeric, so that nobody is asked. */
const host = fc.constantFrom(null, "127.0.0.1", "::1", "0", "fe80::1", "a\0b");
const service = fc.constantFrom(null, "0", "80", "65535", "a\0b");

/** Several pieces of memory, in lists of all kinds. */
const views = fc.oneof(
  fc.array(view, { maxLength: 5 }),
  fc.constantFrom<unknown[]>(
    [],
    [1],
    [new Uint8Array(4), null],
    ...[2 ** 20, 2 ** 32 - 1].map((length) => Object.assign([], { length })),
  ),
  // One that takes away what was read before.
  view.map((one) =>
    Object.defineProperty([one, one], 1, {
      get(): unknown {
        detach((one as Uint8Array).buffer);
        return one;
      },
    }),
  ),
);

/** What has no handler, is no signal, or is this process's to lose: it goes on without. */
const lost = fc.constantFrom(-1, 0, 9, 19, 32, 65, INT_MAX);
const signos = fc
  .array(fc.constantFrom(-1, 0, 12, 65, INT_MAX), { maxLength: 70 })
  .map((all) => Int32Array.from(all));

export interface NativeFunction {
  /** The arguments, each with what is nearly right for it. */
  readonly takes: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  /** What it may return but a number. */
  readonly returns?: (value: unknown) => boolean;
  /** Gives back what the call has opened. */
  readonly undo?: (result: unknown, args: readonly unknown[]) => void;
}

function close_result(result: unknown): void {
  if (typeof result === "number" && result >= 0) native.close(result);
}

const is_address = (value: unknown): boolean => value === null || value instanceof Uint8Array;
const is_list = (value: unknown): boolean => value === null || Array.isArray(value);
const is_text = (value: unknown): boolean => typeof value === "string";

const is_errno = (value: unknown): boolean => typeof value === "number" && value < 0;
const is_text_or_errno = (value: unknown): boolean => is_text(value) || is_errno(value);

const few = fc.constantFrom(-1, 0, 1, 2, 3, 10, 1000, INT_MAX, -INT_MAX - 1);

/** What recv, send, recvfrom and sendto begin with. */
const transfer = { fd: any_fd, bytes: view, offset: size, length: size, flags: integer };

export const functions: Readonly<Record<string, NativeFunction>> = {
  socket: { takes: { family: few, type: few, protocol: few }, undo: close_result },
  socketpair: {
    takes: { family: few, type: few, protocol: few, fds: ints },
    undo(result, args) {
      if (result === 0) (args[3] as Int32Array).subarray(0, 2).forEach(close_result);
    },
  },
  // Nothing that is real is bound or connected: the bytes could be anybody's address.
  bind: { takes: { fd: no_fd, address: view } },
  listen: { takes: { fd: no_fd, backlog: integer } },
  accept4: { takes: { fd: any_fd, name, size, may_block: boolean } },
  connect: { takes: { fd: no_fd, address: view, may_block: boolean } },
  getsockname: { takes: { fd: any_fd, name, size } },
  getpeername: { takes: { fd: any_fd, name, size } },
  recv: {
    takes: {
      ...transfer,
      may_block: boolean,
    },
  },
  send: {
    takes: {
      ...transfer,
      may_block: boolean,
    },
  },
  recvfrom: {
    takes: {
      ...transfer,
      may_block: boolean,
      name,
      size,
    },
  },
  sendto: {
    takes: {
      ...transfer,
      address: view,
      may_block: boolean,
    },
  },
  recvmsg: {
    takes: {
      fd: any_fd,
      views,
      control: view,
      flags: integer,
      may_block: boolean,
      results: ints,
      name,
      size,
    },
  },
  sendmsg: {
    takes: {
      fd: any_fd,
      views,
      control: view,
      flags: integer,
      address: fc.oneof(fc.constant(null), view),
      may_block: boolean,
    },
  },
  cmsg_len: { takes: { length: size } },
  cmsg_space: { takes: { length: size } },
  cmsg_encode: { takes: { kinds: ints, datas: views }, returns: is_address },
  cmsg_decode: { takes: { control: view, length: size }, returns: is_list },
  shutdown: { takes: { fd: no_fd, how: integer } },
  get_nonblocking: { takes: { fd: any_fd } },
  set_nonblocking: { takes: { fd: no_fd, on: boolean } },
  close: { takes: { fd: no_fd } },
  dup: { takes: { fd: any_fd }, undo: close_result },
  get_inheritable: { takes: { fd: any_fd } },
  set_inheritable: { takes: { fd: any_fd, on: boolean } },
  // A descriptor that is this environment's already.
  own: { takes: { fd: fc.constantFrom(pair[0], -1, -INT_MAX) } },
  disown: { takes: { fd: no_fd } },

  getsockopt: {
    takes: { fd: any_fd, level: fc.constantFrom(SOL_SOCKET, -1), option: integer, bytes: view },
  },
  setsockopt: { takes: { fd: no_fd, level: integer, option: integer, bytes: view } },
  setsockopt_null: { takes: { fd: no_fd, level: integer, option: integer, length: size } },

  sockaddr_in: { takes: { host: text, port: integer }, returns: is_address },
  sockaddr_in6: {
    takes: { host: text, port: integer, flowinfo: integer, scope_id: integer },
    returns: is_address,
  },
  sockaddr_un: { takes: { path }, returns: is_address },
  sockaddr_other: { takes: { family: integer, bytes: view }, returns: is_address },
  sockaddr_nl: { takes: { pid: integer, groups: integer }, returns: is_address },
  sockaddr_ll: {
    takes: {
      ifindex: integer,
      protocol: integer,
      pkttype: integer,
      hatype: integer,
      addr: fc.oneof(view, fc.uint8Array({ maxLength: 10 })),
    },
    returns: is_address,
  },
  sockaddr_vm: { takes: { cid: integer, port: integer }, returns: is_address },
  sockaddr_size: { takes: { family: integer } },
  sockaddr_decode: {
    takes: { name, port: ints },
    returns: (value) => is_list(value) || is_text(value),
  },

  getaddrinfo: {
    takes: {
      host,
      service,
      family: fc.constantFrom(0, AF_INET, 10, 99),
      type: few,
      protocol: few,
      flags: few,
      error: ints,
    },
    returns: is_list,
  },
  gai_strerror: { takes: { code: integer }, returns: is_text },

  gethostbyname: {
    takes: { host: fc.constantFrom("127.0.0.1", "0", "a\0b"), family: few, error: ints },
    returns: is_list,
  },
  gethostbyaddr: {
    takes: {
      family: fc.constantFrom(AF_INET, 10, 99),
      address: fc.constantFrom(
        Uint8Array.of(127, 0, 0, 1),
        new Uint8Array(5),
        new DataView(new ArrayBuffer(0)),
      ),
      error: ints,
    },
    returns: is_list,
  },
  hstrerror: { takes: { code: integer }, returns: is_text },
  getnameinfo: {
    takes: {
      address: fc.constantFrom(
        native.sockaddr_in("127.0.0.1", 80),
        new Uint8Array(2),
        new Uint8Array(0),
      ),
      flags: fc.constantFrom(NI_NUMERICHOST, NI_NUMERICHOST | 2, -1),
      error: ints,
    },
    returns: is_list,
  },
  getservbyname: { takes: { name: text, protocol: fc.constantFrom(null, "tcp", "x\0") } },
  getservbyport: {
    takes: { port: integer, protocol: fc.constantFrom(null, "tcp", "x\0") },
    returns: (value) => value === null || is_text(value),
  },
  getprotobyname: { takes: { name: text } },
  gethostname: { takes: {}, returns: is_text },
  if_nameindex: { takes: {}, returns: is_list },
  if_nametoindex: { takes: { name: text } },
  if_indextoname: { takes: { index: integer }, returns: is_text_or_errno },
  inet_aton: { takes: { text }, returns: is_address },
  inet_pton: {
    takes: { family: fc.constantFrom(AF_INET, 10, 99, -1), text },
    returns: (value) => is_address(value) || is_errno(value),
  },
  inet_ntop: {
    takes: { family: fc.constantFrom(AF_INET, 10, 99, -1), bytes: view },
    returns: (value) => value === null || is_text_or_errno(value),
  },

  poll: { takes: { wanted: ints, count: size, ready: ints, timeout_ms: no_time } },
  poll_one: { takes: { fd: any_fd, events: integer, timeout_ms: no_time } },
  select: {
    takes: {
      readers: ints,
      reader_count: size,
      writers: ints,
      writer_count: size,
      exceptional: ints,
      exceptional_count: size,
      timeout_us: no_time,
    },
  },

  interrupt_watch: { takes: { listened: boolean } },
  interrupt_defer: { takes: { deferring: boolean } },
  signal_take: { takes: {} },
  signal_set: { takes: { signo: lost, how: integer } },
  signal_yield: { takes: { signo: lost } },
  signal_get: { takes: { signo: integer } },
  signal_wake: { takes: {} },
  signal_wakeup_fd: { takes: { fd: fc.constant(-1), full_is_error: boolean } },
  wakeup_errno: { takes: {} },
  pthread_sigmask: { takes: { how: integer, signos, before: ints } },
  sigpending: { takes: { signos: ints } },
  sigtimedwait: { takes: { signos, timeout_ns: no_time, about: ints } },
  siginterrupt: { takes: { signo: lost, interrupts: boolean } },
  raise: { takes: { signo: fc.constantFrom(-1, 65, INT_MAX) } },
  alarm: { takes: { seconds: fc.constant(0) } },
  setitimer: { takes: { which: fc.constantFrom(-1, 3, INT_MAX), timer: ints, before: ints } },
  getitimer: { takes: { which: fc.constantFrom(-1, 0, 1, 2, 3, INT_MAX), timer: ints } },
  strsignal: { takes: { signo: integer }, returns: (value) => value === null || is_text(value) },
  watch_start: {
    takes: {
      fd: fc.oneof(no_fd, fc.constant(poller)),
      keeps_alive: boolean,
      once: boolean,
      callback: fc.constant(() => {}),
    },
    undo(result) {
      if (typeof result === "number" && result >= 0) native.watch_stop(result);
    },
  },
  watch_again: { takes: { number: integer } },
  watch_stop: { takes: { number: integer } },

  strerror: { takes: { errno: integer }, returns: is_text },

  receive_queue: { takes: { fd: any_fd } },
  send_queue: { takes: { fd: any_fd } },
  tcp_state: { takes: { fd: any_fd, state: ints } },

  ...("recvmmsg" in native && {
    recvmmsg: {
      takes: {
        fd: any_fd,
        bytes: view,
        size,
        count: size,
        flags: integer,
        may_block: boolean,
        lengths: ints,
        names: name,
      },
    },
    sendmmsg: {
      takes: {
        fd: any_fd,
        bytes: view,
        lengths: ints,
        count: size,
        flags: integer,
        may_block: boolean,
        names: name,
      },
    },
  }),
  ...("sendfile" in native && {
    sendfile: {
      takes: { out: any_fd, file: no_fd, offset: size, count: size, may_block: boolean },
    },
  }),
  ...("epoll_create1" in native && {
    epoll_create1: { takes: {}, undo: close_result },
    epoll_ctl: {
      takes: {
        epfd: fc.oneof(no_fd, fc.constant(poller)),
        op: integer,
        fd: any_fd,
        events: integer,
      },
    },
    epoll_wait: {
      takes: {
        epfd: fc.oneof(no_fd, fc.constant(poller)),
        ready: ints,
        max_events: size,
        timeout_ms: no_time,
      },
    },
  }),
  ...("kqueue" in native && {
    kqueue: { takes: {}, undo: close_result },
    kevent: {
      takes: { kq: no_fd, changes: view, ready: view, max_events: size, timeout_ns: no_time },
    },
  }),
};
