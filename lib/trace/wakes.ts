/** What a readiness call was asked, what it answered, and why: what the kernel holds for a socket. */
import { native } from "../native.ts";
import { EVENT_READ, EVENT_WRITE } from "../selectors.ts";
import { words } from "./calls.ts";
import type { Arguments, ByFunction, FunctionThat } from "./calls.ts";
import type { Lives } from "./lives.ts";
import type { Interest, Wake, Why } from "./recording.ts";

const { POLLERR, POLLIN, POLLOUT, SOL_SOCKET, SO_RCVBUF, SO_SNDBUF } = native.constants;

/** How to read a call that waits for many descriptors, a turn of the program's loop. */
export interface Wait<Args> {
  /** Whether this call waits at all. */
  is_turn?(args: Args): boolean;
  /** What it is asked. Read it before the call: select(2) overwrites it. */
  asked(args: Args, lives: Lives): Omit<Wake, "ready">;
  /** What it has answered about `n` descriptors. */
  answered(args: Args, n: number, lives: Lives): Interest[];
}

export const waits: ByFunction<Wait<never>> = {
  poll: {
    asked: ([wanted, count, , timeout_ms], lives) => ({
      by: "poll",
      timeout: milliseconds(timeout_ms, 1),
      ...lives.news(lives.interest(wanted, count, true)),
    }),
    answered: ([, , ready], n, lives) => lives.interest(ready, n, false),
  },
  select: {
    asked: (args, lives) => ({
      by: "select",
      timeout: milliseconds(args[6], 1e3),
      ...lives.news(in_sets(args, lives, EVENT_READ, EVENT_WRITE)),
    }),
    answered: (args, _, lives) => in_sets(args, lives, POLLIN, POLLOUT),
  },
  epoll_wait: {
    asked: ([epfd, , , timeout_ms], lives) => ({
      by: "epoll",
      poller: lives.of(epfd),
      timeout: milliseconds(timeout_ms, 1),
      ...lives.watched_by(epfd),
    }),
    answered: ([, ready], n, lives) => lives.interest(ready, n, false),
  },
  kevent: {
    // With no room for events, it only changes what is watched.
    is_turn: ([, , , max_events]) => max_events !== 0,
    asked: ([kq, , , , timeout_ns], lives) => ({
      by: "kqueue",
      poller: lives.of(kq),
      timeout: milliseconds(timeout_ns, 1e6),
      ...lives.watched_by(kq),
    }),
    answered: ([, , ready], n, lives) => kevents(ready, n, lives),
  },
} satisfies { [Name in FunctionThat<"wait">]: Wait<Arguments<Name>> };

function milliseconds(timeout: number, in_one: number): number | null {
  return timeout < 0 ? null : timeout / in_one;
}

/** The descriptors in the sets of select(2), with a mask for reading and one for writing. */
function in_sets(
  [readers, reader_count, writers, writer_count]: Arguments<"select">,
  lives: Lives,
  read: number,
  write: number,
): Interest[] {
  const masks = new Map<number, number>();
  const collect = (fds: Int32Array, count: number, mask: number) => {
    for (const fd of fds.subarray(0, count)) {
      if (fd < 0) break;
      masks.set(fd, (masks.get(fd) ?? 0) | mask);
    }
  };
  collect(readers, reader_count, read);
  collect(writers, writer_count, write);
  return [...masks].map(([fd, mask]) => [fd, lives.of(fd), mask]);
}

/** struct kevent as six 64-bit integers, of which the first two are ident and filter. */
function kevents(events: BigInt64Array, n: number, lives: Lives): Interest[] {
  const EVFILT_READ = -1n;
  return Array.from({ length: n }, (_, index) => {
    const fd = Number(events[6 * index]);
    return [fd, lives.of(fd), events[6 * index + 1] === EVFILT_READ ? POLLIN : POLLOUT];
  });
}

/** TCP's states, of which the first is 1. tcp(7), RFC 9293 */
const TCP_STATES: readonly (string | undefined)[] = words(
  "ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING",
);

const tcp = new Int32Array(3);
const buffer_size = new Int32Array(1);

/** What the kernel holds for a descriptor that is ready, as far as the system tells. */
export function why([fd, life, events]: Interest): Why {
  const is_tcp = native.tcp_state?.(fd, tcp) === 0;
  const state = is_tcp ? (TCP_STATES[tcp[0] - 1] ?? null) : null;
  const error = (events & POLLERR) !== 0;
  if (state === "LISTEN") {
    return {
      fd,
      life,
      receive: tcp[1],
      send: null,
      send_room: null,
      receive_room: tcp[2],
      state,
      error,
    };
  }
  const size = (option: number) =>
    native.getsockopt(fd, SOL_SOCKET, option, buffer_size) < 0 ? null : buffer_size[0];
  return {
    fd,
    life,
    receive: or_null(native.receive_queue?.(fd)),
    send: or_null(native.send_queue?.(fd)),
    send_room: size(SO_SNDBUF),
    receive_room: size(SO_RCVBUF),
    state,
    error,
  };
}

function or_null(n: number = -1): number | null {
  return n < 0 ? null : n;
}
