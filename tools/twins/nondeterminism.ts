/** Removes what differs from run to run or by language: all that is not compared, which the output lists. */
import type { ComparableCall } from "./calls.ts";

// The rules, as the output lists them.
const HABIT = "CPython calls getsockname on each socket it accepts, and ignores the result";
const IDLE =
  "how often a wait returns with nothing done before the next one is chance: only the last one counts";
const FRAMES = "each language prints tracebacks differently";
const END = "whatever is still open after the selector is closed, the runtime closes at exit";

/** The calls to compare, and the rules by which others were left out. */
export function deterministic_calls(calls: readonly ComparableCall[]): {
  readonly calls: readonly ComparableCall[];
  readonly left_out: readonly string[];
} {
  const rules = new Set<string>();
  const selector = calls.find(({ syscall }) => syscall.startsWith("epoll_create"))?.result;
  const is_end = ({ syscall, on }: ComparableCall): boolean =>
    syscall === "close" && on === selector;
  const end = calls.findIndex(is_end);
  const kept = calls.filter((call, index) => {
    const rule = rule_for(call, calls[index - 1], calls[index + 1]);
    const why = rule ?? (end !== -1 && index > end ? END : null);
    if (why !== null) rules.add(why);
    return why === null;
  });
  return { calls: kept, left_out: [...rules] };
}

function rule_for(
  call: ComparableCall,
  previous: ComparableCall | undefined,
  next: ComparableCall | undefined,
): string | null {
  const accepted = previous?.syscall === "accept4" ? previous.result : null;
  if (call.syscall === "getsockname" && call.on === accepted) return HABIT;
  if (call.syscall === "epoll_wait" && next?.syscall === "epoll_wait") return IDLE;
  return null;
}

/**
 * The output to compare: the server's port is PORT, clients' ports are numbered in order of appearance,
 * and an error is only the line with its message.
 */
export function deterministic_output(
  printed: string,
  port: number | null,
): {
  readonly text: string;
  readonly left_out: readonly string[];
} {
  const names = new Map<string, string>();
  const named = printed.replaceAll(/(?<=\('127\.0\.0\.1', )\d+(?=\))/g, (found) => {
    if (found === String(port)) return "PORT";
    if (!names.has(found)) names.set(found, `port${names.size + 1}`);
    return names.get(found)!;
  });
  const text = named
    .replaceAll(/^Traceback \(most recent call last\):\n(?: .*\n)+(.*\n)\n?/gm, "$1")
    .replaceAll(/^ +at .*\n/gm, "");
  return { text, left_out: text === named ? [] : [FRAMES] };
}
