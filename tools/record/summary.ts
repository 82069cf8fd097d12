/** A recording in a few lines, for the terminal. */
import type { Call, End, Header, Line } from "../../lib/trace/recording.ts";
import { colors_for } from "../colors.ts";
import { troubles_of } from "../recording/troubles.ts";

const colors = colors_for(process.stderr);

/** Prints a message on the standard error, as the standard output belongs to the programs. */
export function say(text: string): void {
  console.error(`${colors.dim("iomux:")} ${text}`);
}

/** A line for each process and each trouble. */
export function summary(lines: readonly Line[]): string[] {
  const headers = lines.filter((line): line is Header => line.kind === "header");
  const troubles = troubles_of(lines);
  const said: string[] = [];
  for (const header of headers) {
    const number = header.process ?? 0;
    said.push(
      of_process(
        header,
        lines.filter(({ process = 0 }) => process === number),
      ),
    );
    for (const { process, title } of troubles) {
      if (process === number) said.push(`  ${colors.yellow("trouble")} ${title}`);
    }
  }
  return said;
}

function of_process({ program }: Header, lines: readonly Line[]): string {
  const calls = lines.filter((line): line is Call => line.kind === "call");
  const system_calls = calls.filter(({ syscall }) => syscall !== undefined).length;
  const wakes = calls.filter(({ wake }) => wake !== undefined).length;
  const end = lines.find((line): line is End => line.kind === "end");
  const parts = [`${system_calls} system calls, ${wakes} wake-ups`];
  if (end?.overhead !== undefined && end.t > 0) {
    const { ns, calls: recorded } = end.overhead;
    const share = ((100 * ns) / end.t).toFixed(1);
    const each = recorded === 0 ? 0 : ns / recorded / 1e3;
    parts.push(
      `${(end.t / 1e9).toFixed(2)} s, of which recording took ${share} % (${each.toFixed(0)} µs a call)`,
    );
  }
  if (end?.error !== undefined) parts.push(`ended by ${end.error}`);
  else if (end?.signal !== undefined) parts.push(`ended by ${end.signal}`);
  return `${colors.bold(program)}: ${parts.join("; ")}`;
}
