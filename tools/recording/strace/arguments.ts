/** Reads and prints the arguments of system calls: one codec for each argument name. */
import { system_call, words } from "../../../lib/trace/calls.ts";
import type { ArgumentName } from "../../../lib/trace/calls.ts";
import type { Call, Interest } from "../../../lib/trace/recording.ts";
import { EVENT_READ, EVENT_WRITE, POLLIN, POLLOUT } from "../masks.ts";
import { from_python } from "../python-bytes.ts";
import { bytes_of, field_of, parts_of } from "./log.ts";
import type { StraceCall } from "./log.ts";
import {
  address_of,
  address_size,
  address_text,
  mask_text,
  pointed_at,
  quoted,
  timeout_of,
  timeout_text,
  word,
  word_text,
} from "./words.ts";

/** Arguments by name, the same names that iomux's own recordings use. */
export type Arguments = Readonly<Record<string, unknown>>;

interface Codec {
  /** What a recording has for this text. */
  read?(text: string): Arguments;
  /** As strace prints it, null for nothing; `asked` is what a poll(2) or select(2) watches. */
  write(call: Call, asked: readonly Interest[]): string | null;
  /** The bytes that were moved, as far as strace shows them. */
  bytes?(text: string): Uint8Array;
}

/** What strace prints in place of what it does not show. */
const UNKNOWN = "...";

/** Arguments that are read the same way, and printed as they are. */
function each<const Names extends string>(names: Names, value: (text: string) => unknown) {
  const codecs = words(names).map((name): [string, Codec] => [
    name,
    {
      read: (text) => ({ [name]: value(text) }),
      write: ({ args }) => word_text(args[name]),
    },
  ]);
  return Object.fromEntries(codecs) as Record<ReturnType<typeof words<Names>>[number], Codec>;
}

/** An argument that a recording leaves out. */
function always(text: string): Codec {
  return { write: () => text };
}

const codecs: Readonly<Record<ArgumentName, Codec>> = {
  ...each("fd epfd kq backlog length file other max_events size", Number),
  ...each("family type flags how option op offset command request", word),
  ...each("data seconds signo which timeout_ns", word),
  protocol: {
    read: (text) => ({ protocol: protocols[text] ?? word(text) }),
    write: ({ args: { protocol, family } }) =>
      protocol === 0 && family !== "AF_UNIX" ? "IPPROTO_IP" : word_text(protocol),
  },
  pair: { write: ({ made = [] }) => `[${made.map(({ fd }) => fd).join(", ")}]` },
  address: {
    read: optional_address,
    write: ({ args }) => address_text(args.address),
  },
  address_size: { write: ({ args }) => address_size(args.address) },
  // If the call failed, nobody knows the address that it would have written.
  name: {
    read: (text) => ({ address: address_of(text) }),
    write: ({ args, result }) => (result === null ? UNKNOWN : address_text(args.address)),
  },
  name_size: {
    write: ({ args, result }) => (result === null ? UNKNOWN : size_in(args.address)),
  },
  from: { read: optional_address, write: ({ args }) => address_text(args.address) },
  from_size: { write: ({ args }) => size_in(args.address) },
  buffer: {
    bytes: bytes_of,
    write: (call) => (has_not_received(call) ? UNKNOWN : data_text(call)),
  },
  vector: { bytes: bytes_in, read: (text) => ({ length: length_of(text) }), write: vector_text },
  vector_size: always("1"),
  message: {
    bytes: (text) => bytes_in(field_of(text, "msg_iov") ?? ""),
    read: (text) => ({
      length: length_of(field_of(text, "msg_iov") ?? ""),
      ...optional_address(field_of(text, "msg_name") ?? "NULL"),
    }),
    write: message_text,
  },
  messages: {
    bytes: (text) =>
      joined(parts_of(text).map((one) => codecs.message.bytes!(field_of(one, "msg_hdr") ?? ""))),
    write: (call) =>
      has_not_received(call)
        ? UNKNOWN
        : `[{msg_hdr=${message_text(call)}, msg_len=${call.bytes ?? 0}}]`,
  },
  // strace uses the names of setsockopt(2), Python's programs those of the protocols.
  level: {
    read: (text) => ({ level: text.replace(/^SOL_(?!SOCKET)/, "IPPROTO_") }),
    write: ({ args }) => word_text(args.level).replace("IPPROTO_", "SOL_"),
  },
  value: {
    read: (text) => ({ value: pointed_at(text) }),
    write: ({ args: { value } }) => (typeof value === "number" ? `[${value}]` : word_text(value)),
  },
  value_size: always("4"),
  value_room: always("[4]"),
  argument: {
    read: (text) => ({ argument: word(text) }),
    write: ({ args }) => (args.argument === undefined ? null : word_text(args.argument)),
  },
  on: {
    read: (text) => ({ on: pointed_at(text) }),
    write: ({ args: { on } }) => (on === undefined ? null : `[${word_text(on)}]`),
  },
  event: { read: (text) => ({ events: field_of(text, "events") ?? null }), write: event_text },
  events: {
    write: ({ wake, result }) => {
      const events = wake?.ready.map(([fd, , mask]) => told(fd, mask_text(mask, "EPOLL")));
      return result === null ? UNKNOWN : `[${(events ?? []).join(", ")}]`;
    },
  },
  pollfds: { write: pollfds_text },
  // A recorded wait for one descriptor has no count.
  count: {
    read: (text) => ({ count: Number(text) }),
    write: ({ args }) => word_text(args.count ?? 1),
  },
  timeout_ms: { read: in_ms, write: ({ args }) => word_text(args.timeout_ms ?? -1) },
  timespec_ms: {
    read: in_ms,
    write: ({ args }) => timeout_text((args.timeout_ms ?? null) as number | null, "nsec"),
  },
  timespec_us: { read: in_us, write: ({ args }) => timeout_text(ms_of_us(args), "nsec") },
  timeval_us: { read: in_us, write: ({ args }) => timeout_text(ms_of_us(args), "usec") },
  highest: { write: (_, asked) => String(1 + Math.max(-1, ...asked.map(([fd]) => fd))) },
  readfds: { write: (_, asked) => set_text(asked, EVENT_READ) },
  writefds: { write: (_, asked) => set_text(asked, EVENT_WRITE) },
  exceptfds: always("NULL"),
  sigmask: always("NULL"),
  sigmask_size: always("8"),
  action: always("{...}"),
  old_action: always(UNKNOWN),
};

