/** `iomux merge`: merges recordings, or converts one into another format. */
import { basename, extname } from "node:path";

import { Command, Option } from "commander";

import { merge } from "../recording/merge.ts";
import { format_of, FORMATS, output_for, write } from "./output.ts";
import type { FormatName, Titled } from "./output.ts";
import { say, summary } from "./summary.ts";

interface Options {
  readonly output?: string;
  readonly format?: FormatName;
  readonly sideBySide: boolean;
}

export function merge_command(): Command {
  return new Command("merge")
    .summary("combine recordings, or convert one to another format")
    .description("Combine recordings on one clock, or convert one to another format.")
    .argument("<files...>", "recordings made by `iomux trace`")
    .option(
      "-o, --output <file>",
      "output file, - for standard output (default: merged, named by the format)",
    )
    .addOption(
      new Option(
        "-f, --format <format>",
        "output format (default: from the output's name)",
      ).choices(FORMATS),
    )
    .option("--side-by-side", "keep them separate, to compare them in the viewer (html)", false)
    .action(merge_files);
}

async function merge_files(files: readonly string[], options: Options): Promise<void> {
  // Reading needs the addon; `iomux doctor`, which shares this module's bundle, runs without it.
  const { read } = await import("../recording/read.ts");
  const recordings = files.map(read);
  recordings.forEach(({ cut }, index) => {
    if (cut) say(`${files[index]} was cut off: skipping its incomplete last line`);
  });
  const format = format_of(options.format, options.output);
  const all = recordings.map(({ lines }) => lines);
  const titled = all.map((lines, index) => ({
    title: basename(files[index], extname(files[index])),
    lines,
  }));
  const titles = titled.map(({ title }) => title);
  const title = titles.join(" and ");
  const output = output_for(
    options.sideBySide ? titles : [title],
    format,
    options.output,
    "merged",
  );
  let written: readonly Titled[] = titled;
  if (!options.sideBySide) {
    const { lines, warnings } = merge(all);
    for (const warning of warnings) say(warning);
    for (const line of summary(lines).said) say(line);
    written = [{ title, lines }];
  }
  for (const file of await write(written, output)) say(`written to ${file}`);
}
