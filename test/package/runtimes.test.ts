/**
 * Bun and Deno, which come with the development dependencies, run the tutorial; what they lack is said
 * in so many words. `npm run runtimes` runs the tests of the library in each of them.
 */
import { describe, expect, test } from "vitest";

import { Command } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";

const ENDED = { status: 0, signal: null, stderr: "" };
const DENO = ["node_modules/.bin/deno", "run", "--no-prompt", "--quiet"];
const permissions = ["--allow-ffi", "--allow-env"];

describe.each([
  ["Bun", ["node_modules/.bin/bun", "--bun"]],
  ["Deno", [...DENO, ...permissions]],
])("%s", (_, runtime) => {
  const start = (name: string, ...args: readonly string[]): Command =>
    new Command([...runtime, `build-test/scripts/${name}.js`, ...args]);

  test("echo", async () => {
    const port = await reserve(65_432);
    const server = start("echo-server");
    await server.listening(port);
    const client = await start("echo-client").ended;
    expect(client).toEqual({ ...ENDED, stdout: "Received b'Hello, world'\n" });
    const stdout = expect.stringMatching(/^Connected by \('127\.0\.0\.1', \d+\)\n$/) as string;
    expect(await server.ended).toEqual({ ...ENDED, stdout });
  });

  test("multiconn, ended by Ctrl-C", async () => {
    const port = String(await reserve());
    const server = start("multiconn-server", "127.0.0.1", port);
    await server.printed("Listening on");
    const client = await start("multiconn-client", "127.0.0.1", port, "2").ended;
    expect(client).toEqual({ ...ENDED, stdout: expect.stringContaining("Closing connection 2") });
    await server.printed("Closing connection to", 2);
    const stdout = expect.stringMatching(/\nCaught keyboard interrupt, exiting\.\n$/) as string;
    expect(await server.interrupt()).toEqual({ ...ENDED, stdout });
  });
});

test.each(permissions)("Deno says that it needs %s", async (missing) => {
  const others = permissions.filter((one) => one !== missing);
  const program = [...DENO, ...others, "build-test/scripts/echo-client.js"];
  const { status, stderr } = await new Command(program).ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(/NotCapable: Requires \w+ access/);
  expect(stderr).toContain(`run again with the ${missing} flag`);
  expect(stderr).not.toContain("npm rebuild");
});
