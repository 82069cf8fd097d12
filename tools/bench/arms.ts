/** What is measured: the same servers in several languages and libraries. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";

import { PACKAGE } from "../record/package.ts";
import type { RegisterOptions } from "../record/program.ts";
import { BUILD, SERVERS } from "./build.ts";

/** What a server does: the modes of scripts/bench/servers/, and the tutorial's application. */
export type Mode = "echo" | "broadcast" | "http" | "udp" | "app";

/** A command and its arguments, before host and port; what follows them. */
interface ServerProgram {
  readonly command: readonly string[];
  readonly rest?: readonly string[];
}

export interface Arm {
  readonly name: string;
  /** One sentence for the report. */
  readonly about: string;
  /** In charts; of middle lightness, to show on white and on black. */
  readonly colour: string;
  /** What prints its version, and fails where it is not installed. */
  readonly version: readonly string[];
  readonly programs: Readonly<Partial<Record<Mode, ServerProgram>>>;
  /** Whether it runs on Node.js, which reports the time that garbage collection takes. */
  readonly is_node?: boolean;
  /** Whether it is measured only when it is named: nobody would use such a server, or it is no equal. */
  readonly by_name?: boolean;
  /** Whether it uses several processors. */
  readonly is_parallel?: boolean;
}

const servers = `${PACKAGE}scripts/bench/servers/`;
/** A program of scripts/, as tools/build.ts bundles it. */
const node = (file: string) => [process.execPath, `${SERVERS}${file}.js`];
const node_version = [process.execPath, "--version"];
const python_version = ["python3", "--version"];

const built = (name: string) => pathToFileURL(`${PACKAGE}dist/${name}.js`).href;

/** A program as `iomux trace` would start it, recorded into /dev/null. */
function traced([program, ...args]: readonly string[]): string[] {
  const registration: RegisterOptions = {
    modules: { trace: built("trace"), socket: built("socket"), signal: built("signal") },
    requires: false,
    output: "/dev/null",
    argv: args,
    why: false,
    watch: [],
    faults: [],
  };
  const told = `IOMUX_TRACE=${JSON.stringify(registration)}`;
  return ["env", told, program, `--import=${built("tools/register")}`, ...args];
}

/** The same command in several modes: the mode is its third argument. */
function modes(
  command: readonly string[],
  names: readonly Mode[],
  rest: readonly string[] = [],
): Arm["programs"] {
  return Object.fromEntries(names.map((mode) => [mode, { command, rest: [mode, ...rest] }]));
}

/** iomux on so many threads. */
export function on_workers(count: number): Arm {
  return {
    name: "iomux workers",
    about: `iomux on ${count} worker threads that share a port (SO_REUSEPORT); see --workers.`,
    colour: "#7d3c0f",
    version: node_version,
    by_name: true,
    is_parallel: true,
    programs: modes(node("bench/servers/iomux-workers"), ["echo", "http"], [String(count)]),
  };
}

