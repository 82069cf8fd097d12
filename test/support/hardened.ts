/** The programs in scripts/hardened/, and how tests talk to them. */
import { expect } from "vitest";

import { Decoder } from "iomux/protocol";
import * as socket from "iomux/socket";

import type { Command } from "./commands.ts";
import { closing } from "./sockets.ts";
import { start } from "./tutorial.ts";

export const languages = ["TypeScript", "Python"] as const;
export type HardenedLanguage = (typeof languages)[number];

/** Starts a server with flags, on a port that the system chooses. */
export async function serve(
  name: string,
  language: HardenedLanguage,
  flags: readonly string[] = [],
): Promise<readonly [server: Command, port: number]> {
  const server = start(`hardened/${name}`, language, [...flags, "127.0.0.1", "0"]);
  await server.printed("Listening on");
  const [, port] = /\('127\.0\.0\.1', (\d+)\)/.exec(server.stdout)!;
  return [server, Number(port)];
}

/** A blocking connection. Should nothing come, the test is to fail and not to hang. */
export function connected(port: number): socket.socket {
  const client = closing(socket.create_connection(["127.0.0.1", port]));
  client.settimeout(60);
  return client;
}

/** Everything up to the end of the stream. */
export function rest(sock: socket.socket): Buffer {
  const pieces: Buffer[] = [];
  for (;;) {
    const data = sock.recv(65536);
    if (data.length === 0) return Buffer.concat(pieces);
    pieces.push(data);
  }
}

/** The contents of so many messages that arrive at a client, as texts. */
export function answers(client: socket.socket, count: number): string[] {
  const decoder = new Decoder({ max_content: Infinity });
  const found: string[] = [];
  while (found.length < count) {
    const data = client.recv(65536);
    if (data.length === 0) throw new Error(`the end, after ${JSON.stringify(found)}`);
    found.push(...decoder.push(data).map(({ content }) => String(content)));
  }
  expect(decoder.partial).toBe(false);
  return found;
}
