/**
 * The tutorial's programs in all pairings of TypeScript and Python: they print what Python with
 * Python prints, and the same bytes go over the wire.
 */
import { describe, expect, test } from "vitest";

import { record } from "../support/exchanges.ts";
import type { Exchange } from "../support/exchanges.ts";
import { reserve } from "../support/ports.ts";
import { command, pairings, run, serve, start, without_ports } from "../support/tutorial.ts";
import type { Language } from "../support/tutorial.ts";

const HOST = "127.0.0.1";
const ENDED = { status: 0, signal: null, stderr: "" };
const GOODBYE = "Caught keyboard interrupt, exiting.\n";

test("echo prints what the tutorial shows, in all pairings", async () => {
  const port = await reserve(65_432);
  for (const [server_language, client_language] of pairings) {
    const server = start("echo-server", server_language);
    await server.listening(port);
    const client = await run("echo-client", client_language);
    expect(client).toEqual({ ...ENDED, stdout: "Received b'Hello, world'\n" });
    const { stdout, ...ending } = await server.ended;
    expect(ending).toEqual(ENDED);
    expect(stdout).toMatch(/^Connected by \('127\.0\.0\.1', \d+\)\n$/);
  }
});

/** What a transcript says of each connection, whatever the order in which they were served. */
interface Story {
  readonly lines: string[];
  /** Received or echoed: in how many parts is the system's affair. */
  bytes: string;
}

