/** The programs that some commands need. */
import { spawnSync } from "node:child_process";

import { output_of, PATIENCE } from "./output.ts";
import type { Program } from "./report.ts";

export function programs(): Program[] {
  const strace: Program = {
    ...found("strace", ["strace", "--version"]),
    problem: tracing_problem(),
    needed_for: "trace and twins, to record programs in Python and on node:net",
    packages: same("strace", "apt", "apk", "dnf", "pacman"),
  };
  return [
    // It belongs to Linux.
    ...(process.platform === "linux" ? [strace] : []),
    {
      ...found("Python", [process.env.PYTHON ?? "python3", "--version"]),
      needed_for: "twins, and the tutorial's --server python",
      packages: {
        ...same("python3", "apt", "apk", "dnf", "pkg"),
        pacman: "python",
        brew: "python",
      },
    },
    {
      ...found("C++ compiler", [process.env.CXX ?? "c++", "--version"]),
      needed_for: "bench, and building the addon where no prebuilt one fits",
      packages: {
        ...same("g++", "apt", "apk"),
        ...same("gcc", "pacman", "brew"),
        dnf: "gcc-c++",
        pkg: "llvm",
      },
    },
    {
      ...found("make", ["make", "--version"]),
      needed_for: "iomux's own debug builds only",
      packages: same("make", "apt", "apk", "dnf", "pacman", "brew"),
    },
    {
      ...found("CMake", ["cmake", "--version"]),
      needed_for: "iomux's own debug builds only",
      packages: same("cmake", "apt", "apk", "dnf", "pacman", "brew", "pkg"),
    },
    {
      ...chromium(),
      needed_for: "iomux's own tests only",
      packages: same("chromium", "apt", "apk", "dnf", "pacman", "brew", "pkg"),
    },
  ];
}

/** What a program says on the first line of its version. */
function found(
  name: string,
  [command, ...args]: readonly string[],
): Pick<Program, "name" | "version" | "problem"> {
  const line = output_of(command, ...args)?.split("\n")[0];
  return { name, version: line?.replace(" -- version", "") ?? null, problem: null };
}

const CHROMIUM = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

function chromium(): ReturnType<typeof found> {
  const all = CHROMIUM.map((command) => found("Chromium", [command, "--version"]));
  return all.find(({ version }) => version !== null) ?? all[0];
}

/** Why strace may not trace; null if it may, or is not installed. */
function tracing_problem(): string | null {
  const { error, status, stderr } = spawnSync("strace", ["-o", "/dev/null", "true"], {
    encoding: "utf8",
    timeout: PATIENCE,
    killSignal: "SIGKILL",
  });
  if (error !== undefined || status === 0) return null;
  return `is not permitted to trace ("${stderr.trim().split("\n")[0]}"): in a container, docker run --cap-add=SYS_PTRACE`;
}

function same(name: string, ...managers: (keyof Program["packages"])[]): Program["packages"] {
  return Object.fromEntries(managers.map((manager) => [manager, name]));
}
