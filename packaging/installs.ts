/**
 * Packs the package and installs it in other people's ways: each scenario is real, and ends with a
 * program that sends something through sockets and gets it back.
 *
 * Usage: npm run installs -- [options] [name...]
 */
import { rmSync } from "node:fs";

import Table from "cli-table3";
import { Command } from "commander";

import { colors_for } from "../tools/colors.ts";
import { step } from "../tools/progress.ts";
import { UsageError } from "../tools/usage-error.ts";
import { amount, digits } from "../tools/words.ts";
import { by_managers } from "./installs/by-managers.ts";
import { checks } from "./installs/checks.ts";
import { in_programs } from "./installs/in-programs.ts";
import type { Scenario } from "./installs/scenario.ts";
import { open_site } from "./installs/site.ts";
import type { Site } from "./installs/site.ts";
import { fetch_tools } from "./installs/tools.ts";
import { traced } from "./installs/traced.ts";
import { write_readme_table } from "./readme-table.ts";

interface Options {
  readonly list?: true;
  readonly keep?: true;
  readonly readme?: true;
}

interface Outcome {
  readonly scenario: Scenario;
  readonly result: string;
  readonly works: boolean;
  readonly seconds: number;
}

const scenarios = [...by_managers, ...in_programs, ...traced, ...checks];
const colors = colors_for(process.stdout);

function chosen(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return scenarios;
  return names.map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found === undefined) throw new UsageError(`There is no scenario "${name}": see --list.`);
    return found;
  });
}

async function try_out(scenario: Scenario, site: Site): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  try {
    const result = await step(scenario.name, () => scenario.run(site));
    return { scenario, result, works: true, seconds: seconds() };
  } catch (error) {
    console.error(`\n${scenario.name} fails: ${(error as Error).message}\n`);
    return { scenario, result: "fails", works: false, seconds: seconds() };
  }
}

/** At 80 columns. */
function table_of(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ["scenario", "what it shows", "result", "s"],
    colWidths: [22, 33, 14, 6],
    colAligns: ["left", "left", "left", "right"],
    wordWrap: true,
    style: {
      border: [],
      head: colors.isColorSupported ? ["bold"] : [],
      compact: true,
      "padding-left": 0,
      "padding-right": 1,
    },
  });
  for (const { scenario, result, works, seconds } of outcomes) {
    const colored = works ? colors.green(result) : colors.red(result);
    table.push([scenario.name, scenario.shows, colored, seconds.toFixed(1)]);
  }
  return table.toString();
}

async function installs(names: readonly string[], options: Options): Promise<void> {
  const some = chosen(names);
  if (options.readme && names.length > 0) {
    throw new UsageError("--readme needs all scenarios: leave out the names.");
  }
  await step("fetching package managers and compilers", fetch_tools);
  const site = await step("packing", open_site);
  const outcomes: Outcome[] = [];
  try {
    for (const scenario of some) outcomes.push(await try_out(scenario, site));
  } finally {
    if (!options.keep) rmSync(site.folder, { recursive: true, force: true });
  }
  console.log(table_of(outcomes));
  if (options.keep) console.log(`Installed in ${site.folder}`);
  const failed = outcomes.filter(({ works }) => !works);
  if (failed.length > 0) {
    console.error(`${amount(failed.length, "scenario")} of ${digits(outcomes.length)} failed.`);
    process.exitCode = 1;
  } else if (options.readme) {
    const rows = outcomes.map(({ scenario, result }) => [
      `\`${scenario.name}\``,
      scenario.shows,
      result,
    ]);
    write_readme_table("npm run installs", ["Scenario", "What it shows", "Result"], rows);
  }
}

function list(): void {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  for (const { name, shows } of scenarios) console.log(`${name.padEnd(width)}  ${shows}`);
}

await new Command("npm run installs --")
  .description("Pack the package, install it as its users do, and run programs with it.")
  .argument("[names...]", "only these scenarios")
  .option("--list", "list the scenarios, and exit")
  .option("--keep", "keep the folders in which they were installed")
  .option("--readme", "write the table into README.md, if all scenarios work")
  .action(async (names: readonly string[], options: Options) => {
    try {
      if (options.list) list();
      else await installs(names, options);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      console.error(error.message);
      process.exitCode = 2;
    }
  })
  .parseAsync();
