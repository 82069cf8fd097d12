import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

/** The files in which a program must answer a signal within some time: it is to have the machine. */
const alone = ["test/scripts/tutorial-interrupt.test.ts", "test/native/workers.test.ts"];

export default defineConfig({
  // The package's own name means the sources in lib/, not what was last built of them.
  ssr: { resolve: { conditions: ["iomux-source", ...defaultServerConditions] } },
  test: {
    globalSetup: "test/support/setup.ts",
    testTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: "side by side",
          include: ["test/**/*.test.ts"],
          exclude: alone,
          // On two cores as well: most tests wait for other processes.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "alone", include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
