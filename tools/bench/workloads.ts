/** What the servers have to do. */
import type { Mode } from "./arms.ts";

/** The options of native/bench/options.h. */
type LoadOptions = Readonly<Record<string, number | string>>;

export interface Workload {
  /** What `--only` matches. */
  readonly name: string;
  readonly about: string;
  readonly mode: Mode;
  /** What the load does: the first argument of build-bench/load. */
  readonly load: "echo" | "churn" | "ask" | "exchange" | "fanout" | "udp";
  readonly options: LoadOptions;
  /** Arms that cannot do this at all, and why. */
  readonly without?: Readonly<Record<string, string>>;
  readonly is_quick?: boolean;
}

const sizes: readonly (readonly [label: string, bytes: number])[] = [
  ["64B", 64],
  ["1KiB", 1024],
  ["16KiB", 16_384],
  ["128KiB", 131_072],
];

/** select(2) cannot watch descriptors above 1023. */
const no_select = { "iomux select": "more descriptors than select(2) can have" };
/** A server that prints every message it echoes cannot keep up with many or large ones. */
const printing = "it prints every byte it echoes";
const no_tutorial = { "iomux tutorial": printing, "python tutorial": printing };

const echoes: readonly Workload[] = sizes.flatMap(([label, size]) =>
  [1, 10, 100, 1000].flatMap((connections) =>
    [1, 16].map((depth): Workload => {
      const is_quick = connections === 100 && depth === 1 && (size === 64 || size === 16_384);
      return {
        name: `echo-${label}-${connections}-d${depth}`,
        about: `${label} messages over ${connections} connections, ${depth} in flight on each`,
        mode: "echo",
        load: "echo",
        options: { size, connections, depth },
        without: {
          ...(connections === 1000 ? no_select : {}),
          ...(size > 1024 || depth > 1 ? no_tutorial : {}),
        },
        is_quick,
      };
    }),
  ),
);

const idles: readonly Workload[] = [0, 100, 1000, 10_000].map((idle) => ({
  name: `idle-${idle}`,
  about: `10 busy connections among ${idle} idle ones`,
  mode: "echo",
  load: "echo",
  options: { connections: 10, idle },
  without: { ...(idle >= 1000 ? no_select : {}), ...no_tutorial },
}));

export const workloads: readonly Workload[] = [
  ...echoes,
  {
    name: "open-64B-100",
    about: "64-byte messages over 100 connections, 20,000 a second whatever the server does",
    mode: "echo",
    load: "echo",
    options: { connections: 100, rate: 20_000 },
    without: no_tutorial,
  },
  {
    name: "churn",
    about: "connect, one 64-byte echo, close; 20 at a time",
    mode: "echo",
    load: "churn",
    options: { connections: 20 },
    is_quick: true,
  },
  {
    name: "http",
    about: "HTTP requests over 100 connections that are kept, 1 at a time on each",
    mode: "http",
    load: "ask",
    options: { connections: 100 },
  },
  {
    name: "app",
    about: "the tutorial's application: connect, one search request, its response, close",
    mode: "app",
    load: "exchange",
    options: { connections: 20 },
  },
  ...idles,
  {
    name: "fanout",
    about: "one 64-byte message to 1,000 connections",
    mode: "broadcast",
    load: "fanout",
    options: { connections: 1000 },
  },
  {
    name: "udp",
    about: "64-byte datagrams from 50 clients",
    mode: "udp",
    load: "udp",
    options: { connections: 50 },
  },
];
