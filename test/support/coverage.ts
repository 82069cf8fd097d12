/** What the processes and pages that tests start have run, for .ci/coverage. */
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { onTestFinished } from "vitest";

/** Where it goes; Node's own processes find it in NODE_V8_COVERAGE. */
const FOLDER = process.env.CHILDREN_COVERAGE;

/** Whether bundles need source maps. */
export const covers_children: boolean = FOLDER !== undefined;

/** From now until the end of the test. */
export async function cover(page: Page): Promise<void> {
  if (FOLDER === undefined) return;
  await page.coverage.startJSCoverage({ resetOnNavigation: false });
  onTestFinished(async () => {
    const scripts = await page.coverage.stopJSCoverage();
    await writeFile(join(FOLDER, `page-${randomUUID()}.json`), JSON.stringify(scripts));
  });
}
