/** What a binary must be, so that the systems that it is for load it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Binary, Undefined } from "./binary.ts";
import { EXPORTS } from "./build.ts";
import { is_elf, read_elf } from "./elf.ts";
import { is_macho, read_macho } from "./macho.ts";
import { FUNCTIONS } from "./node-api.ts";
import { is_newer } from "./targets.ts";
import type { Target } from "./targets.ts";
import { musl_symbols, ROOT } from "./toolchain.ts";

/** The parts of the C library; in new ones they are one. */
const LIBRARIES: Readonly<Record<Target["libc"], RegExp>> = {
  glibc: /^(?:lib(?:c\.so\.6|m\.so\.6|pthread\.so\.0|dl\.so\.2|rt\.so\.1)|ld-linux-.*)$/,
  musl: /^libc\.so$/,
  libSystem: /^\/usr\/lib\/libSystem\.B\.dylib$/,
};

/** What the linker itself adds to a library for macOS. */
const LINKERS_OWN = new Set(["__dso_handle", "_mh_dylib_header"]);

export interface Inspection {
  readonly bytes: number;
  /** The newest version of anything that it needs: "GLIBC_2.17", "macOS 11.0"; of musl nothing is known. */
  readonly newest: string;
  /** What is wrong with it, in sentences. */
  readonly wrong: readonly string[];
}

/** A file in whichever format it has. */
export function read_binary(file: string): Binary {
  const bytes = readFileSync(file);
  if (is_elf(bytes)) return read_elf(bytes);
  if (is_macho(bytes)) return read_macho(bytes);
  throw new Error(`${file} is neither ELF nor Mach-O`);
}

/** Looks at the binary of a target. */
export function inspect(target: Target): Inspection {
  const file = join(ROOT, target.file);
  const binary = read_binary(file);
  const libc = binary.undefineds.filter(({ name }) => !FUNCTIONS.has(name));
  const versions = libc.flatMap(({ from }) => /^GLIBC_([\d.]+)$/.exec(from ?? "")?.[1] ?? []);
  const newest = versions.reduce((a, b) => (is_newer(b, a) ? b : a), "0");
  const names = { glibc: `GLIBC_${newest}`, musl: "-", libSystem: `macOS ${binary.oldest}` };
  return {
    bytes: readFileSync(file).length,
    newest: names[target.libc],
    wrong: faults(target, binary),
  };
}

/** What is wrong with a binary, in sentences. */
export function faults(target: Target, binary: Binary): string[] {
  const wrong: string[] = [];
  const format = target.platform === "darwin" ? "Mach-O" : "ELF";
  if (binary.format !== format) wrong.push(`It is ${binary.format}, not ${format}.`);
  if (binary.arch !== target.arch) wrong.push(`It is for ${binary.arch}, not ${target.arch}.`);
  for (const name of binary.needed.filter((one) => !LIBRARIES[target.libc].test(one))) {
    wrong.push(`It needs ${name}, which a machine may not have.`);
  }
  const is_there = libc_has(target);
  for (const symbol of binary.undefineds) {
    if (symbol.is_weak || FUNCTIONS.has(symbol.name) || is_there(symbol)) continue;
    const from = symbol.from === undefined ? "" : ` (${symbol.from})`;
    wrong.push(
      symbol.name.startsWith("napi_") || symbol.name.startsWith("node_api_")
        ? `It uses ${symbol.name}, which is no part of its version of Node-API.`
        : `It uses ${symbol.name}${from}, which ${target.libc} ${target.oldest} does not have.`,
    );
  }
  const exports = binary.exports.filter((name) => !LINKERS_OWN.has(name)).toSorted();
  if (exports.join() !== EXPORTS.join()) wrong.push(`It exports ${exports.join(", ")}.`);
  if (target.platform === "darwin") {
    if (binary.oldest !== target.oldest) wrong.push(`It is for macOS ${binary.oldest} and newer.`);
    if (target.arch === "arm64" && !binary.is_signed) wrong.push("It is not signed.");
  }
  return wrong;
}

/** Whether the C library has a symbol, in the oldest version that the binary is for. */
function libc_has(target: Target): (symbol: Undefined) => boolean {
  if (target.libc === "musl") {
    const symbols = musl_symbols();
    return ({ name }) => symbols.has(name);
  }
  if (target.libc === "libSystem") return ({ from }) => LIBRARIES.libSystem.test(from ?? "");
  return ({ from }) => {
    const version = /^GLIBC_([\d.]+)$/.exec(from ?? "")?.[1];
    return version !== undefined && !is_newer(version, target.oldest);
  };
}
