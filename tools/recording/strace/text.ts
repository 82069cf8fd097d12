/** A recording as text, as `strace -f -ttt -T` prints the same calls. */
import type { Call, Header, Interest, Line } from "../../../lib/trace/recording.ts";
import { EVENT_READ, EVENT_WRITE, POLLIN, POLLOUT } from "../masks.ts";
import { from_python } from "../python-bytes.ts";
import { address_size, address_text, error_texts, mask_text, quoted, timespec } from "./words.ts";

/**
 * One line for each system call that was recorded, and for each end: process, time, call, and how
 * long it took. Calls that ask the system for nothing are left out, and so is what was printed.
 */
export function to_strace(lines: readonly Line[]): string {
  const headers = new Map<number, Header>();
  // A list that is as it was the last time is not told again.
  const asked = new Map<number, readonly Interest[]>();
  let text = "";
  for (const line of lines) {
    const process = line.process ?? 0;
    if (line.kind === "header") headers.set(process, line);
    const header = headers.get(process);
    // All processes of a recording have the clock of the first.
    const [first] = headers.values();
    if (header === undefined) continue;
    if (line.kind === "call" && line.syscall !== undefined) {
      const interest = line.wake?.poller === undefined ? line.wake?.interest : undefined;
      if (interest !== undefined) asked.set(process, interest);
      const begin = `${columns(header, first, line.t)} ${call_text(line, asked.get(process) ?? [])}`;
      const took = (line.d / 1e9).toFixed(6);
      text += `${begin.padEnd(RESULT_COLUMN - 1)} = ${result_of(line)} <${took}>\n`;
    } else if (line.kind === "end") {
      const what =
        line.signal === undefined ? `exited with ${line.status}` : `killed by ${line.signal}`;
      text += `${columns(header, first, line.t)} +++ ${what} +++\n`;
    }
  }
  return text;
}

/** strace has the time by the calendar, in microseconds. */
function columns({ pid }: Header, { started }: Header, t: number): string {
  const us = Date.parse(started) * 1e3 + Math.floor(t / 1e3);
  const seconds = Math.floor(us / 1e6);
  return `${String(pid).padEnd(5)} ${seconds}.${String(us - seconds * 1e6).padStart(6, "0")}`;
}

/** A call without its result, as strace prints it; `asked` is the list of a poll(2) or select(2). */
function call_text(call: Call, asked: readonly Interest[]): string {
  return `${call.syscall}(${arguments_of(call, asked).join(", ")})`;
}

/** How strace says that there is more than it shows. */
const UNKNOWN = "...";

/** Where strace puts the result at the earliest. */
const RESULT_COLUMN = 40;

function result_of({ name, args, result, errno, syscall, wake }: Call): string {
  if (errno !== undefined) return `-1 ${errno} (${error_texts[errno] ?? errno})`;
  if (result === null) return "?";
  const own = own_results[name]?.(Number(result));
  if (own !== undefined) return own;
  if (wake === undefined && syscall === "poll") return poll_result(args, result);
  if (wake === undefined || syscall === "epoll_wait") return String(result);
  if (result === 0) return wake.by === "epoll" ? "0" : "0 (Timeout)";
  if (wake.by === "poll") {
    const ready = wake.ready.map(
      ([fd, , mask]) => `{fd=${fd}, revents=${mask_text(mask, "POLL")}}`,
    );
    return `${String(result)} ([${ready.join(", ")}])`;
  }
  if (wake.by !== "select") return String(result);
  const sets = [
    [POLLIN, "in"],
    [POLLOUT, "out"],
  ] as const;
  const parts = sets.map(([bit, set]) => [set, fds_with(wake.ready, bit)] as const);
  const there = parts.filter(([, fds]) => fds.length > 0);
  return `${String(result)} (${there.map(([set, fds]) => `${set} [${fds.join(" ")}]`).join(", ")})`;
}

/** What the system call returns, where iomux's function returns something else. */
const own_results: Readonly<Record<string, (result: number) => string>> = {
  getsockopt: () => "0",
  get_nonblocking: (on) => (on === 0 ? "0x2 (flags O_RDWR)" : "0x802 (flags O_RDWR|O_NONBLOCK)"),
  get_inheritable: (on) => (on === 0 ? "0x1 (flags FD_CLOEXEC)" : "0"),
};

