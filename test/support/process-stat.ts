/** What Linux tells of any process: for programs and for what runs without vitest, too. proc_pid_stat(5) */
import { readFileSync } from "node:fs";

/** A process's fields from its state on, which is the third; throws if there is no such process. */
export function stat_of(pid: number): string[] {
  // pid (name) state ...: the name may be anything.
  return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)!.split(" ");
}

/** How long a process has computed until now, in the system's ticks: utime and stime. */
export function ticks_in(stat: readonly string[]): number {
  return Number(stat[11]) + Number(stat[12]);
}
