/** A test that needs what Bun or Deno has not is skipped there, and says why. */
import { TestRunner } from "vitest";

import { RUNTIME } from "../../lib/core/runtime.ts";

/** For a test, or what runs before each. */
export function not_on(runtime: "Bun" | "Deno", reason: string): void {
  if (RUNTIME.startsWith(runtime))
    TestRunner.getCurrentTest()?.context.skip(`${runtime}: ${reason}`);
}

/** For what reads or writes a descriptor that iomux, or another process, has made. */
export function reads_descriptors(): void {
  not_on("Deno", "node:fs takes no descriptors that it has not opened itself");
}