/** Of a wait for one descriptor: iomux's own function returns what has happened, and not how many. */
function poll_result({ fd, revents }: Call["args"], result: Call["result"]): string {
  if (result === 0) return "0 (Timeout)";
  const happened = typeof revents === "string" ? revents : mask_text(Number(result), "POLL");
  return `1 ([{fd=${value_text(fd)}, revents=${happened}}])`;
}

function fds_with(interest: readonly Interest[], bit: number): number[] {
  return interest.filter(([, , mask]) => (mask & bit) !== 0).map(([fd]) => fd);
}

/** How each system call prints its arguments, in their order. */
function arguments_of(call: Call, asked: readonly Interest[]): string[] {
  const { syscall, args, fd, made, wake } = call;
  const of = (...names: string[]) => names.map((one) => value_text(args[one]));
  switch (syscall) {
    case "socket":
      return socket_arguments(call);
    case "socketpair":
      return [...socket_arguments(call), `[${(made ?? []).map((life) => life.fd).join(", ")}]`];
    case "bind":
    case "connect":
      return [...of("fd"), address_text(args.address), address_size(args.address)];
    case "accept":
    case "accept4":
      return [
        ...of("fd"),
        ...name_text(args.address, call),
        ...(syscall === "accept4" ? of("flags") : []),
      ];
    case "getsockname":
    case "getpeername":
      return [...of("fd"), ...name_text(args.address, call)];
    case "recvfrom":
      return [
        ...of("fd"),
        call.result === null ? UNKNOWN : data_text(call),
        ...of("length", "flags"),
        ...(args.address === undefined ? ["NULL", "NULL"] : name_text(args.address, call)),
      ];
    case "sendto":
      return [
        ...of("fd"),
        data_text(call),
        ...of("length", "flags"),
        address_text(args.address),
        address_size(args.address),
      ];
    case "recvmsg":
    case "sendmsg":
      return [...of("fd"), message_text(call), ...of("flags")];
    case "read":
    case "write":
      return [...of("fd"), data_text(call), ...of("length")];
    case "readv":
    case "writev":
      return [
        ...of("fd"),
        `[{iov_base=${data_text(call)}, iov_len=${of("length").join("")}}]`,
        "1",
      ];
    case "setsockopt":
      return [...of("fd"), ...option_text(args), "4"];
    case "getsockopt":
      return [...of("fd"), ...option_text(args), "[4]"];
    case "fcntl":
      return [...of("fd"), ...fcntl_text(call)];
    case "ioctl":
      return [...of("fd"), ...ioctl_text(call)];
    case "epoll_create1":
      return ["EPOLL_CLOEXEC"];
    case "epoll_ctl":
      return [...of("epfd", "op", "fd"), event_text(args)];
    case "epoll_wait":
    case "epoll_pwait":
    case "epoll_pwait2":
      return [
        ...of("epfd"),
        events_text(call),
        ...of("max_events"),
        syscall === "epoll_pwait2" ? timespec(wake!.timeout) : value_text(args.timeout_ms ?? -1),
        ...(syscall === "epoll_wait" ? [] : ["NULL", "8"]),
      ];
    case "poll":
      return wake === undefined
        ? [`[{fd=${fd}, events=${value_text(args.events)}}]`, "1", ...of("timeout_ms")]
        : poll_arguments(call, asked);
    case "ppoll":
      return [...poll_arguments(call, asked).slice(0, 2), timespec(wake!.timeout), "NULL", "8"];
    case "select":
    case "pselect6":
      return select_arguments(call, asked);
    case "rt_sigaction":
      return [value_text(args.signo ?? "SIGINT"), "{...}", UNKNOWN, "8"];
    default:
      return Object.values(args).map(value_text);
  }
}

function socket_arguments({ args }: Call): string[] {
  const protocol = args.protocol === 0 && args.family !== "AF_UNIX" ? "IPPROTO_IP" : args.protocol;
  return [args.family, args.type, protocol].map(value_text);
}

