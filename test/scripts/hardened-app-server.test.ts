/** The application server that one could put on a network: what it accepts, and what it refuses how. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { b, ConnectionRefusedError } from "iomux/builtins";
import { Decoder } from "iomux/protocol";
import { select } from "iomux/select";
import * as socket from "iomux/socket";

import { frames, request, search } from "../support/frames.ts";
import { answers, connected, languages, rest, serve } from "../support/hardened.ts";
import type { HardenedLanguage } from "../support/hardened.ts";
import { is_blocked } from "../support/proc.ts";
import { needs_linux } from "../support/tools.ts";
import { run } from "../support/tutorial.ts";
import { until } from "../support/waiting.ts";

const good = request(search);
const found = '{"result": "In the caves beneath the Misty Mountains. 💍"}';

function reset(sock: socket.socket): void {
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Int32Array.of(1, 0));
  sock.close();
}

/** The processes that a process has started, by their numbers. proc(5) */
function children(pid: number): string {
  needs_linux();
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
}

/** What comes back for bytes that end the client's side. */
function talk(port: number, bytes: Buffer): string[] {
  const client = connected(port);
  client.sendall(bytes);
  client.shutdown(socket.SHUT_WR);
  return new Decoder().push(rest(client)).map(({ content }) => String(content));
}

