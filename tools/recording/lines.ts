/** The lines of a recording, which need not fit into memory: whoever wants them goes through them again. */
import type { Header, Line } from "../../lib/trace/recording.ts";

/** Lines that are made anew whenever somebody goes through them. */
export function remade(make: () => Iterator<Line>): Iterable<Line> {
  return { [Symbol.iterator]: make };
}

/** The headers of the processes, in the order in which these began. */
export function headers_of(lines: Iterable<Line>): Header[] {
  const headers: Header[] = [];
  for (const line of lines) if (line.kind === "header") headers.push(line);
  return headers;
}

/** The lines of one process. */
export function of_process(lines: Iterable<Line>, number: number): Iterable<Line> {
  return remade(function* () {
    for (const line of lines) if ((line.process ?? 0) === number) yield line;
  });
}