function value_text(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What was moved; of more than the recording has, dots say that there is more. */
function data_text({ data = "", bytes = 0, args }: Call): string {
  const shown = from_python(data);
  const size = bytes === 0 && shown.length > 0 ? Number(args.length) : bytes;
  return `${quoted(shown)}${shown.length < size ? "..." : ""}`;
}

/** Where an address was written to, and how large it is. */
function name_text(address: unknown, { result }: Call): string[] {
  // Of a call that failed, a recording does not say where it would have gone.
  if (result === null) return [UNKNOWN, UNKNOWN];
  if (address === null || address === undefined) return ["NULL", "NULL"];
  return [address_text(address), `[${address_size(address)}]`];
}

function message_text(call: Call): string {
  const { args } = call;
  const at = address_text(args.address);
  const size = at === "NULL" ? "0" : address_size(args.address);
  const vector = `[{iov_base=${data_text(call)}, iov_len=${value_text(args.length)}}]`;
  return (
    `{msg_name=${at}, msg_namelen=${size}, msg_iov=${vector}, msg_iovlen=1, msg_controllen=0, ` +
    "msg_flags=0}"
  );
}

/** Python's programs have the names of the protocols, strace those of setsockopt(2). */
function option_text({ level, option, value }: Call["args"]): string[] {
  const name = value_text(level).replace("IPPROTO_", "SOL_");
  return [name, value_text(option), typeof value === "number" ? `[${value}]` : value_text(value)];
}

function fcntl_text({ name, args }: Call): string[] {
  switch (name) {
    case "get_nonblocking":
      return ["F_GETFL"];
    case "get_inheritable":
      return ["F_GETFD"];
    case "dup":
      return ["F_DUPFD_CLOEXEC", "0"];
    default:
      return [args.command, ...("argument" in args ? [args.argument] : [])].map(value_text);
  }
}

function ioctl_text({ name, args }: Call): string[] {
  switch (name) {
    case "set_nonblocking":
      return ["FIONBIO", `[${value_text(args.on)}]`];
    case "set_inheritable":
      return [args.on === true || args.on === 1 ? "FIONCLEX" : "FIOCLEX"];
    default:
      return [value_text(args.request), ...("on" in args ? [`[${value_text(args.on)}]`] : [])];
  }
}

/** iomux and Python give epoll the descriptor itself as what it is to say of it. */
function event_text({ op, fd, events }: Call["args"]): string {
  if (op === "EPOLL_CTL_DEL") return UNKNOWN;
  const number = value_text(fd);
  return `{events=${value_text(events)}, data={u32=${number}, u64=${number}}}`;
}

function events_text({ wake, result }: Call): string {
  if (result === null) return UNKNOWN;
  const events = (wake?.ready ?? []).map(
    ([fd, , mask]) => `{events=${mask_text(mask, "EPOLL")}, data={u32=${fd}, u64=${fd}}}`,
  );
  return `[${events.join(", ")}]`;
}

/** EVENT_READ and EVENT_WRITE as masks of poll(2). */
function as_poll(events: number): number {
  return ((events & EVENT_READ) === 0 ? 0 : POLLIN) | ((events & EVENT_WRITE) === 0 ? 0 : POLLOUT);
}

function poll_arguments({ wake }: Call, asked: readonly Interest[]): string[] {
  const list = asked.map(
    ([fd, , events]) => `{fd=${fd}, events=${mask_text(as_poll(events), "POLL")}}`,
  );
  return [`[${list.join(", ")}]`, String(list.length), String(wake?.timeout ?? -1)];
}

function select_arguments({ wake, syscall }: Call, asked: readonly Interest[]): string[] {
  const highest = Math.max(-1, ...asked.map(([fd]) => fd));
  const sets = [EVENT_READ, EVENT_WRITE].map((bit) => {
    const fds = fds_with(asked, bit);
    return fds.length === 0 ? "NULL" : `[${fds.join(" ")}]`;
  });
  const timeout = timespec(wake?.timeout ?? null);
  const last = syscall === "pselect6" ? [timeout, "NULL"] : [timeout.replace("nsec", "usec")];
  return [String(highest + 1), ...sets, "NULL", ...last];
}
