/**
 * Builds the addon for every system that the package has a binary for, into `prebuilds/`; looks at each
 * binary, and runs those that this machine can run.
 *
 * Usage: npm run prebuilds [-- [options] [target...]]
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import Table from "cli-table3";
import { Argument, Command } from "commander";

import { colors_for } from "../tools/colors.ts";
import { end_progress, say } from "../tools/progress.ts";
import { UsageError } from "../tools/usage-error.ts";
import { duration } from "../tools/words.ts";
import { build } from "./prebuilds/build.ts";
import { inspect } from "./prebuilds/inspect.ts";
import type { Inspection } from "./prebuilds/inspect.ts";
import { try_out } from "./prebuilds/run.ts";
import type { Trial } from "./prebuilds/run.ts";
import { TARGETS } from "./prebuilds/targets.ts";
import type { Target } from "./prebuilds/targets.ts";
import { install_toolchain, ROOT } from "./prebuilds/toolchain.ts";
import { write_readme_table } from "./readme-table.ts";

interface Options {
  readonly list?: true;
  readonly check?: true;
  readonly readme?: true;
  readonly run: boolean;
}

/** What came of one target. */
interface Row {
  readonly target: Target;
  readonly inspection?: Inspection;
  readonly trial?: Trial;
  /** What is wrong; nothing if the binary may be published. */
  readonly wrong: readonly string[];
}

const colors = colors_for(process.stdout);

async function prebuilds(names: readonly string[], options: Options): Promise<void> {
  const targets = TARGETS.filter(({ name }) => names.length === 0 || names.includes(name));
  if (options.list) {
    for (const { name, file, libc, oldest } of targets) {
      const system = libc === "libSystem" ? "macOS" : libc;
      console.log(`${name.padEnd(18)} ${`${system} ${oldest}`.padEnd(12)} ${file}`);
    }
    return;
  }
  if (options.readme && names.length > 0) {
    throw new UsageError("--readme needs all targets: leave out the names.");
  }
  const begin = process.hrtime.bigint();
  if (options.check) missing(targets);
  say("Installing the compiler, unless it is there");
  await install_toolchain();
  const rows: Row[] = [];
  for (const target of targets) rows.push(await make(target, options));
  end_progress();
  report(rows);
  const failed = rows.filter(({ wrong }) => wrong.length > 0).length;
  const time = duration(Number(process.hrtime.bigint() - begin));
  console.log(`\n${rows.length - failed} passed, ${failed} failed, in ${time}`);
  if (failed > 0) process.exitCode = 1;
  else if (options.readme) write_readme(rows);
}

function write_readme(rows: readonly Row[]): void {
  const cells = rows.map(({ target, inspection, trial }) => [
    `\`${target.name}\``,
    inspection?.newest === "-" ? `${target.libc} ${target.oldest}` : (inspection?.newest ?? ""),
    trial?.where ?? "not run",
  ]);
  write_readme_table("npm run prebuilds", ["Binary", "Needs at least", "Ran in"], cells);
}

/** Complains of binaries that should be there. */
function missing(targets: readonly Target[]): void {
  const files = targets.map(({ file }) => file).filter((file) => !existsSync(join(ROOT, file)));
  if (files.length === 0) return;
  throw new UsageError(`There is no ${files.join(", no ")}: build first, without --check.`);
}

/** Builds, inspects and runs one binary. */
async function make(target: Target, options: Options): Promise<Row> {
  try {
    if (!options.check) {
      const text = `${target.name}: compiling`;
      say(text);
      await build(target, (done, all) => say(text, ` ${done}/${all}`));
    }
    const inspection = inspect(target);
    if (inspection.wrong.length > 0) return { target, inspection, wrong: inspection.wrong };
    if (!options.run) return { target, inspection, wrong: [] };
    say(`${target.name}: running`);
    const trial = await try_out(target);
    return { target, inspection, trial, wrong: trial.wrong };
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: string };
    return { target, wrong: [stderr ?? message] };
  }
}

/** The table of what came of it, and then what went wrong. */
function report(rows: readonly Row[]): void {
  const table = new Table({
    head: ["target", "size", "needs", "ran in"],
    colAligns: ["left", "right", "left", "left"],
    style: { head: [], border: [] },
  });
  for (const { target, inspection, trial, wrong } of rows) {
    const mark = wrong.length === 0 ? colors.green("ok") : colors.red("FAILED");
    table.push([
      `${target.name} ${mark}`,
      inspection === undefined ? "" : `${Math.round(inspection.bytes / 1000)} kB`,
      inspection?.newest ?? "",
      trial?.where ?? "not run",
    ]);
  }
  console.log(table.toString());
  for (const { target, wrong } of rows.filter((row) => row.wrong.length > 0)) {
    console.log(`\n${colors.red(target.name)}:\n${wrong.join("\n").trimEnd()}`);
  }
}

const program = new Command("npm run prebuilds --")
  .description("Builds the addon for every system that the package has a binary for.")
  .addArgument(
    new Argument("[target...]", "which ones; all, if there is none").choices(
      TARGETS.map(({ name }) => name),
    ),
  )
  .option("--list", "list the targets")
  .option("--check", "build nothing: look at what is in prebuilds/, and run it")
  .option("--no-run", "only build, and look at what was built")
  .option("--readme", "write the table into README.md, if nothing fails")
  .action(prebuilds);

try {
  await program.parseAsync();
} catch (error) {
  end_progress();
  if (!(error instanceof UsageError)) throw error;
  console.error(`prebuilds: ${error.message}`);
  process.exitCode = 1;
}
