/** Where in a program a call was made: the program's frames, without those of iomux and Node. */
import { findSourceMap } from "node:module";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";

import type { Stack } from "./recording.ts";

/** iomux's own folder. It is not part of a program, nor is node_modules, unless the program itself lies there. */
const OWN = dirname(dirname(fileURLToPath(import.meta.url)));
const SCRIPT = dirname(process.argv[1] ?? "/");
const DEEPEST = 40;

type Frame = Stack["frames"][number];

/** The call sites above `below`, innermost first. */
function call_sites(below: (...args: never[]) => unknown): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error;
  const prepareStackTrace = Reflect.get(Error, "prepareStackTrace");
  const holder: { stack?: readonly NodeJS.CallSite[] } = {};
  Error.prepareStackTrace = (_, sites) => sites;
  Error.stackTraceLimit = DEEPEST;
  Error.captureStackTrace(holder, below);
  const sites = holder.stack ?? [];
  Error.stackTraceLimit = stackTraceLimit;
  Error.prepareStackTrace = prepareStackTrace;
  return sites;
}

/** By the file names of frames. */
const known_files = new Map<string, string | null>();

/** The path of a frame's file, or null if the file is not the program's. */
function file_of(site: NodeJS.CallSite): string | null {
  const name = site.getFileName() ?? "";
  let file = known_files.get(name);
  if (file === undefined) {
    const path = name.startsWith("file:") ? fileURLToPath(name) : name;
    const is_program = path.startsWith("/") && !path.startsWith(`${OWN}/`);
    const is_library = path.includes("/node_modules/") && !path.startsWith(`${SCRIPT}/`);
    file = is_program && !is_library ? path : null;
    known_files.set(name, file);
  }
  return file;
}

/** Numbers the places that calls are made from, as most of them recur. */
export class Stacks {
  readonly #known = new Map<string, number>();
  readonly #folder: string;
  readonly #emit: (stack: Stack, files: ReadonlyMap<string, string>) => void;

  /** `emit` gets each new stack, and the files of its frames by the names they have in it. */
  constructor(folder: string, emit: (stack: Stack, files: ReadonlyMap<string, string>) => void) {
    this.#folder = folder;
    this.#emit = emit;
  }

  /** The number of the stack above a function; undefined if no frame in it is the program's. */
  number(below: (...args: never[]) => unknown): number | undefined {
    const all = call_sites(below);
    let key = "";
    for (const site of all) {
      if (file_of(site) !== null) key += `${site.getFileName()}:${site.getPosition()}\n`;
    }
    if (key === "") return undefined;
    let number = this.#known.get(key);
    if (number === undefined) {
      number = this.#known.size;
      this.#known.set(key, number);
      const files = new Map<string, string>();
      const sites = all.filter((site) => file_of(site) !== null);
      const frames = sites.flatMap((site, index) =>
        this.#frame(site, index === sites.length - 1, files),
      );
      this.#emit({ kind: "stack", stack: number, frames }, files);
    }
    return number;
  }

  /** A frame as a recording has it; none for code that a compiler has added. */
  #frame(site: NodeJS.CallSite, is_outermost: boolean, files: Map<string, string>): Frame[] {
    let path = file_of(site) as string;
    let line = site.getLineNumber() ?? 0;
    const mapped = findSourceMap(site.getFileName() as string)?.findEntry(
      line - 1,
      (site.getColumnNumber() ?? 1) - 1,
    );
    if (mapped !== undefined) {
      if (!("originalSource" in mapped)) return [];
      path = mapped.originalSource.startsWith("file:")
        ? fileURLToPath(mapped.originalSource)
        : mapped.originalSource;
      line = mapped.originalLine + 1;
    }
    const inside = relative(this.#folder, path);
    const shown = inside.startsWith("..") ? path : inside;
    files.set(shown, path);
    const name = site.getFunctionName() ?? (is_outermost ? "<module>" : "<anonymous>");
    return [[name, shown, line]];
  }
}
