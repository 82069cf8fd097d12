/** A reporter for vitest: one line of JSON on standard output for each test. */
import { stripVTControlCharacters } from "node:util";

import type { Reporter, TestCase, TestModule } from "vitest/node";

/** What became of a test. */
export interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped, where that is known. */
  readonly reason?: string;
}

/** Other lines are what somebody has printed. */
export const MARK = "iomux-test ";

function tell(outcome: Outcome): void {
  process.stdout.write(`${MARK}${JSON.stringify(outcome)}\n`);
}

export default class Lines implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === "pending") return;
    const [error] = result.errors ?? [];
    // What differs tells more than that something does.
    const told = [error?.message, error?.diff].filter((text) => text !== undefined).join("\n");
    const reason = result.state === "skipped" ? result.note : stripVTControlCharacters(told);
    tell({
      file: test.module.relativeModuleId,
      name: test.fullName,
      state: result.state,
      ...(reason !== undefined && reason !== "" && { reason }),
    });
  }

  /** A file that could not even be loaded has no tests that fail. */
  onTestModuleEnd(module: TestModule): void {
    for (const { message } of module.errors()) {
      tell({ file: module.relativeModuleId, name: "the file", state: "failed", reason: message });
    }
  }
}
