/** `npx iomux tutorial`, which is `npm start`, plays the tutorial, chapter by chapter. */
import { once } from "node:events";
import { createServer } from "node:net";

import stringWidth from "string-width";
import { describe, expect, onTestFinished, test } from "vitest";

import { Command } from "../support/commands.ts";
import type { Ending } from "../support/commands.ts";
import { TOOL } from "../support/iomux-command.ts";
import { reserve } from "../support/ports.ts";
import { needs } from "../support/tools.ts";

const ECHO = 65_432;
const MULTICONN = 65_433;
const APP = 65_434;

async function tutorial(...args: string[]): Promise<Ending> {
  return new Command([process.execPath, TOOL, "tutorial", ...args]).ended;
}

test.each([
  ["typescript", "typescript"],
  ["typescript", "python"],
  ["python", "typescript"],
  ["python", "python"],
])("plays all chapters: a server in %s, clients in %s", async (server, client) => {
  if ([server, client].includes("python")) needs("python3");
  for (const port of [ECHO, MULTICONN]) await reserve(port);
  await reserve(APP, true);
  const { status, stdout, stderr } = await tutorial("--server", server, "--client", client);
  expect(stderr).toBe("");
  expect(status).toBe(0);

  // Who says what, in which order: the two transcripts are printed as they come.
  const said = (role: string): string => {
    const label = `${role} │ `;
    const lines = stdout.split("\n").filter((line) => line.startsWith(label));
    return lines.map((line) => line.slice(label.length)).join("\n");
  };
  const programs = { typescript: ["npx tsx", "ts"], python: ["python3", "py"] };
  const [runner, ending] = programs[server as "python"];
  expect(said("server")).toMatch(`$ ${runner} scripts/echo-server.${ending}\nConnected by`);
  expect(said("client")).toContain("Received b'Hello, world'\n");
  for (const connection of [1, 2, 3]) {
    expect(said("client")).toContain(`Closing connection ${connection}\n`);
  }
  expect(said("server").match(/Caught keyboard interrupt, exiting\./g)).toHaveLength(2);
  expect(said("client")).toContain("Got result: Follow the white rabbit. 🐰");
  expect(said("client").replaceAll("\n", "")).toContain(
    String.raw`Got response: b'First 10 bytes of request: doublehell'`,
  );

  expect(stdout.trimEnd().split("\n").slice(-3)).toEqual([
    "ok     echo       client ended with 0, server ended with 0",
    "ok     multiconn  client ended with 0, server ended by Ctrl-C with 0",
    "ok     app        2 clients ended with 0 and 0, server ended by Ctrl-C with 0",
  ]);
  for (const line of stdout.split("\n")) expect(stringWidth(line), line).toBeLessThanOrEqual(80);
  // No colours where nobody would see them.
  expect(stdout).not.toContain("\u001B");
});

test("plays the chapters that are named", async () => {
  await reserve(MULTICONN);
  const { status, stdout } = await tutorial("multiconn");
  expect(status).toBe(0);
  expect(stdout).toContain("1/1 Multi-Connection Client and Server");
  expect(stdout).not.toContain("echo-server");
});

test("--help tells what can be chosen", async () => {
  const { status, stdout } = await tutorial("--help");
  expect(status).toBe(0);
  expect(stdout).toContain("Usage: iomux tutorial");
  for (const word of ["echo", "multiconn", "app", "--server", "--client", "python"]) {
    expect(stdout).toContain(word);
  }
});

describe("what cannot be done is said, and is an error", () => {
  test.each([
    [["nonsense"], "Allowed choices are echo, multiconn, app."],
    [["--server", "ruby"], "Allowed choices are typescript, python."],
    [["--nonsense"], "unknown option '--nonsense'"],
  ])("%o", async (args, message) => {
    const { status, stdout, stderr } = await tutorial(...args);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
  });

  test("a port that is in use", async () => {
    await reserve(APP, true);
    const server = createServer().listen(APP, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { status, stderr } = await tutorial("app");
    expect(status).toBe(2);
    expect(stderr).toContain(`Port ${APP} is in use`);
  });
});
