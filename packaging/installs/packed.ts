/** The package as `npm pack` makes it: with the addon for this machine, and without any. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { UsageError } from "../../tools/usage-error.ts";
import { run } from "./run.ts";

export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));
export const TRIPLE: string = `${process.platform}-${process.arch}`;

export interface Packed {
  /** The package with the addon for this machine, and with those for others if they have been built. */
  readonly with_addon: string;
  /** As it is on a system for which there is no prebuilt addon. */
  readonly without_addon: string;
}

/** How the prebuilt addon for this machine is named. */
export function addon_name(): string {
  if (process.platform !== "linux") return "iomux.node";
  return existsSync("/etc/alpine-release") ? "iomux.musl.node" : "iomux.glibc.node";
}

/** Packs twice into a folder. */
export async function pack(folder: string): Promise<Packed> {
  const built = join(ROOT, "build/Release/iomux.node");
  const prebuilt = join(ROOT, "prebuilds", TRIPLE, addon_name());
  const addon = [prebuilt, built].find((file) => existsSync(file));
  if (addon === undefined) {
    throw new UsageError("The addon is not built: run `npm rebuild --build-from-source`.");
  }
  await run("npm", ["pack", "--pack-destination", folder], { cwd: ROOT });
  const [tarball] = readdirSync(folder);
  await run("tar", ["-xf", tarball], { cwd: folder });
  rmSync(join(folder, tarball));
  const unpacked = join(folder, "package");

  mkdirSync(join(unpacked, "prebuilds", TRIPLE), { recursive: true });
  cpSync(addon, join(unpacked, "prebuilds", TRIPLE, addon_name()));
  const with_addon = await repack(unpacked, folder, "iomux.tgz");
  rmSync(join(unpacked, "prebuilds"), { recursive: true });
  const without_addon = await repack(unpacked, folder, "iomux-without-addon.tgz");
  return { with_addon, without_addon };
}

async function repack(unpacked: string, folder: string, name: string): Promise<string> {
  const options = ["--silent", "--ignore-scripts", "--pack-destination", folder];
  const packed = await run("npm", ["pack", ...options], { cwd: unpacked });
  const file = join(folder, name);
  renameSync(join(folder, packed.trim()), file);
  return file;
}
