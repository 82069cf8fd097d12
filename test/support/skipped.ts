/** A reporter: the last lines of a run say how many tests were skipped, for each reason that one gave. */
import type { Reporter, TestModule } from "vitest/node";

export class Skipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const reason = result.state === "skipped" ? result.note : undefined;
        if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of counts) {
      console.log(`${count} ${count === 1 ? "test" : "tests"} skipped: ${reason}`);
    }
  }
}
