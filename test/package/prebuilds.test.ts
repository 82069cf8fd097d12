/** The binaries in the package: which one is loaded where, and what would be wrong with one. */
import { describe, expect, test } from "vitest";

import { addon_files } from "../../lib/native/addon-files.ts";
import type { Binary } from "../../packaging/prebuilds/binary.ts";
import { EXPORTS } from "../../packaging/prebuilds/build.ts";
import { faults, read_binary } from "../../packaging/prebuilds/inspect.ts";
import { is_newer, TARGETS } from "../../packaging/prebuilds/targets.ts";
import type { Target } from "../../packaging/prebuilds/targets.ts";

function target_named(name: string): Target {
  return TARGETS.find((target) => target.name === name)!;
}

/** A binary that uses one symbol. */
function uses(name: string, from?: string): Pick<Binary, "undefineds"> {
  return { undefineds: [{ name, is_weak: false, from }] };
}

test.each(TARGETS)("the binary for $name is looked for there", ({ platform, arch, file }) => {
  expect(addon_files({ platform, arch })).toContain(file);
});

test("musl, which would load what is for glibc, finds its own first", () => {
  const prebuilt = addon_files({ platform: "linux", arch: "arm64" }).slice(1);
  expect(prebuilt).toEqual(
    ["musl", "glibc"].map((libc) => `prebuilds/linux-arm64/iomux.${libc}.node`),
  );
});

describe("a binary that may be published", () => {
  const linux: Binary = {
    format: "ELF",
    arch: "x64",
    needed: ["libc.so.6", "libpthread.so.0", "ld-linux-x86-64.so.2"],
    undefineds: [
      { name: "napi_create_int32", is_weak: false, from: undefined },
      { name: "accept4", is_weak: false, from: "GLIBC_2.10" },
      { name: "clock_gettime", is_weak: false, from: "GLIBC_2.17" },
      { name: "__gmon_start__", is_weak: true, from: undefined },
    ],
    exports: EXPORTS,
    oldest: undefined,
    is_signed: false,
  };
  const system = "/usr/lib/libSystem.B.dylib";
  const macos: Binary = {
    ...linux,
    format: "Mach-O",
    arch: "arm64",
    needed: [system],
    undefineds: [
      { name: "napi_create_int32", is_weak: false, from: undefined },
      { name: "kevent", is_weak: false, from: system },
    ],
    oldest: "11.0",
    is_signed: true,
  };

  test("has nothing wrong with it", () => {
    expect(faults(target_named("linux-x64-glibc"), linux)).toEqual([]);
    expect(faults(target_named("darwin-arm64"), macos)).toEqual([]);
  });

  test.each<[string, Binary, Partial<Binary>, string]>([
    ["linux-x64-glibc", linux, { arch: "arm64" }, "It is for arm64, not x64."],
    ["linux-x64-glibc", linux, { format: "Mach-O" }, "It is Mach-O, not ELF."],
    ["linux-x64-glibc", linux, { needed: ["libstdc++.so.6"] }, "It needs libstdc++.so.6, which"],
    ["linux-x64-glibc", linux, uses("gettid", "GLIBC_2.30"), "It uses gettid (GLIBC_2.30), which"],
    ["linux-x64-glibc", linux, uses("gettid"), "It uses gettid, which glibc 2.17 does not have."],
    ["linux-x64-glibc", linux, uses("uv_poll_init"), "It uses uv_poll_init, which glibc"],
    ["linux-x64-glibc", linux, uses("node_api_symbol_for"), "which is no part of its version"],
    ["linux-x64-glibc", linux, { exports: [...EXPORTS, "_Znwm"] }, "_Znwm"],
    ["linux-x64-glibc", linux, { exports: [] }, "It exports ."],
    ["darwin-arm64", macos, uses("operator new"), "which libSystem 11.0 does not have."],
    ["darwin-arm64", macos, { needed: ["/usr/lib/libc++.1.dylib"] }, "It needs /usr/lib/libc++"],
    ["darwin-arm64", macos, { oldest: "14.0" }, "It is for macOS 14.0 and newer."],
    ["darwin-arm64", macos, { is_signed: false }, "It is not signed."],
  ])("%s: not so with %#", (name, good, change, sentence) => {
    const wrong = faults(target_named(name), { ...good, ...change });
    expect(wrong).toEqual([expect.stringContaining(sentence)]);
  });
});

test.skipIf(process.platform !== "linux")("a local build is read, and is none", () => {
  const binary = read_binary("build/Release/iomux.node");
  expect(binary).toMatchObject({ format: "ELF", arch: process.arch });
  expect(binary.needed).toContain("libstdc++.so.6");
  expect(binary.exports).toEqual(expect.arrayContaining([...EXPORTS]));
  const { undefineds } = binary;
  expect(undefineds).toContainEqual(expect.objectContaining({ name: "napi_create_function" }));
  expect(undefineds).toContainEqual({
    name: "socketpair",
    is_weak: false,
    from: expect.stringMatching(/^GLIBC_2\.[\d.]+$/) as string,
  });
  const wrong = faults(target_named(`linux-${process.arch}-glibc`), binary);
  expect(wrong).toContain("It needs libstdc++.so.6, which a machine may not have.");
});

test("versions are compared by their numbers", () => {
  expect(is_newer("2.17", "2.9")).toBe(true);
  expect(is_newer("2.9", "2.17")).toBe(false);
  expect(is_newer("2.17", "2.17")).toBe(false);
  expect(is_newer("2.2.5", "2.2")).toBe(true);
  expect(is_newer("3", "2.99")).toBe(true);
});
