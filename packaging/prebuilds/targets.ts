/** The systems that there is a binary for. */

export interface Target {
  /** What it is called on the command line. */
  readonly name: string;
  readonly platform: "linux" | "darwin";
  readonly arch: "x64" | "arm64";
  readonly libc: "glibc" | "musl" | "libSystem";
  /** The oldest version of the C library, on macOS of the system, that the binary may need. */
  readonly oldest: string;
  /** The same for the compiler. */
  readonly triple: string;
  /** Where lib/native/addon-files.ts looks for it. */
  readonly file: string;
}

const PROCESSORS = { x64: "x86_64", arm64: "aarch64" } as const;

/**
 * glibc 2.17 is the oldest that arm64 has, and older than what Node's own binaries need. musl has no
 * versions of symbols: its binary may use what the compiler's musl has. macOS: what Node 20 needs.
 */
export const TARGETS: readonly Target[] = [
  linux("x64", "glibc", "2.17"),
  linux("arm64", "glibc", "2.17"),
  linux("x64", "musl", "1.2"),
  linux("arm64", "musl", "1.2"),
  macos("arm64", "11.0"),
  macos("x64", "10.15"),
];

function linux(arch: Target["arch"], libc: "glibc" | "musl", oldest: string): Target {
  const abi = libc === "glibc" ? `gnu.${oldest}` : "musl";
  return {
    name: `linux-${arch}-${libc}`,
    platform: "linux",
    arch,
    libc,
    oldest,
    triple: `${PROCESSORS[arch]}-linux-${abi}`,
    file: `prebuilds/linux-${arch}/iomux.${libc}.node`,
  };
}

function macos(arch: Target["arch"], oldest: string): Target {
  return {
    name: `darwin-${arch}`,
    platform: "darwin",
    arch,
    libc: "libSystem",
    oldest,
    triple: `${PROCESSORS[arch]}-macos.${oldest}`,
    file: `prebuilds/darwin-${arch}/iomux.node`,
  };
}

/** Whether the first version is newer than the second. */
export function is_newer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(".").map(Number));
  const index = a.findIndex((number, position) => number !== (b[position] ?? 0));
  return index !== -1 && a[index] > (b[index] ?? 0);
}
