/** Records a program on node:net: strace sees its calls; which of its lines makes them, nobody knows. */
import { resolve } from "node:path";

import { from_strace } from "../recording/strace/import.ts";
import type { PreparedProgram } from "./child.ts";
import { check_script, header_of, source, strace } from "./strace.ts";
import { loaders_for } from "./typescript.ts";

/**
 * Marks in strace's output that the script begins: a write to a descriptor that there is not, as in
 * traced.py. Loaded after tsx, which has sockets of its own.
 */
const mark = `
import { writeSync } from "node:fs";
try {
  writeSync(0x7fffffff, "iomux start " + process.pid);
} catch {}
`;

/**
 * The command that runs a script on node:net so that it can be recorded, TypeScript with the script's
 * own tsx; what is written meanwhile goes to `folder`. Throws UsageError if something is missing,
 * before anything is started.
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
