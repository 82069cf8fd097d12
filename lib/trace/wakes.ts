/** What a readiness call was asked and what it said; and why: what the kernel holds for a socket. */
import { native } from "../native.ts";
import { EVENT_READ, EVENT_WRITE } from "../selectors.ts";
import type { FunctionName } from "./describe.ts";
import type { Lives } from "./lives.ts";
import type { Interest, Wake, Why } from "./recording.ts";

const { POLLERR, POLLIN, POLLOUT, SOL_SOCKET, SO_RCVBUF, SO_SNDBUF } = native.constants;

type Arguments = readonly unknown[];

/** Whether a call waits for many descriptors: each such call is a turn of the program's loop. */
export function is_wait(name: FunctionName, args: Arguments): boolean {
  // With no room for events, a kevent(2) only changes what is watched.
  if (name === "kevent") return args[3] !== 0;
  return name === "epoll_wait" || name === "poll" || name === "select";
}

/** What a readiness call is asked: to be read before it is made, as select(2) writes over it. */
export function asked(name: FunctionName, args: Arguments, lives: Lives): Omit<Wake, "ready"> {
  switch (name) {
    case "poll": {
      const interest = lives.news(lives.interest(args[0] as Int32Array, Number(args[1]), true));
      return { by: "poll", timeout: milliseconds(args[3], 1), ...(interest && { interest }) };
    }
    case "select": {
      const interest = lives.news(in_sets(args, lives, EVENT_READ, EVENT_WRITE));
      return { by: "select", timeout: milliseconds(args[6], 1e3), ...(interest && { interest }) };
    }
    default: {
      const is_epoll = name === "epoll_wait";
      const timeout = is_epoll ? milliseconds(args[3], 1) : milliseconds(args[4], 1e6);
      const interest = lives.watched_by(Number(args[0]));
      return {
        by: is_epoll ? "epoll" : "kqueue",
        poller: lives.of(Number(args[0])),
        timeout,
        ...(interest && { interest }),
      };
    }
  }
}

function milliseconds(timeout: unknown, in_one: number): number | null {
  return Number(timeout) < 0 ? null : Number(timeout) / in_one;
}

/** The descriptors in the three sets of select(2), with a mask for reading and one for writing. */
function in_sets(args: Arguments, lives: Lives, read: number, write: number): Interest[] {
  const masks = new Map<number, number>();
  const collect = (fds: unknown, count: unknown, mask: number) => {
    for (const fd of (fds as Int32Array).subarray(0, Number(count))) {
      if (fd < 0) break;
      masks.set(fd, (masks.get(fd) ?? 0) | mask);
    }
  };
  collect(args[0], args[1], read);
  collect(args[2], args[3], write);
  return [...masks].map(([fd, mask]) => [fd, lives.of(fd), mask]);
}

/** What a readiness call has said. */
export function answered(
  name: FunctionName,
  args: Arguments,
  result: unknown,
  lives: Lives,
): Interest[] {
  const n = Number(result);
  if (!(n > 0)) return [];
  if (name === "epoll_wait") return lives.interest(args[1] as Int32Array, n, false);
  if (name === "poll") return lives.interest(args[2] as Int32Array, n, false);
  if (name === "select") return in_sets(args, lives, POLLIN, POLLOUT);
  return kevents(args[2] as BigInt64Array, n, lives);
}

/** struct kevent as six 64-bit integers, of which the first two are ident and filter. */
function kevents(events: BigInt64Array, n: number, lives: Lives): Interest[] {
  const EVFILT_READ = -1n;
  return Array.from({ length: n }, (_, index) => {
    const fd = Number(events[6 * index]);
    return [fd, lives.of(fd), events[6 * index + 1] === EVFILT_READ ? POLLIN : POLLOUT];
  });
}

/** TCP's states by their numbers. tcp(7), RFC 9293 */
const TCP_STATES =
  "ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING".split(
    " ",
  );

const tcp = new Int32Array(3);
const buffer_size = new Int32Array(1);

/** What the kernel holds for a descriptor that is ready. */
export function why([fd, life, events]: Interest): Why {
  const is_tcp = native.tcp_state(fd, tcp) === 0;
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
    receive: or_null(native.receive_queue(fd)),
    send: or_null(native.send_queue(fd)),
    send_room: size(SO_SNDBUF),
    receive_room: size(SO_RCVBUF),
    state,
    error,
  };
}

function or_null(n: number): number | null {
  return n < 0 ? null : n;
}
