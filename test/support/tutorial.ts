/**
 * The programs in scripts/, running: in TypeScript and in Python, each with a port that nobody else
 * has, and with what they print.
 */
import { Command, compiled } from "./commands.ts";
import type { Ending } from "./commands.ts";
import { reserve } from "./ports.ts";
import { PYTHON } from "./python.ts";
import { needs } from "./tools.ts";

/** "net": the same programs in TypeScript, on node:net. */
export type Language = "TypeScript" | "Python" | "net";

/** Server and client in all combinations; the last one is what the others are compared with. */
export const pairings: readonly (readonly [server: Language, client: Language])[] = [
  ["TypeScript", "TypeScript"],
  ["TypeScript", "Python"],
  ["Python", "TypeScript"],
  ["net", "net"],
  ["net", "Python"],
  ["Python", "net"],
  ["Python", "Python"],
];

/** The command line of one of the tutorial's programs. */
export function command(name: string, language: Language, args: readonly string[]): string[] {
  // -u: what it prints is to be there at once, as TypeScript's is.
  if (language === "Python") {
    needs("python3");
    return [PYTHON, "-u", `scripts/${name}.py`, ...args];
  }
  return [...compiled(`scripts/${language === "net" ? "net/" : ""}${name}.ts`), ...args];
}

export function start(name: string, language: Language, args: readonly string[] = []): Command {
  return new Command(command(name, language, args));
}

/** Starts a server that takes host and port, on a port of its own, and waits until it listens. */
export async function serve(
  name: string,
  language: Language,
): Promise<readonly [server: Command, port: number]> {
  const port = await reserve();
  const server = start(name, language, ["127.0.0.1", String(port)]);
  await server.printed("Listening on");
  return [server, port];
}

/** Runs a program to its end. */
export async function run(
  name: string,
  language: Language,
  args: readonly string[] = [],
): Promise<Ending> {
  return start(name, language, args).ended;
}

/**
 * A transcript without what differs from run to run: ports are named in the order in which they
 * appear. A server that accepts a connection has met a new client, even where the system gave it
 * the port of one long gone.
 */
export function without_ports(transcript: string): string {
  const names = new Map<string, string>();
  let count = 0;
  return transcript.replaceAll(
    /(^Accepted connection from )?\('127\.0\.0\.1', (\d+)\)/gm,
    (_, accepted: string | undefined, port: string) => {
      if (accepted !== undefined || !names.has(port)) names.set(port, `port${++count}`);
      return `${accepted ?? ""}('127.0.0.1', ${names.get(port)})`;
    },
  );
}
