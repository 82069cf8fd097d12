/** A call and what came of it in one or two sentences, in words that a beginner knows. */
import { act_of } from "../../lib/trace/calls.ts";
import type { Call, Header, Interest, Wake, Why } from "../../lib/trace/recording.ts";
import { address_text, amount, digits, duration, listed } from "../words.ts";
import {
  EVENT_READ,
  EVENT_WRITE,
  events_of,
  mask_of,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
} from "./masks.ts";
import { asked, is_end } from "./process-state.ts";
import { slept } from "./sleep.ts";
import { word_text } from "./strace/words.ts";
import { sentences } from "./troubles/finder.ts";

/** What is known of a program when it makes the call. */
export interface Teller {
  /** "multiconn-server". */
  readonly program: string;
  readonly seen_by: Header["seen_by"];
  is_listener(life: number): boolean;
  /** Whether the last call about a socket has begun to connect it. */
  is_connecting(life: number): boolean;
}

/** As many descriptors are named at most. */
const MOST = 3;

const PEER_CLOSED = POLLHUP | POLLRDHUP;

/** Tells what a call did, and what the program does next. */
export function tell(call: Call, next: Call | null, teller: Teller): string {
  return sentences([waited(call, teller), outcome(call, teller), following(next)]);
}

/** Tells what a call will be asked about, before it is answered. */
export function ask_about(call: Call, teller: Teller): string {
  const on = call.fd === undefined ? "" : ` on fd ${call.fd}`;
  return `${teller.program} is about to call ${plain_name(call)}${on}. What happens?`;
}

/** That the program slept in a call which only it waits for; a wait says so itself. */
function waited(call: Call, { program, seen_by }: Teller): string | null {
  if (call.wake !== undefined || !slept(call, seen_by)) return null;
  return `${program} slept ${duration(call.d)} in ${plain_name(call)}, which blocks: meanwhile it could do nothing else.`;
}

function outcome(call: Call, teller: Teller): string {
  if (call.wake !== undefined) return of_wait(call, call.wake, teller);
  const fd = `fd ${call.fd}`;
  if (call.errno !== undefined) return of_failure(call, fd, teller);
  switch (act_of(call)) {
    case "accept":
      return of_accept(call);
    case "receive":
      return is_end(call)
        ? `${fd} gave 0 bytes: its peer has closed, and nothing more will come.`
        : `${bytes_were(call.bytes ?? 0)} read from ${fd}: what had arrived.`;
    case "send":
      return of_send(call, fd);
    case "connect":
      return `${fd} is connected to ${address_text(call.args.address)}.`;
    case "control":
      return of_control(call);
    case "open":
      return of_open(call);
    case "bind":
      return `${fd} has the address ${address_text(call.args.address)} from now on.`;
    case "listen":
      return `${fd} listens: the kernel makes connections by itself, and lets up to ${digits(Number(call.args.backlog))} wait to be accepted.`;
    case "pause":
      return Number(call.result) > 0 ? `${fd} is ready.` : "Nothing happened before its timeout.";
    case "shutdown":
      return `${fd} says to its peer that nothing more will come.`;
    case "close":
      return `${fd} is closed, and its number is free for the next descriptor.`;
    default:
      return of_other(call, fd);
  }
}

function of_wait(call: Call, wake: Wake, teller: Teller): string {
  const { program, seen_by } = teller;
  const time = duration(call.d);
  const has_slept = slept(call, seen_by);
  if (call.errno === "EINTR") return `${program} slept ${time}, until a signal came.`;
  if (call.errno !== undefined) return `${program} could not wait: ${call.errno}.`;
  if (wake.ready.length === 0) {
    return has_slept
      ? `${program} slept ${time}, and nothing happened before its timeout.`
      : `${program} looked without waiting: nothing was ready.`;
  }
  const reasons = why_ready(wake, teller);
  return has_slept
    ? `${program} slept ${time}. It woke because ${reasons}.`
    : `${program} did not sleep, because ${reasons}.`;
}

/** "a connection waits to be accepted on fd 3, and fd 5 has room to write". */
function why_ready({ ready, why }: Wake, teller: Teller): string {
  const named = ready.slice(0, MOST).map((each) => {
    const held = why?.find(({ life }) => life === each[1]);
    return readiness(each, held, teller);
  });
  const others = ready.length - named.length;
  if (others > 0)
    named.push(`${amount(others, "other descriptor")} ${others === 1 ? "is" : "are"} ready`);
  return listed(named);
}

/** "fd 5 has 22 bytes to read": from the mask that the kernel gave, and what it held if that is known. */
export function readiness(
  [fd, life, mask]: Interest,
  held: Why | undefined,
  teller: Teller,
): string {
  const name = `fd ${fd}`;
  if ((mask & POLLERR) !== 0 || held?.error === true) return `${name} has an error`;
  const is_readable = (mask & POLLIN) !== 0;
  if (is_readable && teller.is_listener(life))
    return `${connections(held)} to be accepted on ${name}`;
  const parts: string[] = [];
  if (is_readable) parts.push(to_read(held, mask));
  else if ((mask & PEER_CLOSED) !== 0) parts.push("was closed by its peer");
  if ((mask & POLLOUT) !== 0) {
    parts.push(teller.is_connecting(life) ? "is connected now" : room_to_write(held));
  }
  return `${name} ${listed(parts)}`;
}

function connections(held: Why | undefined): string {
  const count = held?.receive ?? 1;
  return count === 1 ? "a connection waits" : `${digits(count)} connections wait`;
}

