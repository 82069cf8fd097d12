/** Records a program on node:net with strace, which sees its calls but not the lines that make them. */
import { resolve } from "node:path";

import { from_strace } from "../recording/strace/import.ts";
import type { PreparedProgram } from "./child.ts";
import { check_script, header_of, source, strace } from "./strace.ts";
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
  const imports = [...loaders_for(script), `data:text/javascript,${encodeURIComponent(mark)}`];
  const { command, ahead, text } = strace(
    [process.execPath, ...imports.map((url) => `--import=${url}`), script, ...args],
    folder,
  );
  return {
    command,
    async lines() {
      const runtime = `Node.js ${process.version}`;
      const header = { ...header_of(script, args), runs_on: "net", runtime } as const;
      return from_strace(await text(), { header, ahead, source, script: resolve(script) });
    },
  };
}
