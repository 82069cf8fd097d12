/** The results of a comparison in sentences, for the terminal and the page. */
import { basename } from "node:path";

import { amount, digits } from "../words.ts";
import type { CallCount, Comparison, Difference, TwinColumn } from "./compare.ts";

export interface Verdict {
  readonly is_same: boolean;
  readonly sentence: string;
  readonly difference: Difference | null;
}

/** Verdicts on the output, the system calls and the end. */
export function verdicts({ printed, calls, ends }: Comparison): readonly Verdict[] {
  return [
    {
      is_same: printed.difference === null,
      sentence:
        printed.difference === null
          ? same_lines(printed.count)
          : `What they printed differs in line ${printed.difference.same + 1}:`,
      difference: printed.difference,
    },
    {
      is_same: calls.difference === null,
      sentence:
        calls.difference === null
          ? same_calls(calls.count)
          : `Their system calls differ in the ${ordinal(calls.difference.same + 1)}:`,
      difference: calls.difference,
    },
    {
      is_same: ends.python === ends.typescript,
      sentence:
        ends.python === ends.typescript
          ? `Both ${ends.python}.`
          : `They ended differently: Python ${ends.python}, TypeScript ${ends.typescript}.`,
      difference: null,
    },
  ];
}

/** The command lines. */
export function commands({ python, typescript, net }: Comparison): string[] {
  return [python, typescript, net].flatMap((column) =>
    column === null ? [] : [`$ ${column.result.typed}`],
  );
}

/** A note on the column of node:net. */
export function about_net({ net }: Comparison): string {
  if (net === null) return "";
  const total = net.totals.reduce((sum, { times }) => sum + times, 0);
  return (
    `${basename(net.path)} on node:net made ${amount(total, "system call")} on its sockets and on epoll. ` +
    "Only their totals are shown: libuv makes them between the program's lines, in its event loop."
  );
}

/** "recvfrom(conn, 1024) = 12 ×3" */
export function with_times({ text, times }: CallCount): string {
  return times === 1 ? text : `${text} ×${digits(times)}`;
}

/** The names of the system calls that any of the programs made. */
export function kinds_of_calls({ python, typescript, net }: Comparison): string[] {
  const all = [python, typescript, net].flatMap((column) => column?.totals ?? []);
  return [...new Set(all.map(({ text }) => text))];
}

/** How often a system call was made. */
export function count_of({ totals }: TwinColumn, name: string): string {
  const found = totals.find(({ text }) => text === name);
  return found === undefined ? "–" : digits(found.times);
}

/** The scenario in a sentence. */
export function circumstances({ scenario }: Comparison): string {
  return scenario === null ? "Each ran alone." : `Each ran in the same scenario: ${scenario}.`;
}

function same_calls(count: number): string {
  if (count === 0) return "Neither made a system call on its sockets or pollers.";
  return `Both made the same ${amount(count, "system call")} on their sockets and pollers, in the same order.`;
}

function same_lines(count: number): string {
  if (count === 0) return "Neither printed anything.";
  return `Both printed the same ${count === 1 ? "line" : amount(count, "line")}.`;
}

function ordinal(number: number): string {
  const last = number % 100;
  const ending = last > 10 && last < 14 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${number}${ending}`;
}
