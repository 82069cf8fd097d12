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
  system_calls: number;
  wakes: number;
  end?: End;
}

/** A line for each process and each trouble. */
export function summary(lines: Iterable<Line>): string[] {
  const processes = new Map<number, Counts>();
  for (const line of lines) {
    const number = line.process ?? 0;
    if (line.kind === "header") processes.set(number, { header: line, system_calls: 0, wakes: 0 });
    const counts = processes.get(number);
    if (counts === undefined) continue;
    if (line.kind === "end") counts.end ??= line;
    if (line.kind !== "call") continue;
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
  return said;
}

function of_process({ header: { program }, system_calls, wakes, end }: Counts): string {
  const parts = [`${system_calls} system calls, ${wakes} wake-ups`];
  if (end?.overhead !== undefined && end.t > 0) {
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
  return `${colors.bold(program)}: ${parts.join("; ")}`;
}
