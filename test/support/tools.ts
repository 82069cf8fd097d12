/**
 * What tests use besides npm's packages and a C++ compiler. A test that cannot do without says so: on a
 * machine that lacks it, the test is skipped, with the reason. A CI must lack nothing: there it fails.
 */
import { spawnSync } from "node:child_process";

import { TestRunner } from "vitest";

import { has_chromium } from "../../tools/browser.ts";

function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

interface Tool {
  /** Asked when it is first needed: some tests hide programs later. */
  readonly is_here: () => boolean;
  /** Why a test is skipped. */
  readonly otherwise: string;
}

/** A program of a Debian package; with these arguments it says which it is. */
function debian(command: string, package_name: string, ...args: readonly string[]): Tool {
  return {
    is_here: () => runs(command, ...args),
    otherwise: `${command} is not installed (apt-get install ${package_name})`,
  };
}

const tools = {
  Chromium: {
    is_here: has_chromium,
    otherwise: "Chromium is not installed (apt-get install chromium)",
  },
  cmake: {
    is_here: () => runs("cmake", "--version") && runs("make", "--version"),
    otherwise: "cmake and make are not installed (apt-get install cmake make)",
  },
  curl: debian("curl", "curl", "--version"),
  dig: debian("dig", "bind9-dnsutils", "-v"),
  logger: debian("logger", "bsdutils", "--version"),
  openssl: debian("openssl", "openssl", "version"),
  python3: {
    // Before 3.11, exceptions had other texts, and a socket another repr.
    is_here: () => {
      const program = "import sys; sys.exit(sys.version_info < (3, 11))";
      return runs(process.env.PYTHON ?? "python3", "-c", program);
    },
    otherwise: "python3 is not installed, or older than 3.11 (apt-get install python3)",
  },
  "redis-cli": debian("redis-cli", "redis-tools", "--version"),
  "redis-server": debian("redis-server", "redis-server", "--version"),
  strace: {
    // Where it is installed, it may not be allowed to trace.
    is_here: () => runs("strace", "-o", "/dev/null", "true"),
    otherwise: "strace is not installed, or may not trace (apt-get install strace)",
  },
} as const satisfies Record<string, Tool>;

export type Name = keyof typeof tools;

const known = new Map<Name, boolean>();

export function has(name: Name): boolean {
  if (!known.has(name)) known.set(name, tools[name].is_here());
  return known.get(name)!;
}

/** For a test, or what runs before each, which needs all of these. */
export function needs(...names: readonly Name[]): void {
  if (names.includes("strace")) needs_linux();
  for (const name of names) {
    if (has(name)) continue;
    const { otherwise } = tools[name];
    if (is_ci()) throw new Error(otherwise);
    skip(otherwise);
  }
}

/** For a test that looks into /proc, or at what else only Linux has. */
export function needs_linux(): void {
  if (process.platform !== "linux") skip("Linux only");
}

function is_ci(): boolean {
  return !["", "0", "false", undefined].includes(process.env.CI);
}

function skip(reason: string): never {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) throw new Error(`${reason}, and this is no test that can be skipped`);
  return test.context.skip(reason);
}
