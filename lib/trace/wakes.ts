/** What a readiness call was asked, what it answered, and why: what the kernel holds for a socket. */
import { native } from "../native.ts";
import { EVENT_READ, EVENT_WRITE } from "../selectors.ts";
import { words } from "./calls.ts";
import type { Arguments, ByFunction, FunctionThat } from "./calls.ts";
import type { Numbers } from "./log.ts";
import type { Wake, Why } from "./recording.ts";

const { POLLERR, POLLIN, POLLOUT, SOL_SOCKET, SO_RCVBUF, SO_SNDBUF } = native.constants;

/** How to read a call that waits for many descriptors, a turn of the program's loop. */
export interface Wait<Args> {
  readonly by: Wake["by"];
  /** Where its timeout is, and how many of its units make a millisecond. */
  readonly timeout: readonly [position: number, in_one: number];
  /** Whether this call waits at all. */
  is_turn?(args: Args): boolean;
  /**
   * Pairs of a descriptor and what it is watched for, unless a poller knows them. Read before the call, as
   * select(2) overwrites them.
   */
  asked?(args: Args): Numbers;
  /** Whether these are events of poll(2), and not yet EVENT_READ and EVENT_WRITE. */
  readonly asks_events?: boolean;
  /** Pairs of a descriptor and the events that `n` of them have. */
  ready(args: Args, n: number): Numbers;
}

export const waits: ByFunction<Wait<never>> = {
  poll: {
    by: "poll",
    timeout: [3, 1],
    asked: ([wanted, count]) => wanted.subarray(0, 2 * count),
    asks_events: true,
    ready: ([, , ready], n) => ready.subarray(0, 2 * n),
  },
  select: {
    by: "select",
    timeout: [6, 1e3],
    asked: (args) => in_sets(args, EVENT_READ, EVENT_WRITE),
    ready: (args) => in_sets(args, POLLIN, POLLOUT),
  },
  epoll_wait: {
    by: "epoll",
    timeout: [3, 1],
    ready: ([, ready], n) => ready.subarray(0, 2 * n),
  },
  kevent: {
    by: "kqueue",
    timeout: [4, 1e6],
    // With no room for events, it only changes what is watched.
    is_turn: ([, , , max_events]) => max_events !== 0,
    ready: ([, , ready], n) => kevents(ready, n),
  },
} satisfies { [Name in FunctionThat<"wait">]: Wait<Arguments<Name>> };

/** The descriptors in the sets of select(2), with a mask for reading and one for writing. */
function in_sets(
  [readers, reader_count, writers, writer_count]: Arguments<"select">,
  read: number,
  write: number,
): number[] {
  const masks = new Map<number, number>();
  const collect = (fds: Int32Array, count: number, mask: number) => {
    for (const fd of fds.subarray(0, count)) {
      if (fd < 0) break;
      masks.set(fd, (masks.get(fd) ?? 0) | mask);
    }
  };
  collect(readers, reader_count, read);
  collect(writers, writer_count, write);
  return [...masks].flat();
}

/** struct kevent as six 64-bit integers, of which the first two are ident and filter. */
function kevents(events: BigInt64Array, n: number): number[] {
  const EVFILT_READ = -1n;
  return Array.from({ length: n }, (_, index) => [
    Number(events[6 * index]),
    events[6 * index + 1] === EVFILT_READ ? POLLIN : POLLOUT,
  ]).flat();
}

/** TCP's states, of which the first is 1. tcp(7), RFC 9293 */
const TCP_STATES: readonly (string | undefined)[] = words(
  "ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING",
);

const tcp = new Int32Array(3);
const buffer_size = new Int32Array(1);

/** What the kernel holds for a descriptor that is ready, as far as the system tells. */
function why(fd: number, events: number): Omit<Why, "life"> {
  const is_tcp = native.tcp_state?.(fd, tcp) === 0;
  const state = is_tcp ? (TCP_STATES[tcp[0] - 1] ?? null) : null;
  const error = (events & POLLERR) !== 0;
  if (state === "LISTEN") {
    return {
      fd,
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
    receive: or_null(native.receive_queue?.(fd)),
    send: or_null(native.send_queue?.(fd)),
    send_room: size(SO_SNDBUF),
    receive_room: size(SO_RCVBUF),
    state,
    error,
  };
}

/** The same of all that are ready. */
export function why_all(pairs: Numbers): Omit<Why, "life">[] {
  return Array.from({ length: pairs.length / 2 }, (_, index) =>
    why(pairs[2 * index], pairs[2 * index + 1]),
  );
}

function or_null(n: number = -1): number | null {
  return n < 0 ? null : n;
}
