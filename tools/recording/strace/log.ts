/** Reads what strace(1) writes: one system call a line, with its time and how long it took. */

/** A system call as strace prints it. */
export interface StraceCall {
  /** When it began by the wall clock (CLOCK_REALTIME), in nanoseconds. */
  readonly at: bigint;
  /** How long it took, in nanoseconds; null if it never came back. */
  readonly took: number | null;
  readonly name: string;
  readonly args: readonly string[];
  /** What it returned; null where it failed, or never came back. */
  readonly result: number | null;
  /** "EAGAIN" */
  readonly errno?: string;
  /** What strace prints after the result: for select and poll, the descriptors that are ready. */
  readonly more: string;
}

/** How the program ended. */
export interface Ending {
  readonly at: bigint;
  readonly status: number | null;
  readonly signal?: string;
}

/** A line of strace's output: null for one that is about something else, or was cut off. */
export function parse_line(line: string): StraceCall | Ending | null {
  const stamp = /^(\d+)\.(\d{6,9}) /.exec(line);
  if (stamp === null) return null;
  const at = BigInt(stamp[1] + stamp[2].padEnd(9, "0"));
  const text = line.slice(stamp[0].length);
  return text.startsWith("+++") ? parse_ending(at, text) : parse_call(at, text);
}

function parse_ending(at: bigint, text: string): Ending | null {
  const exit = /^\+\+\+ exited with (\d+) \+\+\+/.exec(text);
  if (exit !== null) return { at, status: Number(exit[1]) };
  const kill = /^\+\+\+ killed by (\w+)/.exec(text);
  return kill === null ? null : { at, status: null, signal: kill[1] };
}

function parse_call(at: bigint, text: string): StraceCall | null {
  const name = /^\w+(?=\()/.exec(text)?.[0];
  if (name === undefined) return null;
  const [args, end] = split_until_closed(text, name.length + 1);
  const outcome = /^\s*= (\?|-?\w+)(?: ([A-Z]\w+))?(.*)$/.exec(text.slice(end));
  if (outcome === null) return null;
  const [, value, word, rest] = outcome;
  const seconds = /<(\d+)\.(\d+)>$/.exec(rest);
  const took =
    seconds === null ? null : Number(seconds[1]) * 1e9 + Number(seconds[2].padEnd(9, "0"));
  const fails = value === "-1" || (value === "?" && word !== undefined);
  return {
    at,
    took,
    name,
    args,
    result: fails || value === "?" ? null : Number(value),
    ...(fails && { errno: user_errno(word) }),
    more: rest.replace(/\s*<[\d.]+>$/, ""),
  };
}

/** The kernel has several names for a call that a signal interrupts; the program gets EINTR. */
function user_errno(name: string): string {
  return name.startsWith("ERESTART") ? "EINTR" : name;
}

/** A text, or one character. */
const token = /"(?:[^"\\]|\\.)*"|./gs;

/** Splits at commas up to the closing parenthesis; also returns where the line goes on. */
function split_until_closed(text: string, start: number): readonly [parts: string[], end: number] {
  const parts: string[] = [];
  let depth = 0;
  let begin = start;
  const tokens = new RegExp(token);
  tokens.lastIndex = start;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [part] = match;
    if (depth === 0 && (part === "," || part === ")")) {
      parts.push(text.slice(begin, match.index).trim());
      begin = tokens.lastIndex;
      if (part === ")") break;
    } else if ("([{".includes(part)) depth++;
    else if (")]}".includes(part)) depth--;
  }
  return [parts.length === 1 && parts[0] === "" ? [] : parts, begin];
}

/** The parts of a list "[a, b]" or of a structure "{a=1, b=2}". */
export function parts_of(text: string): string[] {
  return /^[[{]/.test(text) ? split_until_closed(`${text.slice(1, -1)})`, 0)[0] : [];
}

/** The field of a structure. */
export function field_of(structure: string, name: string): string | undefined {
  const field = parts_of(structure).find((part) => part.startsWith(`${name}=`));
  return field?.slice(name.length + 1);
}

const escapes: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

/** The bytes of a quoted text; empty for anything else, like a pointer. */
export function bytes_of(quoted: string): Uint8Array {
  const inside = /^"((?:[^"\\]|\\.)*)"/s.exec(quoted)?.[1] ?? "";
  const bytes: number[] = [];
  for (const [part] of inside.matchAll(/\\(?:[0-7]{1,3}|x[\da-f]{2}|.)|[^\\]/gs)) {
    const [first, kind] = part;
    if (first !== "\\") bytes.push(part.charCodeAt(0));
    else if (/[0-7]/.test(kind)) bytes.push(Number.parseInt(part.slice(1), 8));
    else if (kind === "x" && part.length > 2) bytes.push(Number.parseInt(part.slice(2), 16));
    else bytes.push(escapes[kind] ?? kind.charCodeAt(0));
  }
  return Uint8Array.from(bytes);
}

/** Whether strace has left out the end of a text. */
export function is_cut(quoted: string): boolean {
  return quoted.endsWith('"...');
}
