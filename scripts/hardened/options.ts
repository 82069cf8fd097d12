/** The command line of the servers: every limit is a flag. */
import { parseArgs } from "node:util";

import { print } from "iomux/builtins";
import * as sys from "iomux/sys";

/** Each flag with its default and what it says. */
const FLAGS = {
  "max-connections": [
    1000,
    "at a time; one more closes the one that has been without an answer for longest",
  ],
  "max-buffer": [262144, "bytes that may wait for a peer to read them"],
  "max-header": [4096, "bytes of a request's header"],
  "max-content": [65536, "bytes of a request's content"],
  "max-requests": [1000, "requests that one connection may send"],
  "idle-timeout": [60, "seconds without a byte from or to a peer"],
  "request-timeout": [10, "seconds that a request may take to arrive"],
  "drain-timeout": [5, "seconds that connections get to end after SIGTERM and SIGINT"],
  workers: [0, "processes that share the port; SIGHUP replaces them; 0: this process alone"],
} as const;

/** Every flag by its name, and where to listen. */
export type Options = Readonly<Record<keyof typeof FLAGS, number>> & {
  readonly host: string;
  readonly port: number;
  /** A descriptor that listens already, from the process that has started this one. */
  readonly "listener-fd": number | null;
};

/** The options of a program that has these flags. Ends it if they are wrong. */
export function parse(names: readonly (keyof typeof FLAGS)[]): Options {
  const usage = `Usage: ${sys.argv[0]} [options] <host> <port>`;
  const strings = Object.fromEntries(
    [...names, "listener-fd"].map((name) => [name, { type: "string" }] as const),
  );
  const options = { ...strings, help: { type: "boolean", short: "h" } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: sys.argv.slice(1), options, allowPositionals: true });
  } catch (error) {
    return wrong(usage, (error as Error).message);
  }
  const values = parsed.values as Readonly<Record<string, string | undefined>>;
  if (values.help !== undefined) help(usage, names);
  if (parsed.positionals.length !== 2) wrong(usage, "host and port are required");
  const [host, port] = parsed.positionals;
  const number = (name: string, text: string) => {
    // Number("") is 0.
    if (!/^\d+(?:\.\d+)?$/.test(text)) wrong(usage, `${name} must be a number, not '${text}'`);
    return Number(text);
  };
  const flags = Object.entries(FLAGS).map(([name, [usual]]) => {
    const text = values[name];
    return [name, text === undefined ? usual : number(`--${name}`, text)] as const;
  });
  if (Number(values["max-connections"] ?? 1) < 1)
    wrong(usage, "--max-connections must be at least 1");
  const fd = values["listener-fd"];
  return {
    ...(Object.fromEntries(flags) as Record<keyof typeof FLAGS, number>),
    host,
    port: number("port", port),
    "listener-fd": fd === undefined ? null : number("--listener-fd", fd),
  };
}

function help(usage: string, names: readonly (keyof typeof FLAGS)[]): never {
  print(`${usage}\n`);
  for (const name of names) {
    const [usual, text] = FLAGS[name];
    print(`  ${`--${name} N`.padEnd(20)} ${text} (${usual})`);
  }
  return sys.exit(0);
}

function wrong(usage: string, text: string): never {
  console.error(`${usage}\n${sys.argv[0]}: error: ${text}`);
  return sys.exit(2);
}
