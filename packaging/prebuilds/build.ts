/** Compiles and links the addon for one system. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";

import { gyp } from "./gyp.ts";
import { HEADERS } from "./node-api.ts";
import type { Target } from "./targets.ts";
import { of_zig, ROOT, WORK, zig } from "./toolchain.ts";

/**
 * The parts of LLVM's C++ library that the addon uses. The compiler's own build of it has exceptions, and
 * with them whatever prints and catches them: three times the size of the addon. What is not needed of
 * these files, the linker drops.
 */
const RUNTIME = [
  "libcxx/src/condition_variable.cpp",
  "libcxx/src/condition_variable_destructor.cpp",
  "libcxx/src/error_category.cpp",
  "libcxx/src/exception.cpp",
  "libcxx/src/future.cpp",
  "libcxx/src/memory.cpp",
  "libcxx/src/mutex.cpp",
  "libcxx/src/mutex_destructor.cpp",
  "libcxx/src/new_helpers.cpp",
  "libcxx/src/stdexcept.cpp",
  "libcxx/src/string.cpp",
  "libcxx/src/system_error.cpp",
  "libcxx/src/thread.cpp",
  "libcxx/src/verbose_abort.cpp",
  "libcxxabi/src/abort_message.cpp",
  "libcxxabi/src/cxa_guard.cpp",
  "libcxxabi/src/cxa_virtual.cpp",
];

/** What Node looks for in an addon; everything else stays inside. */
export const EXPORTS: readonly string[] = [
  "napi_register_module_v1",
  "node_api_module_get_api_version_v1",
];

/** One file to compile. */
interface Unit {
  readonly source: string;
  readonly object: string;
  readonly flags: readonly string[];
}

function units(target: Target, folder: string): Unit[] {
  const common = [
    ...gyp.cflags_cc,
    "-fPIC",
    // For --gc-sections.
    "-ffunction-sections",
    "-fdata-sections",
    "-fno-sanitize=undefined",
    "-fvisibility-global-new-delete=force-hidden",
    // No path of this machine.
    `-ffile-prefix-map=${of_zig("lib")}=zig`,
  ];
  const own = ["-Werror", ...gyp.defines.map((define) => `-D${define}`), `-isystem${HEADERS}`];
  const runtime = [
    "-w",
    "-D_LIBCPP_BUILDING_LIBRARY",
    "-D_LIBCXXABI_BUILDING_LIBRARY",
    `-I${of_zig("lib/libcxx/src")}`,
    `-I${of_zig("lib/libcxxabi/include")}`,
  ];
  const unit = (source: string, flags: readonly string[]): Unit => ({
    source,
    object: join(folder, `${basename(source)}.o`),
    flags: ["-target", target.triple, ...common, ...flags],
  });
  return [
    ...gyp.sources.map((source) => unit(source, own)),
    unit("packaging/prebuilds/new-delete.cc", own),
    ...RUNTIME.map((source) => unit(of_zig(join("lib", source)), runtime)),
  ];
}

function link_flags(target: Target, folder: string): string[] {
  if (target.platform === "darwin") {
    return [
      "-Wl,-undefined,dynamic_lookup",
      "-Wl,-dead_strip",
      `-Wl,-install_name,@rpath/${basename(target.file)}`,
    ];
  }
  const script = join(folder, "exports.map");
  writeFileSync(script, `{ global: ${EXPORTS.join("; ")}; local: *; };\n`);
  return ["-Wl,--gc-sections", `-Wl,--version-script=${script}`];
}

/** Compiles, as many files at a time as there are processors, and links. */
export async function build(
  target: Target,
  progress: (done: number, all: number) => void,
): Promise<void> {
  const folder = join(WORK, target.name);
  mkdirSync(folder, { recursive: true });
  const all = units(target, folder);
  const waiting = [...all];
  let done = 0;
  const compile = async (): Promise<void> => {
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      progress(done, all.length);
      await zig(["c++", ...unit.flags, "-c", unit.source, "-o", unit.object]);
      done++;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compile));
  progress(done, all.length);
  const file = join(ROOT, target.file);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  // As C, for the compiler's C++ library would come along.
  const linked = ["cc", "-target", target.triple, "-shared", "-s", "-O2"];
  const objects = all.map(({ object }) => object);
  await zig([...linked, ...objects, ...link_flags(target, folder), "-o", file]);
}
