/** Records a Python program: strace sees its calls, and traced.py says which of its lines makes them. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { from_strace } from "../recording/strace/import.ts";
import { UsageError } from "../usage-error.ts";
import type { PreparedProgram } from "./child.ts";
import { check_script, header_of, source, strace } from "./strace.ts";

/** Beside this module, or beside the bundle that it is in. */
const runner = fileURLToPath(new URL("traced.py", import.meta.url));

/**
 * The command that runs a Python script so that it can be recorded, with the environment variable
 * PYTHON or python3; what is written meanwhile goes to `folder`. Throws UsageError if something is
 * missing, before anything is started.
 */
export function python_command(
  script: string,
  args: readonly string[],
  folder: string,
): PreparedProgram {
  check_script(script);
  const [python, runtime] = find_python();
  const { command, ahead, text } = strace([python, runner, script, ...args], folder);
  return {
    command,
    async lines() {
      const header = { ...header_of(script, args), runs_on: "python", runtime } as const;
      return from_strace(await text(), { header, ahead, source });
    },
  };
}

/** The interpreter, and its version. */
function find_python(): readonly [path: string, runtime: string] {
  const name = process.env.PYTHON ?? "python3";
  // `python3` may be a script that looks for Python each time: strace is to see Python alone.
  const program =
    "import sys; print(sys.executable, 'Python ' + sys.version.split()[0], sep='\\n')";
  const { error, status, stdout } = spawnSync(name, ["-c", program], { encoding: "utf8" });
  if (error !== undefined || status !== 0) {
    throw new UsageError(
      `Cannot run ${name}, which is needed to record a Python program: install Python 3.`,
    );
  }
  const [path, runtime] = stdout.trim().split("\n");
  return [path, runtime];
}
