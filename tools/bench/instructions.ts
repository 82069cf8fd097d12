/** Instructions in user mode, which valgrind counts: unlike times, they do not depend on the machine's mood. */
import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Arm } from "./arms.ts";
import { in_folder } from "./inspect.ts";
import { put_under_load, start } from "./measure.ts";
import type { Workload } from "./workloads.ts";

const VALGRIND = "valgrind --tool=callgrind --quiet --trace-children=yes".split(" ");
/** Seconds between two counts: a server under valgrind is up to fifty times slower. */
const SECONDS = 3;
/** Two counts that differ by less are of code that its JIT compiler is done with. */
const STEADY = 0.05;
const MOST_COUNTS = 12;

export function has_valgrind(): boolean {
  return spawnSync("callgrind_control", ["--version"]).status === 0;
}

/**
 * Instructions that a server executes in user mode for each message, counted again and again until
 * its JIT compiler has no more to do. Throws if the count does not become steady. valgrind(1)
 */
export async function instructions(workload: Workload, arm: Arm): Promise<number> {
  return in_folder(async (folder) => {
    const out = join(folder, "counts");
    const server = await start(arm, workload.mode, (command) => {
      return VALGRIND.concat(`--callgrind-out-file=${out}.%p`, command);
    });
    try {
      let before = Infinity;
      for (let count = 1; count <= MOST_COUNTS; count++) {
        await control("--zero", server.pid);
        const times = { seconds: SECONDS, warmup: 0 };
        const { messages } = await put_under_load(workload, server, times);
        await control("--dump", server.pid);
        const counted = total_of(await readFile(`${out}.${server.pid}.${count}`, "latin1"));
        const each = counted / messages;
        if (Math.abs(each / before - 1) < STEADY) return each;
        before = each;
      }
      throw new Error(`not steady after ${MOST_COUNTS * SECONDS} seconds`);
    } finally {
      await server.stop();
    }
  });
}

async function control(what: "--zero" | "--dump", pid: number): Promise<void> {
  await promisify(execFile)("callgrind_control", [what, String(pid)], { timeout: 60_000 });
}

/** The sum at the end of a profile: "totals: 207275713". */
function total_of(profile: string): number {
  const total = /^totals: (\d+)/m.exec(profile);
  if (total === null) throw new Error("valgrind has written no total");
  return Number(total[1]);
}
