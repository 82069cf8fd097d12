/** Reads what a shared library for macOS says about itself: <mach-o/loader.h>, <mach-o/nlist.h>. */
import type { Binary } from "./binary.ts";

const MH_MAGIC_64 = 0xfeedfacf;
const PROCESSORS: Readonly<Record<number, string>> = { 0x01000007: "x64", 0x0100000c: "arm64" };
const LC_SYMTAB = 0x2;
const LC_LOAD_DYLIB = 0xc;
const LC_CODE_SIGNATURE = 0x1d;
const LC_BUILD_VERSION = 0x32;
const N_STAB = 0xe0;
/** Seen only while it was linked. */
const N_PEXT = 0x10;
const N_TYPE = 0x0e;
const N_EXT = 0x01;
const N_WEAK_REF = 0x40;
/** Looked for in everything that is loaded. */
const DYNAMIC_LOOKUP_ORDINAL = 0xfe;

export function is_macho(bytes: Buffer): boolean {
  return bytes.readUInt32LE(0) === MH_MAGIC_64;
}

/** A 64-bit Mach-O file for one processor. */
export function read_macho(bytes: Buffer): Binary {
  const text = (at: number) => bytes.toString("latin1", at, bytes.indexOf(0, at));
  const needed: string[] = [];
  let oldest: string | undefined;
  let is_signed = false;
  let symtab = { offset: 0, count: 0, strings: 0 };
  for (let at = 32, left = bytes.readUInt32LE(16); left > 0; left--) {
    const command = bytes.readUInt32LE(at);
    if (command === LC_LOAD_DYLIB) needed.push(text(at + bytes.readUInt32LE(at + 8)));
    if (command === LC_CODE_SIGNATURE) is_signed = true;
    if (command === LC_BUILD_VERSION) {
      const version = bytes.readUInt32LE(at + 12);
      oldest = `${version >> 16}.${(version >> 8) & 0xff}`;
    }
    if (command === LC_SYMTAB) {
      symtab = {
        offset: bytes.readUInt32LE(at + 8),
        count: bytes.readUInt32LE(at + 12),
        strings: bytes.readUInt32LE(at + 16),
      };
    }
    at += bytes.readUInt32LE(at + 4);
  }

  const undefineds: Binary["undefineds"][number][] = [];
  const exports: string[] = [];
  for (let index = 0; index < symtab.count; index++) {
    const at = symtab.offset + index * 16;
    const type = bytes.readUInt8(at + 4);
    if ((type & (N_STAB | N_PEXT)) !== 0 || (type & N_EXT) === 0) continue;
    // C's names have an underscore in front.
    const name = text(symtab.strings + bytes.readUInt32LE(at)).replace(/^_/, "");
    if ((type & N_TYPE) !== 0) {
      exports.push(name);
      continue;
    }
    const description = bytes.readUInt16LE(at + 6);
    const ordinal = description >> 8;
    undefineds.push({
      name,
      is_weak: (description & N_WEAK_REF) !== 0,
      from: ordinal === DYNAMIC_LOOKUP_ORDINAL ? undefined : needed[ordinal - 1],
    });
  }
  return {
    format: "Mach-O",
    arch: PROCESSORS[bytes.readUInt32LE(4)] ?? "another processor",
    needed,
    undefineds,
    exports,
    oldest,
    is_signed,
  };
}
