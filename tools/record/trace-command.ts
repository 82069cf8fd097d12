/** `iomux trace`: runs programs and records their system calls. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";

import { Command, InvalidArgumentError, Option } from "commander";

import { UsageError } from "../usage-error.ts";
import { check, with_client } from "./check.ts";
import { FAULTS } from "./faults.ts";
import type { FaultName } from "./faults.ts";
import { format_of, FORMATS, output_for, write } from "./output.ts";
import type { FormatName, Titled } from "./output.ts";
import { runs_on } from "./program.ts";
import type { Program } from "./program.ts";
import { run } from "./run.ts";
import type { Run } from "./run.ts";
import { side_by_side } from "./side-by-side.ts";
import { say, summary } from "./summary.ts";

/** The attributes in which the tutorial's programs keep what they received and what they have to send. */
const TUTORIAL =
  "inb outb messages recv_total _recv_buffer _send_buffer _jsonheader_len jsonheader request response response_created".split(
    " ",
  );

const SELECTORS = ["epoll", "poll", "select", "kqueue"];

interface Options {
  readonly output?: string;
  readonly format?: FormatName;
  readonly why: boolean;
  readonly watch: readonly string[];
  readonly selector?: string;
  readonly fault: readonly FaultName[];
  readonly sideBySide?: readonly string[];
  readonly idle: readonly number[];
  readonly check: boolean;
  readonly quiet: boolean;
}

export function trace_command(): Command {
  return new Command("trace")
    .summary("run programs and record their system calls")
    .description("Run a program and record every call it makes to the operating system.")
    .usage("[options] SCRIPT [ARGUMENTS...] [-- SCRIPT [ARGUMENTS...]]...")
    .argument(
      "<script>",
      "a TypeScript or JavaScript program on iomux; or one on node:net or in Python, recorded by strace(1)",
    )
    .argument(
      "[arguments...]",
      "its arguments; after --, another program, started once the previous one listens, or has bound a UDP port",
    )
    .passThroughOptions()
    .option(
      "-o, --output <file>",
      "output file, - for standard output (default: the script's name)",
    )
    .addOption(
      new Option(
        "-f, --format <format>",
        "output format (default: from the output's name)",
      ).choices(FORMATS),
    )
    .option(
      "--why",
      "also record why a descriptor was ready: the kernel's queues, TCP's state; and which connect leads to which accept",
      false,
    )
    .option(
      "--watch <names>",
      "also record changes to these attributes of key.data, such as outb,inb; 'tutorial' for those of the tutorial's programs",
      names_of,
      [],
    )
    .addOption(
      new Option("--selector <name>", "use this selector as DefaultSelector").choices(SELECTORS),
    )
    .addOption(
      new Option("--fault <name>", "inject a fault; may be repeated")
        .choices(Object.keys(FAULTS))
        .default([])
        .argParser(fault_of),
    )
    .option(
      "--side-by-side <kinds>",
      "record the programs once each on: epoll,poll,select,net (net: net/SCRIPT beside the first script)",
      kinds_of,
    )
    .option(
      "--idle <numbers>",
      "first open so many connections that stay idle; for several numbers, as in 1,10,1000, record side by side",
      numbers_of,
      [0],
    )
    .addOption(
      new Option(
        "--check",
        "say whether the script passes, or what is wrong in which line; a client.ts beside it is its client, unless another program is given; writes a file only with -o",
      )
        .default(false)
        .conflicts(["sideBySide", "idle"]),
    )
    .option("-q, --quiet", "do not show what the programs print", false)
    .addHelpText("after", help)
    .action(trace);
}

