/** `iomux bench`: measures the same servers on iomux, node:net, Python's selectors, and in C. */
import { Command, InvalidArgumentError } from "commander";

import type { BenchOptions } from "./run.ts";

export function bench_command(): Command {
  return new Command("bench")
    .summary("measure servers on iomux, node:net, Python, and in C")
    .description("Measure the same servers on iomux, node:net, Python's selectors, and in C.")
    .option("--quick", "five arms, three workloads, without intervals: two minutes")
    .option("--only <patterns...>", "run workloads whose names match these regular expressions")
    .option("--arms <names...>", "measure these arms")
    .option("--workers <number>", "also measure iomux on so many worker threads", whole)
    .option(
      "--rounds <number>",
      "number of rounds; twice as many where figures are not settled (default: 9, 2 with --quick)",
      positive,
    )
    .option("--seconds <number>", "seconds to measure each arm per round (default: 0.5)", positive)
    .option(
      "--warmup <number>",
      "seconds to warm up first, for JIT compilers (default: 0.5)",
      positive,
    )
    .option("--compare <file>", "compare with an older results file (at least three rounds each)")
    .option("--output <folder>", "folder for the results", "bench-results")
    .option("--page <file>", "also write the results as a Markdown page")
    .option("--no-inspect", "skip system calls, garbage collection, memory and start-up")
    .option("--instructions", "also count instructions, by valgrind: minutes for each workload")
    .option("--list", "list arms and workloads, and exit")
    .addHelpText("after", help)
    .action(async (options: BenchOptions) => {
      // The other commands start without its libraries.
      const { bench, list } = await import("./run.ts");
      if (options.list) list();
      else await bench(options);
    });
}

const help = `
Examples:
  iomux bench --quick
  iomux bench --only '^churn$' --arms c iomux net --no-inspect

It needs Linux and a C++ compiler, which builds the load and the C server. Arms
that are not installed are left out.`;

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("Must be greater than 0.");
  return number;
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Must be a whole number.");
  return Number(text);
}