export const arms: readonly Arm[] = [
  {
    name: "c",
    about: "Only the system calls: the limit.",
    colour: "#7a7f87",
    version: ["c++", "--version"],
    programs: modes([`${BUILD}echo-epoll`], ["echo", "broadcast", "http", "udp"]),
  },
  {
    name: "c io_uring",
    about:
      "The same by io_uring's multishot poll, without epoll, accepting in bursts. Only when named.",
    colour: "#4f5359",
    version: ["c++", "--version"],
    by_name: true,
    programs: modes([`${BUILD}echo-uring`], ["echo"]),
  },
  {
    name: "iomux",
    about: "DefaultSelector (epoll) and recv(), like python.",
    colour: "#d2571c",
    version: node_version,
    is_node: true,
    programs: modes(node("bench/servers/iomux"), ["echo", "broadcast", "http", "udp"]),
  },
  ...[
    ["poll", "PollSelector", "#e08a4f"],
    ["select", "SelectSelector", "#e8b23a"],
  ].map(([kind, selector, colour]) => ({
    name: `iomux ${kind}`,
    about: `The same program on ${selector}.`,
    colour,
    version: node_version,
    is_node: true,
    programs: modes(node("bench/servers/iomux"), ["echo"], [kind]),
  })),
  {
    name: "iomux async",
    about: "The same program on select_async: Node's event loop waits, and can do other things.",
    colour: "#a8821e",
    version: node_version,
    is_node: true,
    programs: modes(node("bench/servers/iomux"), ["echo", "http"], ["async"]),
  },
  {
    name: "iomux recv_into",
    about: "DefaultSelector, receiving into one reused buffer.",
    colour: "#b3364e",
    version: node_version,
    is_node: true,
    programs: modes(node("bench/servers/iomux-recv-into"), ["echo"]),
  },
  {
    name: "iomux traced",
    about: "iomux while `iomux trace` records it: the cost of recording. Only when named.",
    colour: "#9b6a45",
    version: node_version,
    by_name: true,
    programs: modes(traced(node("bench/servers/iomux")), ["echo"]),
  },
  {
    name: "iomux batch",
    about: "Datagrams by recvmmsg and sendmmsg, up to 64 by one system call.",
    colour: "#c4602f",
    version: node_version,
    is_node: true,
    programs: modes(node("bench/servers/iomux-batch"), ["udp"]),
  },
  on_workers(availableParallelism()),
  {
    name: "iomux tutorial",
    about: "The tutorial's unmodified multiconn-server and app-server, printing all they do.",
    colour: "#c77fa6",
    version: node_version,
    is_node: true,
    programs: {
      echo: { command: node("multiconn-server") },
      app: { command: node("app-server") },
    },
  },
  {
    name: "net",
    about: "Idiomatic node:net, node:http and node:dgram; scripts/net/ for the application.",
    colour: "#2f7f4f",
    version: node_version,
    is_node: true,
    programs: {
      ...modes(node("bench/servers/net"), ["echo", "broadcast", "http", "udp"]),
      app: { command: node("net/app-server") },
    },
  },
  {
    name: "net onread",
    about: "node:net, receiving into one reused buffer.",
    colour: "#6aa84f",
    version: node_version,
    is_node: true,
    programs: modes(node("bench/servers/net-onread"), ["echo"]),
  },
  {
    name: "python",
    about: "Python's selectors: the same program as iomux, line for line.",
    colour: "#3b76b8",
    version: python_version,
    programs: modes(["python3", `${servers}python.py`], ["echo", "broadcast", "http", "udp"]),
  },
  {
    name: "python tutorial",
    about: "The tutorial's unmodified programs.",
    colour: "#7fb0de",
    version: python_version,
    programs: {
      echo: { command: ["python3", `${PACKAGE}scripts/multiconn-server.py`] },
      app: { command: ["python3", `${PACKAGE}scripts/app-server.py`] },
    },
  },
  {
    name: "bun",
    about: "Bun.listen, Bun.serve and Bun.udpSocket.",
    colour: "#8d63c4",
    version: ["bun", "--version"],
    programs: modes(["bun", `${servers}bun.js`], ["echo", "broadcast", "http", "udp"]),
  },
  {
    name: "deno",
    about: "Deno.listen, Deno.serve and Deno.listenDatagram.",
    colour: "#4aa5a5",
    version: ["deno", "--version"],
    programs: modes(
      ["deno", "run", "--unstable-net", "--allow-net", `${servers}deno.js`],
      ["echo", "broadcast", "http", "udp"],
    ),
  },
];

/** The servers in C++ that these arms run, by the names of their sources. */
export function compiled(some: readonly Arm[]): string[] {
  const commands = some.flatMap(({ programs }) => Object.values(programs));
  const files = commands
    .map(({ command: [file] }) => file)
    .filter((file) => file.startsWith(BUILD));
  return [...new Set(files)].map((file) => file.slice(BUILD.length));
}

/** The programs of scripts/ that the arms' commands want bundled, without their endings. */
export const bundled: readonly string[] = arms
  .flatMap(({ programs }) => Object.values(programs).flatMap(({ command }) => command))
  .filter((word) => word.startsWith(SERVERS))
  .map((word) => word.slice(SERVERS.length, -".js".length));

/** The first line of an arm's version; null where it is not installed. */
export function version_of({ version: [command, ...args] }: Arm): string | null {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n")[0] : null;
}

/** The command line of an arm's server. */
export function command_of(arm: Arm, mode: Mode, host: string, port: number): readonly string[] {
  const { command, rest = [] } = arm.programs[mode]!;
  return [...command, host, String(port), ...rest];
}