function stories(transcript: string, connection: RegExp, transfer: RegExp): Story[] {
  const all: Story[] = [];
  const current = new Map<string, Story>();
  for (const line of transcript.trimEnd().split("\n")) {
    const id = connection.exec(line)?.[1] ?? "";
    // A port may have been another client's before.
    if (!current.has(id) || line.startsWith("Accepted connection")) {
      current.set(id, { lines: [], bytes: "" });
      all.push(current.get(id)!);
    }
    const story = current.get(id)!;
    const part = transfer.exec(line)?.[1];
    if (part === undefined) story.lines.push(line.replace(/', \d+\)/, "', port)"));
    else story.bytes += part;
  }
  return all;
}

interface Multiconn {
  readonly client: Story[];
  readonly server: Story[];
  readonly exchanges: Exchange[];
}

async function multiconn(
  [server_language, client_language]: readonly [Language, Language],
  connections: number,
): Promise<Multiconn> {
  const [server, port] = await serve("multiconn-server", server_language);
  const recorder = await record(port);
  const args = [HOST, String(recorder.port), String(connections)];
  const client = await run("multiconn-client", client_language, args);
  expect(client).toEqual({ ...ENDED, stdout: expect.any(String) });
  await server.printed("Closing connection to", connections);
  const ending = await server.interrupt();
  expect(ending).toEqual({ ...ENDED, stdout: expect.stringMatching(`${GOODBYE}$`) });
  return {
    client: stories(client.stdout, /connection (\d+)/, /^Received b'(.*)' from/),
    server: stories(ending.stdout, /', (\d+)\)$/, /^Echoing b'(.*)' to/),
    exchanges: recorder.exchanges(),
  };
}

test.each([1, 3, 200])("multiconn with %s connections", async (connections) => {
  for (const pairing of pairings) {
    const { client, server, exchanges } = await multiconn(pairing, connections);
    const both = "Message 1 from client.Message 2 from client.";
    expect(client).toEqual(
      Array.from({ length: connections }, (_, index) => ({
        lines: [
          `Start connection ${index + 1} to ('${HOST}', port)`,
          `Sending b'Message 1 from client.' to connection ${index + 1}`,
          `Sending b'Message 2 from client.' to connection ${index + 1}`,
          `Closing connection ${index + 1}`,
        ],
        bytes: both,
      })),
    );
    const served = {
      lines: [
        `Accepted connection from ('${HOST}', port)`,
        `Closing connection to ('${HOST}', port)`,
      ],
      bytes: both,
    };
    expect(server).toEqual([
      { lines: [`Listening on ('${HOST}', port)`], bytes: "" },
      ...Array.from({ length: connections }, () => served),
      { lines: [GOODBYE.trim()], bytes: "" },
    ]);
    const exchange = { sent: Buffer.from(both), received: Buffer.from(both) };
    expect(exchanges).toEqual(Array.from({ length: connections }, () => exchange));
  }
});

const requests: readonly (readonly [action: string, value: string])[] = [
  ["search", "morpheus"],
  ["search", "ring"],
  ["search", "🐶"],
  ["search", "nobody"],
  ["search", `"double" and 'single'`],
  ["search", "'single'"],
  ["search", "a\ttab, a\nnewline, a \\ backslash, \u0001, \u007F, \u00AD, \u2028"],
  ["search", "Käse, Ünïcödé, 日本, \u{1F1E9}\u{1F1EA}"],
  ["search", ""],
  ["search", "x".repeat(20_000)],
  ["search", "ü".repeat(20_000)],
  ["double", "morpheus"],
  ["binary", "😃\t\n'\"\\\u0080ÿ"],
  ["x", ""],
  ["b", "x".repeat(20_000)],
];

async function app([server_language, client_language]: readonly [Language, Language]) {
  const [server, port] = await serve("app-server", server_language);
  const recorder = await record(port);
  const clients: string[] = [];
  for (const [action, value] of requests) {
    const args = [HOST, String(recorder.port), action, value];
    const { stdout, ...ending } = await run("app-client", client_language, args);
    expect(ending).toEqual(ENDED);
    clients.push(without_ports(stdout));
    await server.printed("Closing connection to", clients.length);
  }
  const { stdout, ...ending } = await server.interrupt();
  expect(ending).toEqual(ENDED);
  return { clients, server: without_ports(stdout), exchanges: recorder.exchanges() };
}

describe("app", () => {
  test("all pairings print and send what Python with Python does", async () => {
    const python = await app(["Python", "Python"]);
    for (const pairing of pairings.slice(0, -1)) {
      const ours = await app(pairing);
      for (const [index, request] of requests.entries()) {
        expect(ours.clients[index], `${pairing.join()}: ${request.join()}`).toBe(
          python.clients[index],
        );
      }
      expect(ours.server).toBe(python.server);
      expect(ours.exchanges).toEqual(python.exchanges);
    }
    // Were Python's own programs wrong, all would be wrong alike.
    expect(python.clients[2]).toBe(
      String.raw`Starting connection to ('127.0.0.1', port1)
Sending b'\x00g{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 37}{"action": "search", "value": "\xf0\x9f\x90\xb6"}' to ('127.0.0.1', port1)
Received response {'result': '🐾 Playing ball! 🏐'} from ('127.0.0.1', port1)
Got result: 🐾 Playing ball! 🏐
Closing connection to ('127.0.0.1', port1)
`,
    );
    expect(python.clients[11]).toContain(
      "Got response: b'First 10 bytes of request: doublemorp'\n",
    );
  });
});

describe.each<Language>(["TypeScript", "Python"])("in %s", (language) => {
  test.each([
    ["multiconn-server", [], "<host> <port>"],
    ["multiconn-server", [HOST], "<host> <port>"],
    ["multiconn-client", [HOST, "1"], "<host> <port> <num_connections>"],
    ["app-server", [HOST, "1", "2"], "<host> <port>"],
    ["app-client", [HOST, "1", "search"], "<host> <port> <action> <value>"],
  ])("%s with the wrong arguments %o prints its usage", async (name, args, usage) => {
    const path = command(name, language, []).at(-1);
    expect(await run(name, language, args)).toEqual({
      status: 1,
      signal: null,
      stdout: `Usage: ${path} ${usage}\n`,
      stderr: "",
    });
  });

  test("a server whose port is taken says so", async () => {
    const [, port] = await serve("multiconn-server", language);
    const { status, stdout, stderr } = await run("multiconn-server", language, [
      HOST,
      String(port),
    ]);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("OSError: [Errno 98] Address already in use");
  });

  test("an app-client that nobody answers prints the exception and ends", async () => {
    const port = await reserve();
    const { status, stdout } = await run("app-client", language, [
      HOST,
      String(port),
      "search",
      "x",
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain(`Main: Error: Exception for ('${HOST}', ${port}):\n`);
    expect(stdout).toContain("ConnectionRefusedError: [Errno 111] Connection refused");
    expect(stdout).toMatch(/Closing connection to \(.*\)\n$/);
  });
});
