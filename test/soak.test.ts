/**
 * Hours of use in half a minute: connections, errors, signals and workers, and then nothing is left of them.
 * `SOAK=3600 npx vitest run test/soak.test.ts` does it for an hour, and prints what was left.
 */
import { expect, test } from "vitest";

import { compiled, Command } from "./support/commands.ts";
import { not_on } from "./support/runtime.ts";
import { has_poller } from "./support/system.ts";
import { needs_linux } from "./support/tools.ts";

const SECONDS = Number(process.env.SOAK ?? 30);

interface State {
  readonly descriptors: number;
  readonly threads: number;
  readonly rss: number;
}

test(
  "descriptors, threads and memory return to what they were",
  async () => {
    needs_linux();
    not_on("Bun", "gc() is Node's.");
    not_on("Deno", "gc() is Node's.");
    const [runtime, program] = compiled("test/support/programs/soak.ts");
    // With few descriptors, they run out soon.
    const command = [runtime, "--expose-gc", program, String(SECONDS)];
    const shell = ["sh", "-c", 'ulimit -n 256 && exec "$@"', "sh"];
    const { status, stdout, stderr } = await new Command([...shell, ...command]).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { before, after, done, signals } = JSON.parse(stdout) as {
      readonly before: State;
      readonly after: State;
      readonly done: Readonly<Record<string, number>>;
      readonly signals: number;
    };
    if (process.env.SOAK !== undefined) console.log(before, after, done, signals);
    expect(signals).toBeGreaterThan(SECONDS);
    expect(Math.min(...Object.values(done))).toBeGreaterThan(0);
    expect(Object.keys(done)).toHaveLength(has_poller ? 11 : 10);
    expect(after.descriptors).toBe(before.descriptors);
    expect(after.threads).toBe(before.threads);
    // AddressSanitizer keeps memory that was freed.
    if (process.env.ASAN_OPTIONS !== undefined) return;
    expect(after.rss - before.rss).toBeLessThan(32 * 1024 * 1024);
  },
  SECONDS * 1000 + 300_000,
);
