/**
 * Runs the tests of the library and the addon in every runtime that it supports, and says what passes.
 *
 * Usage: npm run runtimes -- [options] [name...]
 */
import Table from "cli-table3";
import { Argument, Command } from "commander";

import { colors_for } from "../tools/colors.ts";
import { end_progress, say } from "../tools/progress.ts";
import { UsageError } from "../tools/usage-error.ts";
import { amount, digits, duration } from "../tools/words.ts";
import { write_readme_table } from "./readme-table.ts";
import { part_of, PARTS } from "./runtimes/parts.ts";
import type { Part } from "./runtimes/parts.ts";
import type { Outcome } from "./runtimes/reporter.ts";
import { run } from "./runtimes/run.ts";
import { fetch_runtimes, RUNTIMES, title_of } from "./runtimes/runtimes.ts";
import type { Runtime } from "./runtimes/runtimes.ts";

interface Options {
  readonly list?: true;
  readonly readme?: true;
}

/** What became of the tests in one runtime. */
interface Column {
  readonly title: string;
  readonly outcomes: readonly Outcome[];
}

const colors = colors_for(process.stdout);

async function runtimes(names: readonly string[], options: Options): Promise<void> {
  const some = RUNTIMES.filter(({ name }) => names.length === 0 || names.includes(name));
  if (options.list) {
    for (const { name, command } of some) console.log(`${name.padEnd(8)}${command.join(" ")}`);
    return;
  }
  if (options.readme && names.length > 0) {
    throw new UsageError("--readme needs all runtimes: leave out the names.");
  }
  if (some.some(({ name }) => name.startsWith("node"))) {
    say("Fetching Node.js, unless it is there");
    await fetch_runtimes();
  }
  const columns: Column[] = [];
  for (const runtime of some) columns.push(await column_of(runtime));
  end_progress();
  console.log(table_of(columns));
  for (const column of columns) console.log(remarks_on(column));
  if (columns.some((column) => of_state(column, "failed").length > 0)) process.exitCode = 1;
  else if (options.readme) write_readme(columns);
}

async function column_of(runtime: Runtime): Promise<Column> {
  const title = title_of(runtime);
  const begin = process.hrtime.bigint();
  say(title);
  const outcomes = await run(runtime, (count) => {
    say(title, `: ${amount(count, "test")}`);
  });
  end_progress();
  const time = duration(Number(process.hrtime.bigint() - begin));
  process.stderr.write(`${title}: ${amount(outcomes.length, "test")} in ${time}\n`);
  return { title, outcomes };
}

function of_state({ outcomes }: Column, state: Outcome["state"]): readonly Outcome[] {
  return outcomes.filter((outcome) => outcome.state === state);
}

/** A part's tests that the runtime is said to pass: the others are skipped everywhere, or here with a reason. */
function cell_of({ outcomes }: Column, part: Part): string {
  const own = outcomes.filter(({ file }) => part_of(file) === part);
  const failed = own.filter(({ state }) => state === "failed").length;
  const left_out = own.filter(({ state, reason }) => state === "skipped" && reason !== undefined);
  const passed = own.filter(({ state }) => state === "passed").length;
  if (failed > 0) return colors.red(`${digits(failed)} fail`);
  const all = passed + left_out.length;
  return left_out.length === 0 ? digits(all) : `${digits(passed)}/${digits(all)}`;
}

/** At 80 columns: how many tests of each part pass, of how many. */
function table_of(columns: readonly Column[]): string {
  const table = new Table({
    head: ["tests", ...columns.map(({ title }) => title.replace(" ", "\n"))],
    colAligns: ["left", ...columns.map(() => "right" as const)],
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  for (const part of PARTS) {
    table.push([part.name, ...columns.map((column) => cell_of(column, part))]);
  }
  return table.toString();
}

/** How many tests were left out for each reason. */
function reasons_of(column: Column): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of of_state(column, "skipped")) {
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}

/** What failed, and what was left out. */
function remarks_on(column: Column): string {
  const failed = of_state(column, "failed").map(
    ({ file, name, reason }) => `${colors.red("failed")}: ${file} > ${name}\n  ${reason ?? ""}`,
  );
  const left_out = [...reasons_of(column)].map(
    ([reason, count]) => `${amount(count, "test")} left out: ${reason}`,
  );
  return [`\n${column.title}`, ...failed, ...left_out].join("\n");
}

function write_readme(columns: readonly Column[]): void {
  const rows = columns.map((column) => {
    const reasons = [...reasons_of(column)];
    const passed = of_state(column, "passed").length;
    const all = passed + reasons.reduce((sum, [, count]) => sum + count, 0);
    const texts = reasons.map(([reason, count]) => `${reason.replace(/^\w+: /, "")} (${count})`);
    return [column.title, `${digits(passed)} of ${digits(all)}`, texts.join("; ") || "nothing"];
  });
  write_readme_table("npm run runtimes", ["Runtime", "Tests that pass", "Left out"], rows);
}

const command = new Command("npm run runtimes --")
  .description("Runs the tests of the library in every runtime that it supports.")
  .addArgument(
    new Argument("[name...]", "which runtimes; all, if there is none").choices(
      RUNTIMES.map(({ name }) => name),
    ),
  )
  .option("--list", "list the runtimes, and exit")
  .option("--readme", "write the table into README.md, if nothing fails")
  .action(runtimes);

try {
  await command.parseAsync();
} catch (error) {
  end_progress();
  if (!(error instanceof UsageError)) throw error;
  console.error(`runtimes: ${error.message}`);
  process.exitCode = 2;
}
