/** A recording as text, as `strace -f -ttt -T` prints the same calls. */
import type { FunctionName } from "../../../lib/trace/calls.ts";
import type { Call, Header, Interest, Line } from "../../../lib/trace/recording.ts";
import { POLLIN, POLLOUT } from "../masks.ts";
import { arguments_text } from "./arguments.ts";
import type { Arguments } from "./arguments.ts";
import { error_texts, mask_text, word_text } from "./words.ts";

/**
 * One line for each system call that was recorded, and for each end: process, time, call, and how
 * long it took. Functions that make no system call are left out, and so is what was printed.
 */
export function* to_strace(lines: Iterable<Line>): Generator<string> {
  const headers = new Map<number, Header>();
  // A recording leaves out a list that has not changed since the last wait.
  const asked = new Map<number, readonly Interest[]>();
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
      const { text, result } = call_text(line, asked.get(process) ?? []);
      const begin = `${columns(header, first, line.t)} ${text}`;
      const took = (line.d / 1e9).toFixed(6);
      yield `${begin.padEnd(RESULT_COLUMN - 1)} = ${result} <${took}>\n`;
    } else if (line.kind === "end") {
      const what =
        line.signal === undefined ? `exited with ${line.status}` : `killed by ${line.signal}`;
      yield `${columns(header, first, line.t)} +++ ${what} +++\n`;
    }
  }
}

/** strace prints the wall clock (CLOCK_REALTIME), in microseconds. */
function columns({ pid }: Header, { started }: Header, t: number): string {
  const us = Date.parse(started) * 1e3 + Math.floor(t / 1e3);
  const seconds = Math.floor(us / 1e6);
  return `${String(pid).padEnd(5)} ${seconds}.${String(us - seconds * 1e6).padStart(6, "0")}`;
}

/** A system call and its result; `asked` is what a poll(2) or select(2) watches. */
export function call_text(
  call: Call,
  asked: readonly Interest[],
): { readonly text: string; readonly result: string } {
  const args = { ...call.args, ...implied.get(call.name)?.(call.args) };
  const text = `${call.syscall}(${arguments_text({ ...call, args }, asked)})`;
  return { text, result: result_of(call) };
}

/** Arguments that native functions always give to their system call. */
const implied: ReadonlyMap<string, (args: Arguments) => Arguments> = new Map(
  Object.entries({
    get_nonblocking: () => ({ command: "F_GETFL" }),
    set_nonblocking: () => ({ request: "FIONBIO" }),
    dup: () => ({ command: "F_DUPFD_CLOEXEC", argument: 0 }),
    get_inheritable: () => ({ command: "F_GETFD" }),
    set_inheritable: ({ on }) => ({ request: on === true ? "FIONCLEX" : "FIOCLEX", on: undefined }),
    interrupt_watch: () => ({ signo: "SIGINT" }),
    interrupt_die: () => ({ signo: "SIGINT" }),
    epoll_create1: ({ flags = "EPOLL_CLOEXEC" }) => ({ flags }),
  } satisfies { [Name in FunctionName]?: (args: Arguments) => Arguments }),
);

/** strace's results begin in this column, or later. */
const RESULT_COLUMN = 40;

function result_of({ name, args, result, errno, syscall, wake }: Call): string {
  if (errno !== undefined) return `-1 ${errno} (${error_texts[errno] ?? errno})`;
  if (result === null) return "?";
  const own = own_results.get(name)?.(Number(result));
  if (own !== undefined) return own;
  if (wake === undefined) {
    return syscall?.endsWith("poll") === true ? poll_result(args, result) : String(result);
  }
  if (wake.by !== "poll" && wake.by !== "select") return String(result);
  if (result === 0) return "0 (Timeout)";
  if (wake.by === "poll") {
    const ready = wake.ready.map(
      ([fd, , mask]) => `{fd=${fd}, revents=${mask_text(mask, "POLL")}}`,
    );
    return `${String(result)} ([${ready.join(", ")}])`;
  }
  const sets = [
    [POLLIN, "in"],
    [POLLOUT, "out"],
  ] as const;
  const parts = sets.map(([bit, set]) => [set, fds_with(wake.ready, bit)] as const);
  const there = parts.filter(([, fds]) => fds.length > 0);
  return `${String(result)} (${there.map(([set, fds]) => `${set} [${fds.join(" ")}]`).join(", ")})`;
}

/** What the system call returns, where iomux's function returns something else. */
const own_results: ReadonlyMap<string, (result: number) => string> = new Map(
  Object.entries({
    getsockopt: () => "0",
    get_nonblocking: (on) => (on === 0 ? "0x2 (flags O_RDWR)" : "0x802 (flags O_RDWR|O_NONBLOCK)"),
    get_inheritable: (on) => (on === 0 ? "0x1 (flags FD_CLOEXEC)" : "0"),
  } satisfies { [Name in FunctionName]?: (result: number) => string }),
);

/** The result of a wait for one descriptor: iomux's function returns the events instead of a count. */
function poll_result({ fd, revents }: Call["args"], result: Call["result"]): string {
  if (result === 0) return "0 (Timeout)";
  const happened = typeof revents === "string" ? revents : mask_text(Number(result), "POLL");
  return `1 ([{fd=${word_text(fd)}, revents=${happened}}])`;
}

function fds_with(interest: readonly Interest[], bit: number): number[] {
  return interest.filter(([, , mask]) => (mask & bit) !== 0).map(([fd]) => fd);
}
