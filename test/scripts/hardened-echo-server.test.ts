/** The echo server that one could put on a network. */
import { describe, expect, test } from "vitest";

import { select } from "iomux/select";
import * as socket from "iomux/socket";

import { connected, languages, rest, serve } from "../support/hardened.ts";
import { is_blocked } from "../support/proc.ts";
import { until } from "../support/waiting.ts";

/** Sends as much as goes without waiting, and returns how much. */
function fill(client: socket.socket, data: Buffer): number {
  let sent = 0;
  client.setblocking(false);
  try {
    for (;;) sent += client.send(data.subarray(sent));
  } catch {
    return sent;
  }
}

describe.each(languages)("in %s", (language) => {
  test("what was sent before the client ended its side comes back, and then the end", async () => {
    const [, port] = await serve("echo-server", language);
    const client = connected(port);
    const sent = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, index) => index % 251));
    client.sendall(sent);
    client.shutdown(socket.SHUT_WR);
    expect(rest(client).equals(sent)).toBe(true);
  });

  test("who does not read gets --max-buffer at most, the others are served, and nothing is lost", async () => {
    const [server, port] = await serve("echo-server", language, ["--max-buffer=100000"]);
    const slow = connected(port);
    const sent = Buffer.alloc(100_000_000, "0123456789");
    let length = 0;
    await until(() => {
      const now = fill(slow, sent.subarray(length));
      length += now;
      return now === 0 && is_blocked(server.pid);
    });
    expect(length).toBeLessThan(sent.length);
    const other = connected(port);
    other.sendall(Buffer.from("hello"));
    expect(String(other.recv(100))).toBe("hello");
    slow.settimeout(60);
    slow.shutdown(socket.SHUT_WR);
    expect(rest(slow).equals(sent.subarray(0, length))).toBe(true);
  });

  test("single bytes need no more memory than others: as many wait as their pieces allow", async () => {
    const [server, port] = await serve("echo-server", language, ["--max-buffer=10000"]);
    const client = connected(port);
    client.setblocking(false);
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
    let sent = 0;
    await until(() => {
      const [, writable] = select([], [client], [], 0);
      for (let count = 0; writable.length > 0 && count < 100; count++) {
        try {
          sent += client.send(Buffer.of(sent % 256));
        } catch {
          break;
        }
      }
      return sent > 100_000;
    });
    client.settimeout(60);
    client.shutdown(socket.SHUT_WR);
    const back = rest(client);
    expect(back).toHaveLength(sent);
    expect(back.every((byte, index) => byte === index % 256)).toBe(true);
    expect(server.has_ended).toBe(false);
  });

  test("SIGTERM: what was received is sent back, however slowly the client reads", async () => {
    const flags = ["--drain-timeout=60", "--max-buffer=100000"];
    const [server, port] = await serve("echo-server", language, flags);
    const client = connected(port);
    const sent = Buffer.alloc(100_000_000, "0123456789");
    let length = 0;
    await until(() => {
      const now = fill(client, sent.subarray(length));
      length += now;
      return now === 0 && is_blocked(server.pid);
    });
    server.kill("SIGTERM");
    await server.printed("Draining 1 connections");
    client.settimeout(60);
    const back = rest(client);
    // It reads nothing more; what it has not read is lost.
    expect(back.length).toBeGreaterThan(100_000);
    expect(back.length).toBeLessThan(length);
    expect(back.equals(sent.subarray(0, back.length))).toBe(true);
    expect(await server.ended).toMatchObject({ status: 0, signal: null, stderr: "" });
  });

  test("--idle-timeout", async () => {
    const [server, port] = await serve("echo-server", language, ["--idle-timeout=0.2"]);
    const client = connected(port);
    expect(rest(client)).toHaveLength(0);
    await server.printed("idle for 0.2 s");
  });
});