/** What a recording has of a call's arguments, by their names. */
export function arguments_of({ name, args }: StraceCall): Arguments {
  const names = system_call(name)?.arguments ?? [];
  return Object.assign(
    {},
    ...names.slice(0, args.length).map((one, index) => codecs[one].read?.(args[index])),
  ) as Arguments;
}

/** A call's arguments as strace prints them. */
export function arguments_text(call: Call, asked: readonly Interest[]): string {
  const names = system_call(call.syscall!)?.arguments;
  const texts = names?.map((name) => codecs[name].write(call, asked));
  return (texts ?? Object.values(call.args).map(word_text))
    .filter((text) => text !== null)
    .join(", ");
}

/** The text of the first of these arguments that a call has. */
export function text_of({ name, args }: StraceCall, ...wanted: ArgumentName[]): string | undefined {
  const names: readonly ArgumentName[] = system_call(name)?.arguments ?? [];
  return args[names.findIndex((one) => wanted.includes(one))];
}

/** The bytes that a call was given or has brought, as far as strace shows them; null where it moves none. */
export function content_of({ name, args }: StraceCall): Uint8Array | null {
  const names: readonly ArgumentName[] = system_call(name)?.arguments ?? [];
  const index = names.findIndex((one) => codecs[one].bytes !== undefined);
  return index === -1 ? null : codecs[names[index]].bytes!(args[index]);
}

/** How long a readiness call waits at most, in milliseconds; null for ever. */
export function limit_of(call: StraceCall): number | null {
  return timeout_of(text_of(call, "timeout_ms", "timespec_ms", "timespec_us", "timeval_us"));
}

const protocols: Readonly<Record<string, number>> = {
  IPPROTO_IP: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
};

function in_ms(text: string): Arguments {
  return { timeout_ms: timeout_of(text) };
}

function in_us(text: string): Arguments {
  const ms = timeout_of(text);
  return { timeout_us: ms === null ? -1 : ms * 1e3 };
}

function ms_of_us({ timeout_us = -1 }: Arguments): number {
  return Number(timeout_us) / 1e3;
}

function optional_address(text: string): Arguments {
  const address = address_of(text);
  return address === null ? {} : { address };
}

function size_in(address: unknown): string {
  return address === null || address === undefined ? "NULL" : `[${address_size(address)}]`;
}

function length_of(vector: string): number {
  return parts_of(vector).reduce((sum, part) => sum + Number(field_of(part, "iov_len") ?? 0), 0);
}

function bytes_in(vector: string): Uint8Array {
  return joined(parts_of(vector).map((part) => bytes_of(field_of(part, "iov_base") ?? "")));
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => Array.from(piece)));
}

function has_not_received({ result, syscall = "" }: Call): boolean {
  return result === null && system_call(syscall)?.act === "receive";
}

/** The bytes that were moved, with dots if the recording does not have them all. */
function data_text({ data = "", bytes = 0, args }: Call): string {
  const shown = from_python(data);
  const size = bytes === 0 && shown.length > 0 ? Number(args.length) : bytes;
  return `${quoted(shown)}${shown.length < size ? "..." : ""}`;
}

function vector_text(call: Call): string {
  return `[{iov_base=${data_text(call)}, iov_len=${word_text(call.args.length ?? call.bytes)}}]`;
}

function message_text(call: Call): string {
  const { address } = call.args;
  const at = address_text(address);
  const size = at === "NULL" ? "0" : address_size(address);
  return (
    `{msg_name=${at}, msg_namelen=${size}, msg_iov=${vector_text(call)}, msg_iovlen=1, ` +
    "msg_controllen=0, msg_flags=0}"
  );
}

function event_text({ args: { op, fd, events } }: Call): string {
  return op === "EPOLL_CTL_DEL" ? UNKNOWN : told(word_text(fd), word_text(events));
}

/** iomux and Python give epoll the descriptor itself as data. */
function told(fd: number | string, events: string): string {
  return `{events=${events}, data={u32=${fd}, u64=${fd}}}`;
}

function pollfds_text({ wake, fd, args }: Call, asked: readonly Interest[]): string {
  if (wake === undefined) return `[{fd=${fd}, events=${word_text(args.events)}}]`;
  const list = asked.map(([one, , events]) => {
    const mask =
      ((events & EVENT_READ) === 0 ? 0 : POLLIN) | ((events & EVENT_WRITE) === 0 ? 0 : POLLOUT);
    return `{fd=${one}, events=${mask_text(mask, "POLL")}}`;
  });
  return `[${list.join(", ")}]`;
}

function set_text(asked: readonly Interest[], bit: number): string {
  const fds = asked.filter(([, , events]) => (events & bit) !== 0).map(([fd]) => fd);
  return fds.length === 0 ? "NULL" : `[${fds.join(" ")}]`;
}
