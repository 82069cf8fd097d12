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

/** The call sites outside of a function, innermost first; those of iomux too. */
function call_sites(inside: Inside, deepest: number): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error;
  const prepareStackTrace = Reflect.get(Error, "prepareStackTrace");
  const holder: { stack?: readonly NodeJS.CallSite[] } = {};
  Error.prepareStackTrace = as_they_are;
  Error.stackTraceLimit = deepest;
  Error.captureStackTrace(holder, inside);
  const sites = holder.stack ?? [];
  Error.stackTraceLimit = stackTraceLimit;
  Error.prepareStackTrace = prepareStackTrace;
  return sites;
}

type Inside = (...args: never[]) => unknown;

function as_they_are(_: unknown, sites: readonly NodeJS.CallSite[]): readonly NodeJS.CallSite[] {
  return sites;
}

/** Where in its file a site is: V8 must count lines for the line, and only knows the position. */
function position_of(site: NodeJS.CallSite & { getPosition?(): number }): number {
  return site.getPosition?.() ?? (site.getLineNumber() ?? 0) * 1e4 + (site.getColumnNumber() ?? 0);
}

/** Whether this is where Node runs a module's own code. */
function runs_modules(site: NodeJS.CallSite | undefined): boolean {
  return site?.getFileName()?.startsWith("node:internal/modules/") === true;
}

/** A site, and the sites seen further out. */
class Place {
  readonly file: string | null;
  /** By their position. */
  readonly outer = new Map<number, Place[]>();
  /** The stack that ends here: null where no frame is the program's, undefined where none ends. */
  stack: number | null | undefined;
  /** Whether this is a module's own code. It runs once: whatever is further out is the same each time. */
  is_module = false;

  constructor(file: string | null) {
    this.file = file;
  }

  /** The place that a site further out is, if it was seen before. */
  find(site: NodeJS.CallSite): Place | undefined {
    const places = this.outer.get(position_of(site));
    if (places === undefined) return undefined;
    const file = site.getFileName() ?? null;
    return places.find((place) => place.file === file);
  }

  add(site: NodeJS.CallSite): Place {
    const place = new Place(site.getFileName() ?? null);
    const position = position_of(site);
    this.outer.set(position, [...(this.outer.get(position) ?? []), place]);
    return place;
  }
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
  readonly #innermost = new Place(null);
  readonly #known = new Map<string, number>();
  /** How deep the stacks of a function's calls have been: each frame costs time. */
  readonly #deepest = new Map<Inside, number>();
  readonly #folder: string;
  readonly #emit: (stack: Stack, files: ReadonlyMap<string, string>) => void;

  /** `emit` gets each new stack, and the files of its frames by the names they have in it. */
  constructor(folder: string, emit: (stack: Stack, files: ReadonlyMap<string, string>) => void) {
    this.#folder = folder;
    this.#emit = emit;
  }

  /** The number of the stack that a function was called from; null if no frame in it is the program's. */
  number(inside: Inside): number | null {
    const deepest = this.#deepest.get(inside);
    const known = deepest === undefined ? undefined : this.#find(inside, deepest);
    return known === undefined ? this.#learn(inside) : known;
  }

  #find(inside: Inside, deepest: number): number | null | undefined {
    const sites = call_sites(inside, deepest);
    let place = this.#innermost;
    for (const site of sites) {
      const next = place.find(site);
      if (next === undefined || next.is_module) return next?.stack;
      place = next;
    }
    const is_whole = sites.length < deepest || deepest === DEEPEST;
    return is_whole ? place.stack : undefined;
  }

  #learn(inside: Inside): number | null {
    const all = call_sites(inside, DEEPEST);
    const last = all.findLastIndex((site) => file_of(site) !== null);
    const is_module = last >= 0 && runs_modules(all[last + 1]);
    const end = is_module ? last + 1 : all.length;
    let place = this.#innermost;
    for (const site of all.slice(0, end)) place = place.find(site) ?? place.add(site);
    place.is_module = is_module;
    place.stack = this.#number_of(all.filter((site) => file_of(site) !== null));
    // One more tells that nothing is further out.
    const needed = Math.min(is_module ? end : end + 1, DEEPEST);
    this.#deepest.set(inside, Math.max(needed, this.#deepest.get(inside) ?? 0));
    return place.stack;
  }

  /** The number of the program's own frames, which get one when they are new. */
  #number_of(sites: readonly NodeJS.CallSite[]): number | null {
    if (sites.length === 0) return null;
    const key = sites
      .map((site) => `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`)
      .join("\n");
    let number = this.#known.get(key);
    if (number === undefined) {
      number = this.#known.size;
      this.#known.set(key, number);
      const files = new Map<string, string>();
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