const help = `
Faults:
${Object.entries(FAULTS)
  .map(([name, what]) => `  ${name.padEnd(14)}${what}`)
  .join("\n")}

Formats:
  jsonl         the recording itself, one object per line: see docs/recording.md
  html          the viewer with the recording in it, one file
  strace        text as strace(1) prints it
  chrome        for Perfetto and chrome://tracing

Examples:
  iomux trace -o loop.html server.ts 127.0.0.1 65432 \\
      -- client.ts 127.0.0.1 65432 2
  iomux trace --fault rst --why -f html server.ts 127.0.0.1 65432
  iomux trace --check server.ts
  iomux trace --side-by-side select,poll,epoll,net -f html \\
      server.ts 127.0.0.1 65432 -- client.ts 127.0.0.1 65432 2

The exit status is the last program's; 1 if no call was recorded. With --check
it is 0 for a script that passes, and 1 for one that does not.`;

function names_of(text: string): string[] {
  return text === "tutorial" ? TUTORIAL : text.split(",");
}

function fault_of(name: string, before: readonly string[]): string[] {
  if (!Object.hasOwn(FAULTS, name)) {
    throw new InvalidArgumentError(`Allowed choices are ${Object.keys(FAULTS).join(", ")}.`);
  }
  return [...before, name];
}

function kinds_of(text: string): string[] {
  const kinds = text.split(",");
  const wrong = kinds.find((kind) => kind !== "net" && !SELECTORS.includes(kind));
  if (wrong !== undefined)
    throw new InvalidArgumentError(`Unknown kind ${wrong}: use epoll, poll, select or net.`);
  return kinds;
}

function numbers_of(text: string): number[] {
  const numbers = text.split(",").map(Number);
  if (!numbers.every((number) => Number.isInteger(number) && number >= 0))
    throw new InvalidArgumentError("It takes whole numbers, such as 10 or 1,10,1000.");
  return numbers;
}

/** The programs in SCRIPT ARGUMENTS -- SCRIPT ARGUMENTS. */
function programs_of(script: string, rest: readonly string[]): Program[] {
  const programs: string[][] = [[script]];
  for (const word of rest) {
    if (word === "--") programs.push([]);
    else programs[programs.length - 1].push(word);
  }
  return programs.map(([name, ...args]) => {
    if (name === undefined) throw new UsageError("There is no program after --.");
    runs_on(name);
    return { script: name, args };
  });
}

async function trace(script: string, rest: readonly string[], options: Options): Promise<void> {
  const given = programs_of(script, rest);
  const programs = options.check ? with_client(given) : given;
  const name = basename(script, extname(script));
  const format = format_of(options.format, options.output);
  // A recording on the standard output must be alone there.
  const shown = options.output === "-" ? 2 : "inherit";
  const stdout = options.quiet ? "ignore" : shown;
  const run_options = { ...options, faults: options.fault, progress: say, stdout } as const;
  const variants = side_by_side(programs, options.sideBySide, options.idle);
  const titles = variants.map(({ title }) => title ?? name);
  const writes = !options.check || options.output !== undefined;
  const output = writes ? output_for(titles, format, options.output, name) : null;
  const folder = mkdtempSync(join(tmpdir(), "iomux-trace-"));
  try {
    const recordings: Titled[] = [];
    const runs: Run[] = [];
    let has_nothing = true;
    for (const [number, { title, programs: each, selector, idle }] of variants.entries()) {
      const own = join(folder, String(number));
      mkdirSync(own);
      const changes = { ...run_options, idle, ...(selector !== undefined && { selector }) };
      const one = await run(each, changes, own);
      runs.push(one);
      recordings.push({ title: title ?? name, lines: one.lines });
      // A check says more, of the first program only.
      if (options.check) continue;
      const { said, calls } = summary(one.lines);
      for (const line of said) say(line);
      has_nothing &&= calls === 0;
    }
    if (output !== null) {
      for (const file of await write(recordings, output)) say(`written to ${file}`);
    }
    const last = runs.at(-1)!;
    const status = last.statuses.at(-1)!;
    if (options.check) process.exitCode = check(programs, last) ? 0 : 1;
    else process.exitCode = status === 0 && has_nothing ? 1 : status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
