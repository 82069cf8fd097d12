/** Records a program on node:net with strace, which sees its calls but not the lines that make them. */
import { resolve } from "node:path";

import type { PreparedProgram } from "./child.ts";
import { check_script, straced } from "./strace.ts";
import { loaders_for } from "./typescript.ts";

/**
 * Marks the start of the script in strace's output by a write to an invalid descriptor, as traced.py
 * does. Loaded after tsx, which has its own sockets.
 */
const mark = `
import { writeSync } from "node:fs";
try {
  writeSync(0x7fffffff, "iomux start " + process.pid);
} catch {}
`;

/**
 * Prepares a script on node:net, TypeScript with the script's own tsx; `folder` is for strace's output.
 * Throws UsageError if something is missing.
 */
export function net_command(
  script: string,
  args: readonly string[],
  folder: string,
): PreparedProgram {
  check_script(script);
  const marked = `--import=data:text/javascript,${encodeURIComponent(mark)}`;
  const command = [process.execPath, ...loaders_for(script), marked, script, ...args];
  const runtime = `Node.js ${process.version}`;
  const source = resolve(script);
  return straced({ script, args, command, runs_on: "net", runtime, source }, folder);
}
