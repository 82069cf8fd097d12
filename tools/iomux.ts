#!/usr/bin/env node
/** `npx iomux`: runs the tutorial and the course, records programs, compares the twins, measures, and looks at the machine. */
import { readFileSync } from "node:fs";

import { Command } from "commander";

import { bench_command } from "./bench/command.ts";
import { course_command } from "./course/command.ts";
import { doctor_command } from "./doctor/command.ts";
import { merge_command } from "./record/merge-command.ts";
import { PACKAGE } from "./record/package.ts";
import { trace_command } from "./record/trace-command.ts";
import { tutorial_command } from "./tutorial/command.ts";
import { twins_command } from "./twins/command.ts";
import { UsageError } from "./usage-error.ts";

const { version } = JSON.parse(readFileSync(`${PACKAGE}package.json`, "utf8")) as {
  version: string;
};

const examples = `
Examples:
  npx iomux tutorial multiconn
  npx iomux trace -o loop.html server.ts 127.0.0.1 65432
  npx iomux course
  npx iomux merge --side-by-side -o both.html select.jsonl epoll.jsonl
  npx iomux twins echo-server
  npx iomux bench --quick
  npx iomux doctor

npx iomux COMMAND --help describes a command.`;

const program = new Command("iomux")
  .description(
    "See what the operating system reports to a program, and what the program does about it.",
  )
  .version(version)
  .configureHelp({ subcommandTerm: (command) => command.name() })
  // Options after a script are the script's.
  .enablePositionalOptions()
  .addCommand(tutorial_command())
  .addCommand(course_command())
  .addCommand(trace_command())
  .addCommand(merge_command())
  .addCommand(twins_command())
  .addCommand(bench_command())
  .addCommand(doctor_command(version))
  .addHelpText("after", examples);

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
