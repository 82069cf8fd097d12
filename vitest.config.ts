import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

import { Skipped } from "./test/support/skipped.ts";

/** Programs in these files must answer a signal in time, so nothing else runs beside them. */
const timing_sensitive = [
  "test/scripts/attacks.test.ts",
  "test/scripts/tutorial-interrupt.test.ts",
  "test/native/workers.test.ts",
];

export default defineConfig({
  // The package's own name means the sources in lib/, not what was last built of them.
  ssr: { resolve: { conditions: ["iomux-source", ...defaultServerConditions] } },
  test: {
    // For what the tests start: see .ci/coverage.
    env:
      process.env.CHILDREN_COVERAGE === undefined
        ? {}
        : { NODE_V8_COVERAGE: process.env.CHILDREN_COVERAGE },
    globalSetup: "test/support/setup.ts",
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What vitest has of itself, and then what was skipped for want of a tool.
    reporters: [
      "default",
      ...(process.env.GITHUB_ACTIONS === undefined ? [] : ["github-actions"]),
      new Skipped(),
    ],
    projects: [
      {
        extends: true,
        test: {
          name: "concurrent",
          include: ["test/**/*.test.ts"],
          exclude: timing_sensitive,
          // On two cores as well: most tests wait for other processes.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "timing-sensitive",
          include: timing_sensitive,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
