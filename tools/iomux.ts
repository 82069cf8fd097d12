#!/usr/bin/env node
/** `npx iomux`: records programs, merges and converts recordings, shows the twins. */
import { readFileSync } from "node:fs";

import { Command } from "commander";

import { merge_command } from "./record/merge-command.ts";
import { trace_command } from "./record/trace-command.ts";
import { twins_command } from "./twins/command.ts";
import { UsageError } from "./usage-error.ts";

const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };

const program = new Command("iomux")
  .description(
    "See what the operating system reports to a program, and what the program does about it.",
  )
  .version(version)
  .configureHelp({ subcommandTerm: (command) => command.name() })
  // Options after a script are the script's.
  .enablePositionalOptions()
  .addCommand(trace_command())
  .addCommand(merge_command())
  .addCommand(twins_command());

for (const command of [program, ...program.commands]) {
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`iomux: ${error.message}`);
  process.exitCode = 2;
}
