/** Runs the commands of a scenario, in an environment that does not know of this project. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";

/** A command did not end as expected. The message has its output. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
}

export interface Where {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the command must fail. */
  readonly fails?: true;
  /** The user and group to run as. */
  readonly uid?: number;
}

/** Variables that `npm run` sets for its scripts, and those that would choose another addon. */
const PROJECTS_OWN = [
  /^npm_(?:lifecycle|package|command|execpath|node_execpath)/,
  /^npm_config_(?:(?:local_|global_)?prefix|userconfig|globalconfig|loglevel)$/,
  /^(?:INIT_CWD|IOMUX_ADDON|NODE_OPTIONS|PREBUILDS_ONLY)$/,
];

/** The environment, without what belongs to this project and the `npm run` that started this program. */
export function outside(): Record<string, string> {
  const pairs = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || PROJECTS_OWN.some((pattern) => pattern.test(name))
      ? []
      : [[name, value] as const],
  );
  const path = (process.env.PATH ?? "").split(delimiter);
  const own = /node_modules\/\.bin|node-gyp-bin/;
  const PATH = path.filter((folder) => !own.test(folder)).join(delimiter);
  return { ...Object.fromEntries(pairs), PATH, NO_COLOR: "1", npm_config_update_notifier: "false" };
}

/** Resolves to what a command writes, or rejects if it does not end as expected. */
export async function run(command: string, args: readonly string[], where: Where): Promise<string> {
  const child = spawn(command, args, {
    cwd: where.cwd,
    env: { ...outside(), ...where.env },
    ...(where.uid === undefined ? {} : { uid: where.uid, gid: where.uid }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? ""));
  });
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const output = `${out}${err}`;
  if ((status !== 0) !== (where.fails ?? false)) {
    const what = where.fails ? "did not fail" : `ended with ${status}`;
    throw new CommandError(`${[command, ...args].join(" ")}\n${what}:\n${output}`);
  }
  return output;
}

/** Commands that compile, and those that others need to have something compiled. */
export const COMPILERS = /^(?:.*-)?(?:g\+\+|gcc|cc|c\+\+|c89|c99|clang(?:\+\+)?)(?:-[\d.]+)?$/;
export const BUILD_TOOLS = /^(?:g?make|cmake|ninja|node-gyp|python[\d.]*)$/;

/** A folder for PATH, with links to all commands but some. */
export function path_without(commands: RegExp, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const linked = new Set(readdirSync(folder));
  for (const from of outside().PATH.split(delimiter)) {
    for (const name of commands_in(from)) {
      if (linked.has(name) || commands.test(name)) continue;
      linked.add(name);
      symlinkSync(join(from, name), join(folder, name));
    }
  }
  return folder;
}

function commands_in(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // PATH may name folders that are not there.
    return [];
  }
}
