/** The addon: whether it loads, from where, and whether its sockets work. */
import { homedir } from "node:os";
import { sep } from "node:path";

import type * as Socket from "../../lib/socket.ts";
import type { Addon, Attempt, Missing, Selectors } from "./report.ts";

/** All that must be asked of the addon itself. */
export interface Examined {
  readonly addon: Addon | Missing;
  readonly selectors: Selectors | null;
  readonly sockets: readonly Attempt[];
  readonly fd_setsize: number | null;
}

/** Loads the addon and tries its sockets; what fails is in the result. */
export async function examine(): Promise<Examined> {
  let native, addon_file;
  try {
    // Not before, as it may throw.
    ({ native, addon_file } = await import("../../lib/native.ts"));
  } catch (error) {
    return { addon: { errors: messages(error) }, selectors: null, sockets: [], fd_setsize: null };
  }
  const sockets = attempts(await import("../../lib/socket.ts"));
  const all = {
    addon: { ...binary(addon_file), backend: native.platform },
    sockets,
    fd_setsize: native.constants.FD_SETSIZE ?? null,
  };
  try {
    return { ...all, selectors: await selectors() };
  } catch (error) {
    // IOMUX_SELECTOR names one that is not here.
    const failed = { what: "selectors", error: (error as Error).message, optional: false };
    return { ...all, selectors: null, sockets: [failed, ...sockets] };
  }
}

/** An error's message, and those of its causes. */
function messages(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  return [error.message, ...(error.cause === undefined ? [] : messages(error.cause))];
}

/** The binary that is loaded. */
function binary(path: string): Omit<Addon, "backend"> {
  const home = homedir() + sep;
  const ways: readonly (readonly [boolean, string])[] = [
    [process.env.IOMUX_ADDON !== undefined, "IOMUX_ADDON names it"],
    [path.includes("prebuilds"), "prebuilt, came with the package"],
  ];
  const why = ways.find(([is_so]) => is_so)?.[1] ?? "built on this machine";
  return { path: path.startsWith(home) ? `~${sep}${path.slice(home.length)}` : path, why };
}

async function selectors(): Promise<Selectors> {
  const all = await import("../../lib/selectors.ts");
  const { EpollSelector, KqueueSelector, PollSelector, SelectSelector } = all;
  // Those that the system lacks are undefined.
  const classes: readonly ({ readonly name: string } | undefined)[] = [
    EpollSelector,
    KqueueSelector,
    PollSelector,
    SelectSelector,
  ];
  return {
    available: classes.flatMap((selector) => selector?.name ?? []),
    default: all.DefaultSelector.name,
  };
}

function attempts(socket: typeof Socket): Attempt[] {
  const loopback = (family: number, host: string) => () => {
    using server = new socket.socket(family);
    server.bind([host, 0]);
    server.listen();
    const client = new socket.socket(family);
    client.settimeout(SECONDS);
    client.connect(server.getsockname()!);
    server.settimeout(SECONDS);
    return [client, server.accept()[0]] as const;
  };
  return [
    { what: "TCP over IPv4", optional: false, pair: loopback(socket.AF_INET, "127.0.0.1") },
    { what: "TCP over IPv6", optional: true, pair: loopback(socket.AF_INET6, "::1") },
    { what: "AF_UNIX", optional: false, pair: () => socket.socketpair() },
  ].map(({ what, optional, pair }) => ({ what, optional, error: attempt(pair) }));
}

/** How long a call may wait, which is for nothing but this process. */
const SECONDS = 5;

/** Sends a message from one socket to the other; what goes wrong, or null. */
function attempt(pair: () => readonly [Socket.socket, Socket.socket]): string | null {
  try {
    const [client, server] = pair();
    using _one = client;
    using _other = server;
    server.settimeout(SECONDS);
    client.sendall(Buffer.from("hello"));
    const received = server.recv(16).toString();
    return received === "hello" ? null : `received ${JSON.stringify(received)} for "hello"`;
  } catch (error) {
    return (error as Error).message;
  }
}
