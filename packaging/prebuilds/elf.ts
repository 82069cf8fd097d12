/** Reads what a shared library for Linux says about itself: elf(5). */
import type { Binary } from "./binary.ts";

const MACHINES: Readonly<Record<number, string>> = { 62: "x64", 183: "arm64" };
const SHT_DYNAMIC = 6;
const SHT_DYNSYM = 11;
const SHT_GNU_VERNEED = 0x6ffffffe;
const SHT_GNU_VERSYM = 0x6fffffff;
const DT_NEEDED = 1n;
const STB_WEAK = 2;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

export function is_elf(bytes: Buffer): boolean {
  return bytes.readUInt32BE(0) === 0x7f454c46;
}

/** A 64-bit, little-endian ELF file. */
export function read_elf(bytes: Buffer): Binary {
  const sections = Array.from({ length: bytes.readUInt16LE(0x3c) }, (_, index): Section => {
    const at = Number(bytes.readBigUInt64LE(0x28)) + index * bytes.readUInt16LE(0x3a);
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
      link: bytes.readUInt32LE(at + 40),
      info: bytes.readUInt32LE(at + 44),
    };
  });
  const section = (type: number) => sections.find((one) => one.type === type);
  const text = (strings: Section, offset: number): string => {
    const at = strings.offset + offset;
    return bytes.toString("latin1", at, bytes.indexOf(0, at));
  };

  const dynamic = section(SHT_DYNAMIC);
  const needed: string[] = [];
  for (const at of entries(dynamic, 16)) {
    if (bytes.readBigInt64LE(at) !== DT_NEEDED) continue;
    needed.push(text(sections[dynamic!.link], Number(bytes.readBigUInt64LE(at + 8))));
  }

  // The versions that are needed, by the number that symbols have of them.
  const versions = new Map<number, string>();
  const verneed = section(SHT_GNU_VERNEED);
  for (let at = verneed?.offset ?? 0, left = verneed?.info ?? 0; left > 0; left--) {
    let aux = at + bytes.readUInt32LE(at + 8);
    for (let more = bytes.readUInt16LE(at + 2); more > 0; more--) {
      const name = text(sections[verneed!.link], bytes.readUInt32LE(aux + 8));
      versions.set(bytes.readUInt16LE(aux + 6), name);
      aux += bytes.readUInt32LE(aux + 12);
    }
    at += bytes.readUInt32LE(at + 12);
  }

  const symbols = section(SHT_DYNSYM);
  const versym = section(SHT_GNU_VERSYM);
  const undefineds: Binary["undefineds"][number][] = [];
  const exports: string[] = [];
  for (const [index, at] of entries(symbols, 24).entries()) {
    // The first is none.
    if (index === 0) continue;
    const name = text(sections[symbols!.link], bytes.readUInt32LE(at));
    if (bytes.readUInt16LE(at + 6) !== 0) {
      exports.push(name);
      continue;
    }
    const is_weak = bytes.readUInt8(at + 4) >> 4 === STB_WEAK;
    const version = versym && versions.get(bytes.readUInt16LE(versym.offset + index * 2));
    undefineds.push({ name, is_weak, from: version });
  }
  return {
    format: "ELF",
    arch: MACHINES[bytes.readUInt16LE(0x12)] ?? "another processor",
    needed,
    undefineds,
    exports,
    oldest: undefined,
    is_signed: false,
  };
}

/** Where the entries of a section begin. */
function entries(section: Section | undefined, size: number): number[] {
  if (section === undefined) return [];
  return Array.from({ length: section.size / size }, (_, index) => section.offset + index * size);
}
