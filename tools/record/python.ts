/** Records a Python program with strace, which sees its calls, and traced.py, which marks its lines. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { UsageError } from "../usage-error.ts";
import type { PreparedProgram } from "./child.ts";
import { check_script, straced } from "./strace.ts";

/** Beside this module, or beside the bundle. */
const runner = fileURLToPath(new URL("traced.py", import.meta.url));

/**
 * Prepares a Python script, with the interpreter in the environment variable PYTHON or python3; `folder`
 * is for strace's output. Throws UsageError if something is missing.
 */
export function python_command(
  script: string,
  args: readonly string[],
  folder: string,
): PreparedProgram {
  check_script(script);
  const [python, runtime] = find_python();
  const command = [python, runner, script, ...args];
  return straced({ script, args, command, runs_on: "python", runtime }, folder);
}

/** The interpreter, and its version. */
function find_python(): readonly [path: string, runtime: string] {
  const name = process.env.PYTHON ?? "python3";
  // `python3` may be a script that looks for Python, which strace should not see.
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
