/** What `iomux doctor` finds out: the object that `--json` prints. */

export interface Report {
  /** The version of this package. */
  readonly iomux: string;
  readonly runtime: string;
  readonly system: System;
  readonly addon: Addon | Missing;
  /** Null where the addon does not load, or IOMUX_SELECTOR names none of them. */
  readonly selectors: Selectors | null;
  /** Kinds of sockets, tried with a message from one to another; none where the addon does not load. */
  readonly sockets: readonly Attempt[];
  readonly limits: readonly Limit[];
  readonly programs: readonly Program[];
}

export interface System {
  readonly platform: string;
  readonly arch: string;
  readonly kernel: string;
  /** Its name for people; null where it has none. */
  readonly distribution: string | null;
  readonly libc: string | null;
}

/** The binary that is loaded. */
export interface Addon {
  /** From the home directory on, where it is below that. */
  readonly path: string;
  /** Why this one. */
  readonly why: string;
  /** What it was built for: native/platform.h. */
  readonly backend: "linux" | "darwin" | "posix";
}

/** Why no binary is loaded: the loader's message, and the causes of it. */
export interface Missing {
  readonly errors: readonly string[];
}

export interface Selectors {
  readonly available: readonly string[];
  readonly default: string;
}

export interface Attempt {
  readonly what: string;
  /** Null if it works. */
  readonly error: string | null;
  /** Whether a machine may well be without it. */
  readonly optional: boolean;
}

export interface Limit {
  readonly name: string;
  /** Null if the system does not say. */
  readonly value: string | null;
  /** What it means for a server. */
  readonly meaning: string;
}

export interface Program {
  readonly name: string;
  /** Null if it is not installed. */
  readonly version: string | null;
  /** Why it is of no use although it is installed. */
  readonly problem: string | null;
  readonly needed_for: string;
  /** The package that has it, by package manager. */
  readonly packages: Readonly<Partial<Record<PackageManager, string>>>;
}

export const PACKAGE_MANAGERS = ["apt", "apk", "dnf", "pacman", "brew", "pkg"] as const;
export type PackageManager = (typeof PACKAGE_MANAGERS)[number];

/** Whether sockets work here. */
export function is_well({ addon, sockets }: Report): boolean {
  return "path" in addon && sockets.every(({ error, optional }) => error === null || optional);
}