function to_read(held: Why | undefined, mask: number): string {
  const bytes = held?.receive ?? null;
  if (bytes !== null && bytes > 0) return `has ${amount(bytes, "byte")} to read`;
  return bytes === 0 || (mask & PEER_CLOSED) !== 0
    ? "was closed by its peer"
    : "has something to read";
}

function room_to_write(held: Why | undefined): string {
  if (held === undefined || held.send === null || held.send_room === null) {
    return "has room to write, as sockets nearly always have";
  }
  const left = held.send_room - held.send;
  return `has room to write ${amount(left, "byte")}`;
}

function of_failure(call: Call, fd: string, { program }: Teller): string {
  const { errno } = call;
  const act = act_of(call);
  if (errno === "EAGAIN" || errno === "EWOULDBLOCK") {
    const lack = {
      accept: `No connection waits to be accepted on ${fd}`,
      receive: `Nothing can be read from ${fd} yet`,
      send: `${fd} has no room to write, because its peer reads too slowly`,
    }[act as string];
    if (lack !== undefined)
      return `${lack}. It says so (${errno}) instead of waiting, which is no failure.`;
  }
  if (errno === "EINPROGRESS") {
    return `${fd} begins to connect to ${address_text(call.args.address)}, while ${program} goes on (EINPROGRESS).`;
  }
  if (errno === "EINTR") return `A signal interrupted ${plain_name(call)}.`;
  const reason = REASONS[errno!];
  const detail = reason === undefined ? "" : `: ${reason}`;
  return `${plain_name(call)}${call.fd === undefined ? "" : ` on ${fd}`} failed with ${errno}${detail}.`;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another socket has that address",
  EADDRNOTAVAIL: "this machine has no such address",
  EBADF: "there is no such descriptor",
  ECONNREFUSED: "nobody listens at that address",
  ECONNRESET: "its peer has reset the connection",
  EMFILE: "the program has as many descriptors as it may have",
  ENOTCONN: "it is not connected",
  EPIPE: "its peer has closed, and reads no more",
  ETIMEDOUT: "nobody has answered",
};

function of_accept({ made, args }: Call): string {
  const [conn] = made ?? [];
  if (conn === undefined) return "A connection was accepted.";
  const peer = conn.peer ?? args.address;
  const from = Array.isArray(peer) && peer.length > 0 ? ` from ${address_text(peer)}` : "";
  return `A connection${from} was accepted: it is fd ${conn.fd}.`;
}

function of_send(call: Call, fd: string): string {
  const given = asked(call);
  const taken = call.bytes ?? Number(call.result ?? 0);
  return given !== null && taken < given
    ? `Only ${digits(taken)} of ${amount(given, "byte")} fitted into the send buffer of ${fd}: the program must keep the rest.`
    : `${bytes_were(taken)} put into the send buffer of ${fd}, from where the kernel sends them.`;
}

function bytes_were(count: number): string {
  return `${amount(count, "byte")} ${count === 1 ? "was" : "were"}`;
}

function of_control({ args, fd: own }: Call): string {
  const fd = `fd ${typeof args.fd === "number" ? args.fd : own}`;
  const op = word_text(args.op);
  if (op === "EPOLL_CTL_DEL" || op === "2") return `The kernel watches ${fd} no longer.`;
  const mask = typeof args.events === "number" ? args.events : mask_of(word_text(args.events));
  const events = events_of(mask);
  const what = [
    (events & EVENT_READ) === 0 ? [] : ["something to read"],
    (events & EVENT_WRITE) === 0 ? [] : ["room to write"],
  ].flat();
  const from = op === "EPOLL_CTL_ADD" || op === "1" ? "watches" : "now watches";
  return `The kernel ${from} ${fd} for ${listed(what, "or") || "errors"}.`;
}

function of_open({ made, args, syscall }: Call): string {
  const fds = (made ?? []).map(({ fd }) => `fd ${fd}`);
  const what = made?.[0]?.what;
  if (what === "epoll" || what === "kqueue") {
    return `${fds[0]} is a new ${what}: a list of descriptors for the kernel to watch.`;
  }
  if (fds.length > 1) return `${listed(fds)} are two sockets, connected to each other.`;
  const { type } = args;
  const is_for_datagrams = typeof type === "string" && type.includes("DGRAM");
  const kind = is_for_datagrams ? "socket for datagrams" : "socket";
  return fds.length === 0 ? `${syscall} made nothing.` : `${fds[0]} is a new ${kind}.`;
}

function of_other(call: Call, fd: string): string {
  const { name, syscall, args } = call;
  if (name === "set_nonblocking" || (syscall === "ioctl" && args.request === "FIONBIO")) {
    return args.on !== false && args.on !== 0
      ? `Calls on ${fd} no longer wait: they say "not now" instead.`
      : `Calls on ${fd} wait from now on.`;
  }
  if (syscall === "setsockopt") return `An option of ${fd} was set: ${word_text(args.option)}.`;
  if (syscall === "rt_sigaction") return "The kernel was told what a signal is to do.";
  return call.fd === undefined
    ? `${plain_name(call)} was called.`
    : `${plain_name(call)} was called on ${fd}.`;
}

function following(next: Call | null): string | null {
  if (next === null) return null;
  if (next.wake !== undefined) return "Next: wait again.";
  return `Next: ${plain_name(next)}${next.fd === undefined ? "" : ` on fd ${next.fd}`}.`;
}

/** A call's name in a program: "accept", "recv", "select". */
function plain_name({ name }: Call): string {
  return IN_PROGRAMS[name] ?? name;
}

const IN_PROGRAMS: Readonly<Record<string, string>> = {
  accept4: "accept",
  pselect6: "select",
  poll_one: "poll",
};
