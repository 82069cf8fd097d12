/** Prepares programs: how to start each kind, and where its recording comes from. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import type { Header } from "../../lib/trace/recording.ts";
import { UsageError } from "../usage-error.ts";
import type { PreparedProgram } from "./child.ts";
import type { InProcessFault } from "./faults.ts";
import { net_command } from "./net.ts";
import { python_command } from "./python.ts";
import { is_required, loaders_for } from "./typescript.ts";

/** A script and its arguments. */
export interface Program {
  readonly script: string;
  readonly args: readonly string[];
}

/** What to record of a program besides its calls, and what to change in it. */
export interface PrepareOptions {
  readonly why: boolean;
  readonly watch: readonly string[];
  /** What DefaultSelector is, in a program on iomux. */
  readonly selector?: string;
  readonly faults: readonly InProcessFault[];
}

/** What register.ts reads from the environment. */
export interface RegisterOptions {
  readonly modules: Readonly<Record<"trace" | "socket" | "signal", string>>;
  /** Whether the program gets its modules by `require`: tsx makes others of them than by `import`. */
  readonly requires: boolean;
  /** The main thread's file; those of other threads have their number behind it. */
  readonly output: string;
  readonly argv: readonly string[];
  readonly why: boolean;
  readonly watch: readonly string[];
  readonly faults: readonly InProcessFault[];
}

/** What a script runs on, judged by its name and by what it and the files beside it import. */
export function runs_on(script: string): Header["runs_on"] {
  if (!existsSync(script)) throw new UsageError(`No such file: ${script}.`);
  if (extname(script) === ".py") return "python";
  if (!/^\.[cm]?[jt]s$/.test(extname(script))) {
    throw new UsageError(`${script} is not a TypeScript, JavaScript or Python program.`);
  }
  // Its own imports say more than those of its files, one of which may have both.
  const all = imports_of(script);
  for (const modules of [new Set(names_in(script)), all]) {
    if ([...modules].some((name) => SOCKETS.has(name))) return "iomux";
    if (modules.has("net") || modules.has("node:net")) return "net";
  }
  // Whatever else is imported may use iomux.
  return [...all].some((name) => !isBuiltin(name)) ? "iomux" : "net";
}

const SOCKETS: ReadonlySet<string> = new Set([
  "iomux",
  "iomux/socket",
  "iomux/selectors",
  "iomux/select",
]);

/** The modules that a script imports or requires, itself or in files of its own. */
function imports_of(
  script: string,
  modules: Set<string> = new Set(),
  seen: Set<string> = new Set(),
): Set<string> {
  seen.add(script);
  for (const name of names_in(script)) {
    if (!/^\.{0,2}\//.test(name)) {
      modules.add(name);
      continue;
    }
    const path = resolve(dirname(script), name);
    // The name that TypeScript wants is that of the file which it will be.
    const files = [path, path.replace(/js$/, "ts"), `${path}.ts`, `${path}.js`, `${path}.cjs`];
    const file = files.find((one) => existsSync(one) && statSync(one).isFile());
    // Another package's, if it is there at all.
    if (file === undefined || manifest_of(file) !== manifest_of(script)) modules.add(name);
    else if (!seen.has(file)) imports_of(file, modules, seen);
  }
  return modules;
}

/** What a file imports or requires, as it says it. */
function names_in(file: string): string[] {
  const imports = /\b(?:from|import|require)\s*\(?\s*(["'])([^"']+)\1/g;
  return Array.from(readFileSync(file, "utf8").matchAll(imports), ([, , name]) => name);
}

/** Prepares a program to record into `folder`, where `number` names its files. */
export function prepare(
  program: Program,
  options: PrepareOptions,
  folder: string,
  number: number,
): PreparedProgram {
  const on = runs_on(program.script);
  if (on === "iomux") return with_tap(program, options, folder, number);
  if (options.faults.length > 0) {
    throw new UsageError(
      `--fault ${options.faults.join(", ")} needs a program on iomux, and ${program.script} runs on ${on}.`,
    );
  }
  const own = join(folder, String(number));
  const command = on === "python" ? python_command : net_command;
  return command(program.script, program.args, own);
}

function with_tap(
  { script, args }: Program,
  { selector, why, watch, faults }: PrepareOptions,
  folder: string,
  number: number,
): PreparedProgram {
  const modules = {
    trace: module_of(script, "trace"),
    socket: module_of(script, "socket"),
    signal: module_of(script, "signal"),
  };
  const registration: RegisterOptions = {
    modules,
    requires: is_commonjs(script),
    output: join(folder, `${number}.jsonl`),
    argv: [script, ...args],
    why,
    watch,
    faults,
  };
  // Beside this module in the bundle.
  const register = is_required(script)
    ? `--require=${fileURLToPath(new URL("register-required.js", import.meta.url))}`
    : `--import=${new URL("register.js", import.meta.url).href}`;
  return {
    command: [process.execPath, ...loaders_for(script), register, script, ...args],
    env: {
      IOMUX_TRACE: JSON.stringify(registration),
      ...(selector !== undefined && { IOMUX_SELECTOR: selector }),
    },
    async recorded() {
      // Reading needs the addon, which `iomux doctor` has to do without.
      const { read } = await import("../recording/read.ts");
      const threads = readdirSync(folder)
        .filter((name) => /^\d+\.jsonl(\.\d+)?$/.test(name) && name.startsWith(`${number}.`))
        .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
        .map((name) => join(folder, name));
      // Node may have refused the script before register.ts ran.
      return threads.filter((file) => statSync(file).size > 0).map((file) => read(file).lines);
    },
  };
}

/** Whether a script is a CommonJS module, by its name and the package.json above it. */
function is_commonjs(script: string): boolean {
  const [, kind] = /\.([cm]?)[jt]s$/.exec(script) ?? [];
  if (kind !== "") return kind === "c";
  const manifest = manifest_of(script);
  if (manifest === null) return true;
  return (JSON.parse(readFileSync(manifest, "utf8")) as { type?: string }).type !== "module";
}

/** The package.json of the package that a file is in; null if it is in none. */
function manifest_of(file: string): string | null {
  for (let folder = dirname(realpathSync(file)); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest)) return manifest;
    if (folder === dirname(folder)) return null;
  }
}

/** A module of the iomux that a script imports, or of this command's if the script finds none. */
function module_of(script: string, name: string): string {
  try {
    const path = createRequire(resolve(script)).resolve(`iomux/${name}`);
    return pathToFileURL(path).href;
  } catch {
    return import.meta.resolve(`iomux/${name}`);
  }
}
