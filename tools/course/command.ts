/** `iomux course`: broken servers to mend, with stories, hints and solutions. */
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { Argument, Command, InvalidArgumentError, Option } from "commander";

import { colors_for } from "../colors.ts";
import { shown_path } from "../record/strace.ts";
import { folded } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { FILES, folder_of, NAMES, read } from "./exercises.ts";
import type { Exercise, Name } from "./exercises.ts";

interface Options {
  readonly hint?: number;
  readonly solution?: true;
}

const colors = colors_for(process.stdout);

/** Where the learner's copies are, in the folder that the command is run in. */
const FOLDER = "iomux-course";

export function course_command(): Command {
  return new Command("course")
    .summary("mend six broken servers, with hints and solutions")
    .description(
      "Mend six broken servers: each has a story, a client that shows what is wrong, and hints.",
    )
    .addArgument(
      new Argument(
        "[exercise]",
        "the exercise to begin: copies its programs into ./iomux-course",
      ).choices(NAMES),
    )
    .addOption(
      new Option("--hint <number>", "show a hint instead; each says more than the one before")
        .argParser(number_of)
        .conflicts("solution"),
    )
    .option("--solution", "show the solution instead")
    .addHelpText("after", help)
    .action(course);
}

const help = `
Examples:
  iomux course
  iomux course spin
  iomux trace --check iomux-course/spin/server.ts
  iomux course spin --hint 1

Each server is there in TypeScript (server.ts) and in Python (server.py, which
strace records): mend the one that you like. The other files stay as they are.`;

function number_of(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Not a number from 1.");
  return Number(text);
}

function course(name: Name | undefined, { hint, solution }: Options): void {
  if (name === undefined) {
    if (hint !== undefined || solution) throw new UsageError("Which exercise? See iomux course.");
    return list();
  }
  const exercise = read(name);
  if (solution) return show_solution(name, exercise);
  if (hint !== undefined) return show_hint(name, exercise, hint);
  begin(name, exercise);
}

function list(): void {
  console.log("Six servers, each with a mistake that many have made:\n");
  for (const [index, name] of NAMES.entries()) {
    const begun = existsSync(join(FOLDER, name)) ? colors.dim("  (begun)") : "";
    console.log(`  ${index + 1}  ${colors.bold(name.padEnd(18))}${read(name).title}${begun}`);
  }
  say("\nBegin one with npx iomux course NAME.");
}

function begin(name: Name, { title, story, hints }: Exercise): void {
  const folder = join(FOLDER, name);
  mkdirSync(folder, { recursive: true });
  // What the learner has changed is not overwritten.
  const copied = FILES.filter((file) => !existsSync(join(folder, file)));
  for (const file of copied) copyFileSync(`${folder_of(name)}${file}`, join(folder, file));
  say(`${colors.bold(title)}\n\n${story}\n`);
  if (copied.length === 0) console.log(`Your copy is in ${folder}.`);
  else console.log(`Copied to ${folder}: ${copied.join(", ")}.`);
  if (!finds_iomux()) say("Its programs need the package here: npm install iomux.");
  console.log(`
  npx iomux trace --check ${folder}/server.ts   ${colors.dim("or server.py: does it pass?")}
  npx iomux course ${name} --hint 1   ${colors.dim(`there are ${hints.length}`)}
  npx iomux course ${name} --solution`);
}

/** Whether programs below this folder can import iomux. */
function finds_iomux(): boolean {
  try {
    createRequire(join(process.cwd(), FOLDER, "any.js")).resolve("iomux");
    return true;
  } catch {
    return false;
  }
}

function show_hint(name: Name, { hints }: Exercise, number: number): void {
  const hint = hints.at(number - 1);
  if (hint === undefined) {
    throw new UsageError(`${name} has ${hints.length} hints; after them, there is --solution.`);
  }
  say(`Hint ${number} of ${hints.length}: ${hint}`);
}

function show_solution(name: Name, { solution }: Exercise): void {
  say(`${solution}\n`);
  const files = ["solution.ts", "solution.py"].map((file) => {
    return `  ${shown_path(`${folder_of(name)}${file}`)}`;
  });
  console.log(`Mended, in both languages:\n${files.join("\n")}`);
}

function say(text: string): void {
  console.log(folded(text, process.stdout));
}
