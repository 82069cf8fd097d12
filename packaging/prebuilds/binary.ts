/** What is asked of a binary, whatever its format. */

/** A symbol that the binary uses and does not have. */
export interface Undefined {
  readonly name: string;
  /** It may be missing. */
  readonly is_weak: boolean;
  /** ELF: the version of the symbol, as "GLIBC_2.17". Mach-O: the library that it is looked for in. */
  readonly from: string | undefined;
}

export interface Binary {
  readonly format: "ELF" | "Mach-O";
  readonly arch: string;
  /** The libraries that are loaded with it. */
  readonly needed: readonly string[];
  readonly undefineds: readonly Undefined[];
  readonly exports: readonly string[];
  /** Mach-O: the oldest system that it is for. */
  readonly oldest: string | undefined;
  /** Mach-O: whether it has a signature, without which arm64 loads nothing. */
  readonly is_signed: boolean;
}
