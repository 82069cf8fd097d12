/** `iomux doctor`: says what this machine has of what iomux can use. */
import { Command } from "commander";

import { colors_for } from "../colors.ts";
import { examine } from "./addon.ts";
import { limits, runtime, system } from "./machine.ts";
import { programs } from "./programs.ts";
import { is_well } from "./report.ts";
import type { Report } from "./report.ts";
import { as_text } from "./text.ts";

/** `version` is this package's. */
export function doctor_command(version: string): Command {
  return new Command("doctor")
    .summary("check this machine: sockets, selectors, limits, tools")
    .description(
      "Check this machine: whether the addon loads and its sockets work, which selectors and limits there are, and which programs are missing.",
    )
    .option("--json", "print JSON, for bug reports", false)
    .addHelpText("after", help)
    .action(async ({ json }: { readonly json: boolean }) => doctor(version, json));
}

const help = `
Examples:
  iomux doctor
  iomux doctor --json

The exit status is 0 if sockets work, 1 if not.`;

async function doctor(version: string, json: boolean): Promise<void> {
  const { fd_setsize, ...examined } = await examine();
  const report: Report = {
    iomux: version,
    runtime: runtime(),
    system: system(),
    ...examined,
    limits: limits(fd_setsize),
    programs: programs(),
  };
  if (json) console.log(JSON.stringify(report, null, 2));
  else for (const line of as_text(report, colors_for(process.stdout))) console.log(line);
  if (!is_well(report)) process.exitCode = 1;
}
