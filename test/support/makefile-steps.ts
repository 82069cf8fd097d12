/** Steps on a file over a socket, here and in Python: the outcome of each must be the same. */
import { expect } from "vitest";

import * as socket from "iomux/socket";

import { attempt, differences, for_python, python } from "./python.ts";

/** What is done to the file, its socket or the peer, and with which arguments. */
export type Step = readonly [who: "file" | "sock" | "peer", what: string, ...args: unknown[]];

export interface Scenario {
  readonly mode: unknown;
  readonly buffering?: unknown;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
}

const program = `
import socket

def told(value):
    if isinstance(value, (bytes, bytearray)): return ["bytes", text_of(value)]
    if isinstance(value, (list, tuple)): return [type(value).__name__, [told(item) for item in value]]
    if value is None or isinstance(value, (bool, int, str)): return value
    return type(value).__name__

def outcome(function):
    try:
        return told(function())
    except Exception as error:
        return ["error", type(error).__name__, str(error), getattr(error, "characters_written", None)]

def do(target, what, *args):
    if what == "iterate": return list(target)
    if what == "next": return next(target, None)
    if what == "fileno": return target.fileno() >= 0
    value = getattr(target, what, None)
    if value is not None and what.startswith("readinto") and isinstance(args[0], int):
        room = bytearray(args[0])
        return [value(room), room]
    return value(*args) if callable(value) else value

def run(scenario):
    mode, buffering, options, steps = [value_of(item) for item in scenario]
    sock, peer = socket.socketpair()
    sock.settimeout(0)
    peer.settimeout(0)
    outcomes = []
    who = {"sock": sock, "peer": peer}
    def open():
        who["file"] = sock.makefile(mode, buffering, **options)
        return type(who["file"]).__name__
    outcomes.append(outcome(open))
    for name, what, *args in steps:
        if name in who: outcomes.append(outcome(lambda: do(who[name], what, *args)))
    return outcomes

answers = [run(scenario) for scenario in questions]
`;

/** What Python tells of the scenarios. */
function theirs(scenarios: readonly Scenario[]): unknown[] {
  const questions = scenarios.map(({ mode, buffering = null, options = {}, steps }) => {
    return [mode, buffering, options, steps].map(for_python);
  });
  return python(program, questions) as unknown[];
}

function told(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return ["bytes", Buffer.from(value).toString("base64")];
  if (Array.isArray(value)) return [Object.isFrozen(value) ? "tuple" : "list", value.map(told)];
  return typeof value === "object" ? value.constructor.name : value;
}

function outcome(run: () => unknown): unknown {
  try {
    return told(run());
  } catch (error) {
    const {
      name,
      message,
      characters_written = null,
    } = error as Error & {
      characters_written?: number;
    };
    return ["error", name, message, characters_written];
  }
}

type Target = Record<string, unknown> & Iterable<unknown> & Iterator<unknown>;

function act(target: Target, what: string, args: readonly unknown[]): unknown {
  if (what === "iterate") return [...target];
  if (what === "next") return target.next().value;
  const value = target[what];
  if (typeof value !== "function") return value;
  if (what.startsWith("readinto") && typeof args[0] === "number") {
    const room = Buffer.alloc(args[0]);
    return [value.call(target, room), room];
  }
  const result: unknown = value.apply(target, args);
  return what === "fileno" ? (result as number) >= 0 : result;
}

/** What this package does in a scenario. */
function ours({ mode, buffering, options, steps }: Scenario): unknown[] {
  const [sock, peer] = socket.socketpair();
  sock.settimeout(0);
  peer.settimeout(0);
  const who: Record<string, unknown> = { sock, peer };
  const outcomes = [
    outcome(() => {
      who["file"] = sock.makefile(mode as "r", buffering as number, options);
      return who["file"];
    }),
  ];
  for (const [name, what, ...args] of steps) {
    if (!(name in who)) continue;
    outcomes.push(
      outcome(() => {
        const result = act(who[name] as Target, what, args);
        if (what === "detach") who["detached"] = result;
        return result;
      }),
    );
  }
  // A file that was detached is closed by what came of it.
  attempt(() => (who["file"] as socket.socket).close());
  attempt(() => (who["detached"] as socket.socket).close());
  sock.close();
  peer.close();
  return outcomes;
}

export function expect_same(scenarios: readonly Scenario[]): void {
  expect(differences(scenarios, theirs(scenarios), ours)).toEqual([]);
}

export const newlines: readonly (string | null)[] = [null, "", "\n", "\r", "\r\n"];
