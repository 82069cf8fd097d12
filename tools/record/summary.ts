/** A recording in a few lines, for the terminal. */
import type { End, Header, Line } from "../../lib/trace/recording.ts";
import { colors_for } from "../colors.ts";
import { troubles_of } from "../recording/troubles.ts";

const colors = colors_for(process.stderr);

/** Prints a message on the standard error, as the standard output belongs to the programs. */
export function say(text: string): void {
  console.error(`${colors.dim("iomux:")} ${text}`);
}

/** What there is to say of a process. */
interface Counts {
  readonly header: Header;
  calls: number;
  system_calls: number;
  wakes: number;
  end?: End;
}

/** A line for each process and each trouble, and how many calls there are. */
export function summary(lines: Iterable<Line>): { said: string[]; calls: number } {
  const processes = new Map<number, Counts>();
  for (const line of lines) {
    const number = line.process ?? 0;
    if (line.kind === "header")
      processes.set(number, { header: line, calls: 0, system_calls: 0, wakes: 0 });
    const counts = processes.get(number);
    if (counts === undefined) continue;
    if (line.kind === "end") counts.end ??= line;
    if (line.kind !== "call") continue;
    counts.calls++;
    if (line.syscall !== undefined) counts.system_calls++;
    if (line.wake !== undefined) counts.wakes++;
  }
  const troubles = troubles_of(lines);
  const said: string[] = [];
  for (const [number, counts] of processes) {
    said.push(of_process(counts));
    for (const { process, title } of troubles) {
      if (process === number) said.push(`  ${colors.yellow("trouble")} ${title}`);
    }
  }
  const calls = [...processes.values()].reduce((sum, one) => sum + one.calls, 0);
  return { said, calls };
}

function of_process({ header, calls, system_calls, wakes, end }: Counts): string {
  const parts = [calls === 0 ? nothing(header) : `${system_calls} system calls, ${wakes} wake-ups`];
  if (calls > 0 && end?.overhead !== undefined && end.t > 0) {
    const { ns, calls: recorded } = end.overhead;
    const share = ((100 * ns) / end.t).toFixed(1);
    const each = recorded === 0 ? 0 : ns / recorded / 1e3;
    parts.push(
      `${(end.t / 1e9).toFixed(2)} s, of which recording took ${share} % (${each.toFixed(0)} µs a call)`,
    );
  }
  if (end?.omitted !== undefined) {
    parts.push(`printed more than 16 MiB, of which the recording has the beginning`);
  }
  if (end?.error !== undefined) parts.push(`ended by ${end.error}`);
  else if (end?.signal !== undefined) parts.push(`ended by ${end.signal}`);
  return `${colors.bold(header.program)}: ${parts.join("; ")}`;
}

/** Why there may be no call, and what to do. */
function nothing({ seen_by }: Header): string {
  return seen_by === "iomux"
    ? "no call was recorded, because it called nothing of iomux's; a program on node:net is recorded " +
        "by strace(1) if the script itself imports node:net"
    : "no call was recorded: strace(1) has seen none about sockets, signals or waiting";
}
