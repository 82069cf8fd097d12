/** The system calls of a recording in one notation, whether iomux or strace has recorded them. */
import type { Call, Interest, Line, Stack } from "../../lib/trace/recording.ts";
import { mask_names } from "../recording/masks.ts";
import { address_text } from "../words.ts";

/** A system call on a socket or poller that the program made. */
export interface ComparableCall {
  readonly syscall: string;
  /** "recvfrom(conn, 1024) = 12", without the number of the connection and the data. */
  readonly short: string;
  /** 'recvfrom(conn2, 1024) = 12 "Hello, world"' */
  readonly long: string;
  /** The descriptor's name in `long`. */
  readonly on: string;
  /** What it returned, as in `long`. */
  readonly result: string;
  /** The stack, innermost first; empty if no line of the program made the call. */
  readonly frames: Stack["frames"];
}

/** The names of descriptors by their lives: "listener", "conn1", "epoll". */
type Names = ReadonlyMap<number, string>;

/** The calls in order, without those on descriptors that the program did not make. */
export function comparable_calls(lines: readonly Line[]): readonly ComparableCall[] {
  const calls = lines.filter((line) => line.kind === "call");
  const stacks = new Map<number, Stack["frames"]>();
  for (const line of lines) if (line.kind === "stack") stacks.set(line.stack, line.frames);
  const names = names_of(calls);
  const living = new Map<number, number>();
  return calls.flatMap((call) => {
    for (const { fd, life } of call.made ?? []) living.set(fd, life);
    const is_own = call.made?.some(({ life }) => names.has(life)) ?? names.has(call.life ?? -1);
    if (call.syscall === undefined || !is_own) return [];
    const poller = names.get(living.get(Number(call.args.epfd)) ?? -1) ?? "epoll";
    const on = names.get(call.life ?? -1) ?? "";
    const said = words(call, on, poller);
    const made = call.made?.map(({ life }) => names.get(life) ?? "?").join(" ");
    const result = call.errno ?? (call.result !== 0 && made ? made : String(call.result));
    const ready = call.wake?.ready.map((one) => readiness(one, names)).join(" ") ?? "";
    const data = call.data === undefined || call.data === "" ? "" : ` "${call.data}"`;
    const short = `${call.syscall}(${said.join(", ")}) = ${result}`;
    return [
      {
        syscall: call.syscall,
        short: short.replaceAll(/\b(listener|conn|sock|epoll|kqueue)\d+\b/g, "$1"),
        long: `${short}${ready === "" ? "" : ` [${ready}]`}${data}`,
        on,
        result,
        frames: stacks.get(call.stack ?? -1) ?? [],
      },
    ];
  });
}

function readiness([, life, mask]: Interest, names: Names): string {
  return `${names.get(life) ?? "?"} ${mask_names(mask)}`;
}

function names_of(calls: readonly Call[]): Names {
  const kinds = new Map<number, string>();
  for (const call of calls) {
    for (const { life, what } of call.made ?? []) {
      if (what === "other") continue;
      const is_accepted = call.syscall?.startsWith("accept") ?? false;
      kinds.set(life, what === "socket" ? (is_accepted ? "conn" : "sock") : what);
    }
    // Node made its own poller before the program started.
    const { poller, by } = call.wake ?? {};
    if (poller !== undefined && !kinds.has(poller)) kinds.set(poller, by!);
    if (call.syscall === "listen" && kinds.has(call.life ?? -1)) kinds.set(call.life!, "listener");
  }
  const all = [...kinds.values()];
  const count = new Map<string, number>();
  return new Map(
    [...kinds].map(([life, kind]) => {
      count.set(kind, (count.get(kind) ?? 0) + 1);
      const is_only = all.indexOf(kind) === all.lastIndexOf(kind);
      return [life, is_only ? kind : `${kind}${count.get(kind)}`] as const;
    }),
  );
}

/** The arguments that a reader needs and that both kinds of recordings have. */
function words(call: Call, on: string, poller: string): string[] {
  const { syscall, name, args } = call;
  switch (syscall) {
    case "socket":
      return [String(args.family), String(args.type).replace("|SOCK_CLOEXEC", "")];
    case "bind":
    case "connect":
      return [on, address_text(args.address)];
    case "listen":
      return [on, String(args.backlog)];
    case "recvfrom":
    case "sendto":
      return [on, String(args.length), ...(is_nothing(args.flags) ? [] : [String(args.flags)])];
    case "epoll_ctl": {
      const op = String(args.op).replace("EPOLL_CTL_", "");
      return [poller, op, on, ...(op === "DEL" ? [] : [String(args.events)])];
    }
    case "epoll_wait":
      return [on, String(args.max_events), String(call.wake?.timeout ?? -1)];
    case "setsockopt":
    case "getsockopt":
      return [on, String(args.option), String(args.value)];
    case "ioctl":
      // iomux records its own function, strace the request.
      return [
        on,
        name === "set_nonblocking" ? "FIONBIO" : String(args.request),
        String(Number(args.on)),
      ];
    case "shutdown":
      return [on, String(args.how)];
    default:
      return on === "" ? [] : [on];
  }
}

function is_nothing(value: unknown): boolean {
  return value === undefined || value === null || value === 0 || value === "0";
}
