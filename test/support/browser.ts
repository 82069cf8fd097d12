/** A browser without a window, of those that are installed. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium, from wherever PATH has it. */
export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: found(), args: ARGUMENTS });
}

function found(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const path = paths.find(is_program);
  if (path === undefined) {
    throw new Error(
      `There is no ${NAMES.join(", ")} in PATH. Install Chromium: apt-get install chromium.`,
    );
  }
  return path;
}

function is_program(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
