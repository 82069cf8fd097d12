/** What commands print. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** How long a command may take, in milliseconds: one that hangs is as good as none. */
export const PATIENCE = 10_000;

/** What a command prints, on either stream; null if it is not installed, fails, or hangs. */
export function output_of(command: string, ...args: readonly string[]): string | null {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE,
    killSignal: "SIGKILL",
  });
  return status === 0 ? (stdout + stderr).trim() : null;
}

/** A file of the system's; null if there is none. */
export function text_of(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
