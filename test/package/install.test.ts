/** What installing says where the package cannot be. */
import { spawnSync } from "node:child_process";

import { expect, test } from "vitest";

function install_on(platform: string, arch: string) {
  const elsewhere = `data:text/javascript,
    Object.defineProperties(process, {
      platform: { value: "${platform}" },
      arch: { value: "${arch}" },
    });`;
  const args = ["--import", elsewhere, "native/supported.mjs"];
  return spawnSync(process.execPath, args, { encoding: "utf8" });
}

test.each([
  ["darwin", "arm64"],
  ["win32", "x64"],
  ["linux", "arm64"],
])("on %s %s it stops with one sentence", (platform, arch) => {
  const { status, stdout, stderr } = install_on(platform, arch);
  expect(stderr).toBe(
    `iomux runs on Linux x64 so far, and this is ${platform} ${arch}: nothing was installed.\n`,
  );
  expect(stdout).toBe("");
  expect(status).toBe(1);
});

test("on Linux x64 it says nothing", () => {
  const { status, stdout, stderr } = install_on("linux", "x64");
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
});
