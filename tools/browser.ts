/** Chromium without a window, for the tests and the screenshots: the machine's own, or one from npm. */
import { execFile } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import type { Browser } from "playwright-core";

const require = createRequire(import.meta.url);

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];
const ON_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

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

/** Whether there is one to launch. npm has one for Linux on x64 only. */
export function has_chromium(): boolean {
  return installed() !== undefined || (process.platform === "linux" && process.arch === "x64");
}

/** Starts the program in CHROMIUM, or the one in PATH, or npm's. */
export async function launch(): Promise<Browser> {
  // It takes a while to load, and who only asks whether there is a browser does without.
  const { chromium } = await import("playwright-core");
  const executablePath = installed();
  if (executablePath !== undefined) return chromium.launch({ executablePath, args: ARGUMENTS });
  const folder = await unpacked();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: ARGUMENTS,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, "al2023/lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  });
}

function installed(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name)));
  return process.env.CHROMIUM ?? [...paths, ON_MACOS].find(is_program);
}

function is_program(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder with npm's Chromium, its libraries and a font; the first time, they are unpacked. */
async function unpacked(): Promise<string> {
  const chromium = require.resolve("@sparticuz/chromium");
  // Within the package, as it goes with its version.
  const folder = join(chromium, "../../../unpacked");
  if (is_program(join(folder, "chromium"))) return folder;
  const fresh = await mkdtemp(`${folder}-`);
  const program = `require(${JSON.stringify(chromium)}).executablePath()`;
  // On a server of Vercel's, as perhaps on this machine, the libraries that it needs are missing.
  const env = { ...process.env, TMPDIR: fresh, VERCEL: "1" };
  try {
    await promisify(execFile)(process.execPath, ["-e", program], { env });
    const fonts = `<fontconfig><dir>${join(folder, "fonts")}</dir></fontconfig>\n`;
    await writeFile(join(fresh, "fonts.conf"), fonts);
    await rename(fresh, folder).catch((error: unknown) => {
      // Another process may have done the same meanwhile.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}
