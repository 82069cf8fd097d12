/** What the tutorial's programs are known to do badly, and ours, line for line the same, with them. */
import { spawnSync } from "node:child_process";

import { describe, expect, test } from "vitest";

import { b } from "iomux/builtins";
import { encode } from "iomux/protocol";
import { DefaultSelector, EVENT_READ, EVENT_WRITE } from "iomux/selectors";
import * as socket from "iomux/socket";

import { ticks } from "../support/proc.ts";
import { closing, listener, pair } from "../support/sockets.ts";
import { serve, start } from "../support/tutorial.ts";
import { until } from "../support/waiting.ts";

/** Waits until a process has computed for a while. One that waits itself never does. */
async function computes(pid: number): Promise<void> {
  const before = ticks(pid);
  await until(() => ticks(pid) > before + 20);
}

test("registered for READ|WRITE, an idle connection is always ready; for READ, never", () => {
  using sel = new DefaultSelector();
  const [sock] = pair();
  sel.register(sock, EVENT_READ | EVENT_WRITE);
  for (let turn = 0; turn < 1000; turn++) expect(sel.select(null)).toHaveLength(1);
  sel.modify(sock, EVENT_READ);
  expect(sel.select(0)).toEqual([]);
});

describe.each(["TypeScript", "Python"] as const)("in %s", (language) => {
  test("multiconn-server is busy with one idle connection", async () => {
    const [server, port] = await serve("multiconn-server", language);
    closing(socket.create_connection(["127.0.0.1", port]));
    await server.printed("Accepted connection from");
    await computes(server.pid);
    const { stdout } = await server.interrupt();
    expect(stdout).toContain("exiting");
  });

  test("multiconn-server ends when there are no descriptors left to accept with", async () => {
    const [server, port] = await serve("multiconn-server", language);
    // Those that are open stay open; there are no more.
    const limits = ["--pid", String(server.pid), "--nofile=3:3"];
    expect(spawnSync("prlimit", limits).status).toBe(0);
    closing(socket.create_connection(["127.0.0.1", port]));
    const { status, stderr } = await server.ended;
    expect(status).toBe(1);
    expect(stderr).toContain("OSError: [Errno 24] Too many open files");
  });

  test("multiconn-client ends by ConnectionResetError when the server resets", async () => {
    const [lsock, [host, port]] = listener();
    const client = start("multiconn-client", language, [host, String(port), "1"]);
    const [conn] = lsock.accept();
    expect(conn.recv(1000)).not.toHaveLength(0);
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Int32Array.of(1, 0));
    conn.close();
    const { status, stderr } = await client.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/(?:ConnectionResetError|BrokenPipeError): \[Errno (?:104|32)\]/);
  });

  test("multiconn-client does not end against a server that sends back too little", async () => {
    const [lsock, [host, port]] = listener();
    const client = start("multiconn-client", language, [host, String(port), "1"]);
    const conn = closing(lsock.accept()[0]);
    const sent = b`Message 1 from client.Message 2 from client.`;
    expect(conn.recv(sent.length, socket.MSG_WAITALL)).toEqual(sent);
    conn.sendall(sent.subarray(1));
    await client.printed("Received");
    await computes(client.pid);
    expect(client.has_ended).toBe(false);
    // The last byte is what it has been waiting for.
    conn.sendall(sent.subarray(0, 1));
    expect(await client.ended).toMatchObject({ status: 0, stderr: "" });
  });

  test("app-server waits for a content-length that is far too large", async () => {
    const [server, port] = await serve("app-server", language);
    const client = closing(socket.create_connection(["127.0.0.1", port]));
    const header = JSON.stringify({
      byteorder: "little",
      "content-type": "text/json",
      "content-encoding": "utf-8",
      "content-length": 2 ** 52,
    });
    client.sendall(Buffer.concat([Buffer.from([0, header.length]), Buffer.from(header)]));
    const much = Buffer.alloc(2 ** 20);
    // It takes all that comes.
    client.sendall(much);
    client.sendall(b`x`);
    client.settimeout(0.05);
    expect(() => client.recv(1)).toThrow(socket.timeout);
    expect(server.has_ended).toBe(false);
  });

  test.each([
    ["{}", "text/json"],
    ["[]", "text/json"],
    ["null", "text/json"],
    ["", "binary/any"],
  ])("app-server has no answer to %j, and is busy with it for ever", async (content, type) => {
    const [server, port] = await serve("app-server", language);
    const client = closing(socket.create_connection(["127.0.0.1", port]));
    const message = {
      content: Buffer.from(content),
      content_type: type,
      content_encoding: "utf-8",
    };
    client.sendall(encode(message));
    await server.printed("request");
    await computes(server.pid);
    client.settimeout(0.05);
    expect(() => client.recv(1)).toThrow(socket.timeout);
    const { stdout } = await server.interrupt();
    expect(stdout).toContain("exiting");
  });
});
