/** Prepares programs: how to start each kind, and where its recording comes from. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import type { Header } from "../../lib/trace/recording.ts";
import { read } from "../recording/read.ts";
import { UsageError } from "../usage-error.ts";
import type { PreparedProgram } from "./child.ts";
import type { InProcessFault } from "./faults.ts";
import { net_command } from "./net.ts";
import { python_command } from "./python.ts";
import { loaders_for } from "./typescript.ts";

/** A script and its arguments. */
export interface Program {
  readonly script: string;
  readonly args: readonly string[];
}

/** What to record of a program besides its calls, and what to change in it. */
export interface PrepareOptions {
  readonly why: boolean;
  readonly watch: readonly string[];
  /** What DefaultSelector is, in a program on iomux. */
  readonly selector?: string;
  readonly faults: readonly InProcessFault[];
}

/** What register.ts reads from the environment. */
export interface RegisterOptions {
  readonly modules: Readonly<Record<"trace" | "socket" | "signal", string>>;
  readonly output: string;
  readonly argv: readonly string[];
  readonly why: boolean;
  readonly watch: readonly string[];
  readonly faults: readonly InProcessFault[];
}

/** What a script runs on, judged by its name and its imports. */
export function runs_on(script: string): Header["runs_on"] {
  if (!existsSync(script)) throw new UsageError(`No such file: ${script}.`);
  if (extname(script) === ".py") return "python";
  if (!/^\.[cm]?[jt]s$/.test(extname(script))) {
    throw new UsageError(`${script} is not a TypeScript, JavaScript or Python program.`);
  }
  const text = readFileSync(script, "utf8");
  const uses_sockets = /["']iomux(?:\/(?:socket|selectors|select))?["']/.test(text);
  return /["'](?:node:)?net["']/.test(text) && !uses_sockets ? "net" : "iomux";
}

/** Prepares a program to record into `folder`, where `number` names its files. */
export function prepare(
  program: Program,
  options: PrepareOptions,
  folder: string,
  number: number,
): PreparedProgram {
  const on = runs_on(program.script);
  if (on === "iomux") return with_tap(program, options, join(folder, `${number}.jsonl`));
  if (options.faults.length > 0) {
    throw new UsageError(
      `--fault ${options.faults.join(", ")} needs a program on iomux, and ${program.script} runs on ${on}.`,
    );
  }
  const own = join(folder, String(number));
  const command = on === "python" ? python_command : net_command;
  return command(program.script, program.args, own);
}

function with_tap(
  { script, args }: Program,
  { selector, why, watch, faults }: PrepareOptions,
  output: string,
): PreparedProgram {
  const modules = {
    trace: module_of(script, "trace"),
    socket: module_of(script, "socket"),
    signal: module_of(script, "signal"),
  };
  const registration: RegisterOptions = {
    modules,
    output,
    argv: [script, ...args],
    why,
    watch,
    faults,
  };
  // Beside this module in the bundle.
  const imports = [...loaders_for(script), new URL("register.js", import.meta.url).href];
  return {
    command: [process.execPath, ...imports.map((url) => `--import=${url}`), script, ...args],
    env: {
      IOMUX_TRACE: JSON.stringify(registration),
      ...(selector !== undefined && { IOMUX_SELECTOR: selector }),
    },
    async lines() {
      // Node may have refused the script before register.ts ran.
      return existsSync(output) && statSync(output).size > 0 ? read(output).lines : null;
    },
  };
}

/** A module of the iomux that a script imports, or of this command's if the script finds none. */
function module_of(script: string, name: string): string {
  try {
    const path = createRequire(resolve(script)).resolve(`iomux/${name}`);
    return pathToFileURL(path).href;
  } catch {
    return import.meta.resolve(`iomux/${name}`);
  }
}