describe.each(languages)("in %s", (language) => {
  test("answers any number of requests over one connection, however they arrive", async () => {
    const [, port] = await serve("app-server", language);
    const client = connected(port);
    const binary = request("0123456789abc", { "content-type": "binary/any" });
    client.sendall(Buffer.concat([good, binary, good]));
    const three = [found, "First 10 bytes of request: 0123456789", found];
    expect(answers(client, 3)).toEqual(three);
    for (const byte of [...good, ...binary]) client.sendall(Buffer.of(byte));
    expect(answers(client, 2)).toEqual(three.slice(0, 2));
  });

  test.each(["{}", "[]", "null", "0", '""', '{"action": "search", "value": null}', ""])(
    "answers a request of %j, and the next one",
    async (content) => {
      const [, port] = await serve("app-server", language);
      const client = connected(port);
      client.sendall(Buffer.concat([request(content), good]));
      const [first, second] = answers(client, 2);
      expect(first).toMatch(/^\{"result": "Error: /);
      expect(second).toBe(found);
    },
  );

  test("looks at what an object inherits no more than Python does", async () => {
    const [, port] = await serve("app-server", language);
    const client = connected(port);
    for (const name of ["__proto__", "constructor", "toString"]) {
      client.sendall(request(`{"action": "search", "value": "${name}"}`));
      client.sendall(request(`{"${name}": {"action": "search", "value": "ring"}}`));
      expect(answers(client, 2)).toEqual([
        `{"result": "No match for '${name}'."}`,
        `{"result": "Error: invalid action 'None'."}`,
      ]);
    }
  });

  test("refuses what is nested too deeply, and numbers that take long to read", async () => {
    const [, port] = await serve("app-server", language, ["--max-content", "2000000"]);
    const client = connected(port);
    for (const content of ["[".repeat(1_000_000), "9".repeat(1_000_000)]) {
      client.sendall(Buffer.concat([request(content), good]));
      const [first, second] = answers(client, 2);
      expect(first).toMatch(/^\{"result": "Error: /);
      expect(second).toBe(found);
    }
  });

  test.each([
    ["--max-header=50", good, "message header too long: ", "the limit is 50"],
    ["--max-content=5", good, "message content too long: ", "the limit is 5"],
    ["--request-timeout=0.2", good.subarray(0, 50), "its request takes longer than 0.2 s", ""],
    ["--idle-timeout=0.2", b``, "idle for 0.2 s", ""],
  ])("%s: the client gets an answer, the log a line", async (flag, bytes, begin, end) => {
    const [server, port] = await serve("app-server", language, [flag]);
    const client = connected(port);
    client.sendall(bytes);
    const [answer] = answers(client, 1);
    expect(answer).toMatch(`{"result": "Error: ${begin}`);
    expect(answer).toMatch(`${end}"}`);
    expect(rest(client)).toHaveLength(0);
    const [, own] = client.getsockname() as socket.InetAddress;
    await server.printed(`Closing connection to ('127.0.0.1', ${own}): ${begin}`);
  });

  test("a request has its time from its first byte, whatever comes meanwhile", async () => {
    const [, port] = await serve("app-server", language, ["--request-timeout=0.5"]);
    const client = connected(port);
    client.settimeout(0.05);
    let answer = b``;
    for (let at = 0; answer.length === 0; at++) {
      expect(at).toBeLessThan(good.length - 1);
      client.sendall(good.subarray(at, at + 1));
      try {
        answer = client.recv(1000);
      } catch (error) {
        if (!(error instanceof socket.timeout)) throw error;
      }
    }
    expect(String(answer)).toContain("its request takes longer than 0.5 s");
  });

  test("--max-requests: the last one is answered, and then the connection ends", async () => {
    const [, port] = await serve("app-server", language, ["--max-requests=2"]);
    const client = connected(port);
    client.sendall(Buffer.concat([good, good, good]));
    const messages = new Decoder().push(rest(client));
    expect(messages.map(({ content }) => String(content))).toEqual([found, found]);
  });

  test("--max-connections: one more closes the one that has been idle for longest", async () => {
    const [, port] = await serve("app-server", language, ["--max-connections=2"]);
    const [first, second] = [connected(port), connected(port)];
    for (const client of [first, second, first]) {
      client.sendall(good);
      expect(answers(client, 1)).toEqual([found]);
    }
    const third = connected(port);
    third.sendall(good);
    expect(answers(third, 1)).toEqual([found]);
    expect(String(rest(second))).toContain("Error: one of 2, and the longest without a request");
    first.sendall(good);
    expect(answers(first, 1)).toEqual([found]);
  });

  test("who does not read gets no more, and everything later", async () => {
    const [server, port] = await serve("app-server", language, [
      "--max-buffer=10000",
      "--max-requests=1000000000",
    ]);
    const client = connected(port);
    client.setblocking(false);
    const requests = Buffer.concat(Array.from({ length: 100 }, () => good));
    let sent = 0;
    const fill = (): boolean => {
      try {
        for (;;) sent += client.send(requests.subarray(sent % requests.length));
      } catch {
        return false;
      }
    };
    // Until the server sleeps, although there is no more room for requests.
    await until(() => fill() || is_blocked(server.pid));
    fill();
    // The last request is whole. It goes only while answers are read.
    let left = good.subarray(sent % good.length);
    sent += left.length;
    const received: Buffer[] = [];
    while (left.length > 0) {
      const [readable, writable] = select([client], [client], []);
      if (readable.length > 0) received.push(client.recv(65536));
      if (writable.length > 0) left = left.subarray(client.send(left));
    }
    client.settimeout(60);
    client.shutdown(socket.SHUT_WR);
    const messages = new Decoder().push(Buffer.concat([...received, rest(client)]));
    expect(messages).toHaveLength(sent / good.length);
  });

  test("survives a reset in every state", async () => {
    const [server, port] = await serve("app-server", language);
    for (let at = 0; at <= good.length; at++) {
      const client = connected(port);
      client.sendall(good.subarray(0, at));
      reset(client);
    }
    expect(talk(port, good)).toEqual([found]);
    expect(server.has_ended).toBe(false);
  });

  test("with hardly any descriptors, the newest connections have them", async () => {
    needs_linux();
    const [server, port] = await serve("app-server", language);
    const limits = (most: number) => ["--pid", String(server.pid), `--nofile=${most}:${most}`];
    expect(spawnSync("prlimit", limits(40)).status).toBe(0);
    const clients = Array.from({ length: 100 }, () => connected(port));
    const newest = clients.at(-1)!;
    newest.sendall(good);
    expect(answers(newest, 1)).toEqual([found]);
    expect(String(rest(clients[0]))).toContain("no descriptors are left");
  });

  test("without any descriptor it sleeps, and goes on when there are some", async () => {
    needs_linux();
    const [server, port] = await serve("app-server", language);
    const limits = (most: string) => ["--pid", String(server.pid), `--nofile=${most}`];
    expect(spawnSync("prlimit", limits("3:1000")).status).toBe(0);
    const client = connected(port);
    await server.printed("Not accepting for 1 s: [Errno 24] Too many open files");
    await until(() => is_blocked(server.pid));
    expect(spawnSync("prlimit", limits("1000:1000")).status).toBe(0);
    client.sendall(good);
    expect(answers(client, 1)).toEqual([found]);
  });

  test("ends after SIGTERM when the requests that it has begun to read are answered", async () => {
    const [server, port] = await serve("app-server", language, ["--drain-timeout=60"]);
    const [idle, late] = [connected(port), connected(port)];
    for (const client of [idle, late]) {
      client.sendall(good);
      expect(answers(client, 1)).toEqual([found]);
    }
    late.sendall(good.subarray(0, 10));
    // It has been read: the connections that come later are accepted after that.
    expect(talk(port, good)).toEqual([found]);
    server.kill("SIGTERM");
    expect(rest(idle)).toHaveLength(0);
    await server.printed("Draining 2 connections");
    expect(() => connected(port)).toThrow(ConnectionRefusedError);
    late.sendall(good.subarray(10));
    expect(answers(late, 1)).toEqual([found]);
    expect(rest(late)).toHaveLength(0);
    expect(await server.ended).toMatchObject({ status: 0, signal: null, stderr: "" });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("%s: ends in time, whoever stays", async (signal) => {
    const [server, port] = await serve("app-server", language, ["--drain-timeout=0.2"]);
    const client = connected(port);
    client.sendall(good.subarray(0, 10));
    expect(talk(port, good)).toEqual([found]);
    server.kill(signal);
    expect(await server.ended).toMatchObject({ status: 0, signal: null, stderr: "" });
    expect(String(rest(client))).toContain("the server ends");
  });

  test("SIGHUP replaces the workers, and no connection is refused", async () => {
    const [server, port] = await serve("app-server", language, ["--workers=2"]);
    for (let replaced = 1; replaced <= 3; replaced++) {
      for (let count = 0; count < 40; count++) {
        if (count === 20) server.kill("SIGHUP");
        expect(talk(port, good)).toEqual([found]);
      }
      // Two signals at once are one.
      await server.printed("Replacing 2 workers", replaced);
    }
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ status: 0, signal: null, stderr: "" });
    expect(server.stdout).not.toContain("ended by itself");
  });

  test("a worker that dies is started again", async () => {
    const [server, port] = await serve("app-server", language, ["--workers=1"]);
    expect(talk(port, good)).toEqual([found]);
    const worker = children(server.pid);
    process.kill(Number(worker), "SIGKILL");
    await server.printed(`Worker ${worker} ended by itself`);
    expect(talk(port, good)).toEqual([found]);
  });

  test("says what is wrong with its arguments", async () => {
    for (const args of [
      ["--max-header=x", "h", "1"],
      ["--max-connections=0", "h", "1"],
      ["--nonsense", "h", "1"],
      ["h"],
    ]) {
      const { status, stdout, stderr } = await run("hardened/app-server", language, args);
      expect({ status, stdout }, String(args)).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(/^usage: .*\n.*error: /is);
    }
    const { status, stdout } = await run("hardened/app-server", language, ["--help"]);
    expect(status).toBe(0);
    expect(stdout).toContain("--request-timeout");
  });
});

/** What comes back for each of the frames, from one server. */
async function all_answers(language: HardenedLanguage): Promise<Record<string, string[]>> {
  const [, port] = await serve("app-server", language);
  const found_answers = Object.entries(frames).flatMap(([name, bytes]) =>
    Buffer.isBuffer(bytes) ? [[name, talk(port, bytes)] as const] : [],
  );
  return Object.fromEntries(found_answers);
}

test("malformed frames: the same answers in both languages, and one for each", async () => {
  const [ours, theirs] = [await all_answers("TypeScript"), await all_answers("Python")];
  expect(ours).toEqual(theirs);
  expect(ours.nothing).toEqual([]);
  delete ours.nothing;
  expect(Object.entries(ours).filter(([, texts]) => texts.length === 0)).toEqual([]);
});
