/** What the system tells a process of itself: for the programs in test/support/programs too. */
import { readdirSync, readFileSync, statSync } from "node:fs";

/** The open-file flags of a descriptor of this process: O_NONBLOCK, O_CLOEXEC ... */
export function flags_of(fd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${fd}`, "latin1");
  return Number.parseInt(/^flags:\s*(\d+)/m.exec(info)![1], 8);
}

/** How many descriptors this process has open: for a program that does nothing else meanwhile. */
export function count_descriptors(): number {
  return readdirSync("/dev/fd").length;
}

/**
 * How many sockets this process has open. A test's own process opens and closes other files at any
 * time: the runtime reads modules in threads of its own.
 */
export function count_sockets(): number {
  return readdirSync("/dev/fd").filter((fd) => {
    return statSync(`/dev/fd/${fd}`, { throwIfNoEntry: false })?.isSocket();
  }).length;
}

/** How many threads this process has. */
export function count_threads(): number {
  return readdirSync("/proc/self/task").length;
}
