/** Where in a program a call was made: the program's frames, without those of iomux and Node. */
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { own_folder } from "../native/load.ts";
import { node_module } from "../native/on-demand.ts";
import type { Stack } from "./recording.ts";

// iomux's own folder is not part of a program, nor is node_modules, unless the program itself lies there.
const OWN = own_folder === null ? null : `${own_folder}/`;
const SCRIPT = dirname(process.argv[1] ?? "/");
const DEEPEST = 45;

type Frame = Stack["frames"][number];

/** The call sites, innermost first; those of iomux too. */
function call_sites(): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error;
  const prepareStackTrace = Reflect.get(Error, "prepareStackTrace");
  const holder: { stack?: readonly NodeJS.CallSite[] } = {};
  Error.prepareStackTrace = (_, sites) => sites;
  Error.stackTraceLimit = DEEPEST;
  Error.captureStackTrace(holder);
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
    const is_program = path.startsWith("/") && (OWN === null || !path.startsWith(OWN));
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

  /** The number of this call's stack; undefined if no frame in it is the program's. */
  number(): number | undefined {
    const all = call_sites();
    let key = "";
    for (const site of all) {
      if (file_of(site) !== null)
        key += `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}\n`;
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
    const mapped = node_module()
      .findSourceMap(site.getFileName() as string)
      ?.findEntry(line - 1, (site.getColumnNumber() ?? 1) - 1);
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
