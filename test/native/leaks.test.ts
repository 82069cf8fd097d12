/** What becomes of sockets that nobody closes. */
import { beforeEach, describe, expect, test } from "vitest";

import { start } from "../support/programs.ts";
import { not_on } from "../support/runtime.ts";

describe("a socket that is lost is closed, with a ResourceWarning", () => {
  const INET = "family=2, type=1, proto=0, laddr=\\('0.0.0.0', 0\\)";
  const UNIX = "family=1, type=1, proto=0";

  test.each([
    ["new_socket", INET],
    ["bound", "family=2, type=1, proto=0, laddr=\\('127.0.0.1', \\d+\\)"],
    ["pair", UNIX],
    ["of_descriptor", UNIX],
    ["accepted", "family=2, type=1, proto=0, laddr=\\('127.0.0.1', \\d+\\).*"],
  ])("%s", async (how, description) => {
    const program = start("leaks.ts", [how], ["--expose-gc"]);
    const line = async (): Promise<unknown> => JSON.parse(await program.line());
    const fds = (await line()) as number[];
    expect(await line()).toEqual(fds.map(() => true));
    const warnings = (await line()) as string[];
    expect(warnings).toHaveLength(fds.length);
    for (const fd of fds) {
      const expected = `^ResourceWarning: unclosed <socket.socket fd=${fd}, ${description}>$`;
      expect(warnings).toContainEqual(expect.stringMatching(new RegExp(expected)));
    }
    expect(await line()).toEqual(fds.map(() => false));
    expect(await line()).toEqual([]);
    const { status, stderr } = await program.ended;
    expect(status).toBe(0);
    expect(stderr).toContain(`ResourceWarning: unclosed <socket.socket fd=${fds[0]},`);
  });

  test("but not one that was closed", async () => {
    const program = start("leaks.ts", ["closed"], ["--expose-gc"]);
    for (const expected of ["[]", "[]", "[]", "[]", "[]"]) {
      expect(await program.line()).toBe(expected);
    }
    expect(await program.ended).toMatchObject({ status: 0 });
  });

  test("nor one that was detached, whose descriptor stays open", async () => {
    const program = start("leaks.ts", ["detached"], ["--expose-gc"]);
    for (const expected of ["[]", "[]", "[]", "[]", "[true]"]) {
      expect(await program.line()).toBe(expected);
    }
    expect(await program.ended).toMatchObject({ status: 0 });
  });
});

test("a socket that is lost when the program ends is not worth a word, as in Python", async () => {
  const endings = await Promise.all(
    Array.from({ length: 5 }, () => start("last-garbage.ts", [], ["--expose-gc"]).ended),
  );
  expect(endings).toEqual(endings.map(() => ({ status: 0, signal: null, stderr: "" })));
});

describe("ten worker threads leave no descriptor behind", () => {
  const SOCKETS = 7;

  async function run(ending: string): Promise<unknown> {
    const program = start("workers.ts", [ending]);
    for (const count of [1, 10]) {
      expect(JSON.parse(await program.line())).toEqual({
        received: Array.from({ length: count }, () => "echo"),
        // Each has its own, and the main thread's is not theirs.
        timeouts: Array.from({ length: count }, () => null),
        different: count * SOCKETS,
        open: count * SOCKETS,
      });
    }
    expect(JSON.parse(await program.line())).toBe("still open");
    const given = JSON.parse(await program.line());
    expect(await program.ended).toMatchObject({ status: 0, signal: null });
    return given;
  }

  // It hides what iomux leaves.
  beforeEach(() =>
    not_on("Deno", "each worker that has ended leaves descriptors of Deno's own open"),
  );

  test.each(["return", "exit", "throw", "terminate"])("when they end by %s", async (ending) => {
    expect(await run(ending)).toEqual([]);
  });

  test("but those that they have detached", async () => {
    expect(await run("detach")).toEqual(Array.from({ length: 10 }, () => 2));
  });
});
