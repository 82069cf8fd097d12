/** Small scenes on real sockets, recorded in this process: what is recorded has really happened. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import type { Call, Line } from "iomux/trace";
import * as trace from "iomux/trace";

import { Command } from "./commands.ts";

export type Selector = selectors.BaseSelector<unknown, socket.socket>;

/** Runs a scene, and returns its recording. */
export function recorded(scene: () => void): Line[] {
  const folder = mkdtempSync(join(tmpdir(), "iomux-scene-"));
  const path = join(folder, "scene.jsonl");
  const recording = trace.start(path, { why: true, argv: ["scene.ts"] });
  try {
    scene();
  } finally {
    recording.stop();
  }
  return lines_of(path, folder);
}

/** Runs `npx iomux trace` with these arguments, and returns the recording. */
export async function traced(...args: readonly string[]): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), "iomux-traced-"));
  const path = join(folder, "run.jsonl");
  const tool = [process.execPath, "build-test/tools/iomux.js", "trace", "-q", "-o", path];
  await new Command([...tool, ...args]).ended;
  return lines_of(path, folder);
}

function lines_of(path: string, folder: string): Line[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  rmSync(folder, { recursive: true });
  return lines.map((line) => JSON.parse(line) as Line);
}

/** The calls of a recording, by their numbers. */
export function calls_of(lines: readonly Line[]): Call[] {
  return lines.filter((line) => line.kind === "call");
}

/** A non-blocking listener on a port that is free. */
export function listener(backlog: number = 16): socket.socket {
  const lsock = new socket.socket();
  lsock.bind(["127.0.0.1", 0]);
  lsock.listen(backlog);
  lsock.setblocking(false);
  return lsock;
}

/** Where a listener is to be reached. */
export function address(lsock: socket.socket): readonly [host: string, port: number] {
  return lsock.getsockname() as readonly [string, number];
}

/** Both ends of a new connection: the client's is blocking, the server's is not. */
export function connection(
  lsock: socket.socket,
): readonly [client: socket.socket, conn: socket.socket] {
  const client = new socket.socket();
  client.connect(address(lsock));
  const [conn] = lsock.accept();
  conn.setblocking(false);
  return [client, conn];
}

/**
 * Runs a scene with a selector, a listener and so many connections that the selector watches for
 * these events; closes all of it afterwards.
 */
export function with_connections(
  count: number,
  events: number,
  scene: (
    sel: Selector,
    clients: readonly socket.socket[],
    conns: readonly socket.socket[],
  ) => void,
  make: () => Selector = () => new selectors.DefaultSelector(),
): Line[] {
  return recorded(() => {
    using sel = make();
    using lsock = listener();
    const pairs = Array.from({ length: count }, () => connection(lsock));
    for (const [, conn] of pairs) sel.register(conn, events);
    try {
      scene(
        sel,
        pairs.map(([client]) => client),
        pairs.map(([, conn]) => conn),
      );
    } finally {
      // As a program that has done with its loop.
      sel.close();
      for (const [client, conn] of pairs) {
        client.close();
        conn.close();
      }
    }
  });
}

/** The sockets that are ready, in their order. */
export function ready(sel: Selector, timeout: number | null = 5): socket.socket[] {
  return sel.select(timeout).map(([key]) => key.fileobj);
}
