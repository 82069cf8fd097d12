/** The results as a page of the documentation, in Markdown. */
import { arms } from "./arms.ts";
import { LIMITS, MEANING, METHOD, too_few } from "./method.ts";
import { circumstances } from "./results.ts";
import type { Results } from "./results.ts";
import { ENOUGH_ROUNDS, figure_of } from "./statistics.ts";
import {
  calls_text,
  grouped,
  heads_of,
  instruction_tables,
  notes_of,
  overview,
  rows_of,
} from "./table.ts";
import { workloads } from "./workloads.ts";

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** The first `texts` columns are text, the others right-aligned figures. */
function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  texts: number = 1,
): string {
  const aligned = heads.map((_, index) => (index < texts ? "---" : "--:"));
  return [line(heads), line(aligned), ...rows.map(line)].join("\n");
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function system_calls(results: Results): string[] {
  return Object.entries(results.system_calls).map(([workload, by_arm]) => {
    const rows = Object.entries(by_arm).map(([arm, calls]) => {
      const collection = results.collection_ms[workload]?.[arm];
      return [arm, calls_text(calls), collection === undefined ? "" : collection.toFixed(1)];
    });
    const heads = [workload, "system calls per message", "garbage collection, ms per second"];
    return table(heads, rows, 2);
  });
}

function single_figures(results: Results): string {
  const rows = Object.keys(results.start_ms).map((arm) => {
    const bytes = results.connection_bytes[arm];
    return [
      arm,
      bytes === undefined ? "" : grouped(figure_of(bytes).mean),
      grouped(figure_of(results.start_ms[arm]).mean),
    ];
  });
  return table(["", "bytes per idle connection, of 10,000", "ms from start to listening"], rows);
}

/** An argument, quoted for a shell. */
function quoted(argument: string): string {
  return /^[\w./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/**
 * `args` are the arguments of the command that made the results; `charts` is the folder of the charts, as
 * seen from the page, null for none.
 */
export function page(results: Results, args: readonly string[], charts: string | null): string {
  const command = ["npm run bench --"].concat(args.map(quoted)).join(" ");
  const percentiles = ["50", "99", "99.9", "99.99"];
  const heads = heads_of(percentiles);
  const sections = workloads
    .filter(({ name }) => Object.keys(results.runs[name] ?? {}).length > 0)
    .map((workload) => {
      const notes = notes_of(workload, results).map((note) => `\n${note}`);
      const rows = rows_of(workload, results, percentiles);
      const alt = "CPU time per message of each server, and its best and worst round";
      const chart = charts === null ? "" : `![${alt}](${charts}/${workload.name}.svg)\n\n`;
      const head = `### ${workload.name}\n\n${workload.about}\n\n${chart}`;
      return `${head}${table(heads, rows)}\n${notes.join("\n")}`;
    });
  const counts = instruction_tables(results).map(({ heads: one, rows }) => table(one, rows));
  const cpu = overview(results);
  const measured = arms.filter(({ name }) => cpu.heads.includes(name));
  const about = measured.map(({ name, about: what }) => [name, what, results.versions[name]!]);
  return `# What a message costs

Made by

\`\`\`sh
${command}
\`\`\`

on ${circumstances(results)}
Run the command to get your machine's figures: this page, all rounds (JSON), and a report with charts (HTML).

${MEANING}

## What is measured

${table(["", "", "version"], about, 3)}

## Server CPU time per message, in microseconds

Geometric means of all rounds; less is better.

${table(cpu.heads, cpu.rows)}

## All figures

Geometric means. \`x C\` and \`x net\` are throughputs divided by those of the arms \`c\` and \`net\`, \`over C\`
is CPU time minus that of \`c\`, \`CPU x C\` is CPU time divided by that of \`c\`, with the interval in which it
is with 95 %; \`~\` marks what is not settled. \`>\` marks where the load was busier than the server, which can
do more: no ratio is computed.
${results.rounds < ENOUGH_ROUNDS ? `\n${too_few(results.rounds)}\n` : ""}
${sections.join("\n\n")}

### System calls, instructions, memory, start-up

${[...system_calls(results), ...counts, single_figures(results)].join("\n\n")}

## Method

${list(METHOD)}

## Limits

${list(LIMITS)}
`;
}
