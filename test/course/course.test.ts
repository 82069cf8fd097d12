/** `npx iomux course`, as a learner goes through it: look, fail, mend, pass. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { Command } from "../support/commands.ts";
import type { Ending } from "../support/commands.ts";
import { file, make_package, TOOL } from "../support/iomux-command.ts";
import { has_epoll } from "../support/system.ts";
import { needs } from "../support/tools.ts";

/** The command, in a learner's package. */
async function iomux(...args: string[]): Promise<Ending> {
  const tool = join(process.cwd(), TOOL);
  const go = 'cd "$0" && exec "$@"';
  return new Command(["sh", "-c", go, file("."), process.execPath, tool, ...args]).ended;
}

/** What is said of each broken server, and what is in the line that is named. */
const MISTAKES = {
  spin: ["The loop spins", "EVENT_READ | selectors.EVENT_WRITE"],
  "lost-rest": ["The rest of 1 send was never sent", "conn.send("],
  "blocking-handler": ["A call blocked the whole loop", "conn.recv("],
  message: ["Its calls to the system are in order", "conn.recv("],
  unregister: ["Closed while still registered", "conn.close("],
  "stale-key": ["A stale key was handled", "conn.recv("],
} as const;
const NAMES = Object.keys(MISTAKES) as (keyof typeof MISTAKES)[];

describe("each server fails, with its line, until it is mended", () => {
  // poll finds other troubles than epoll does: it reports a closed descriptor, and has no line that registered one.
  test
    .runIf(has_epoll)
    .each(NAMES.flatMap((name) => ["ts", "py"].map((language) => [name, language] as const)))(
    "%s in %s",
    async (name, language) => {
      if (language === "py") needs("strace");
      make_package();
      expect(await iomux("course", name)).toMatchObject({ status: 0, stderr: "" });
      const script = `iomux-course/${name}/server.${language}`;
      const [what, faulty] = MISTAKES[name];
      const lines = readFileSync(file(script), "utf8").split("\n");
      const line = 1 + lines.findIndex((text) => text.includes(faulty));

      const broken = await iomux("trace", "--check", script);
      const said = broken.stderr.replaceAll(/\s+/g, " ");
      expect(broken.status).toBe(1);
      expect(said).toContain(what);
      expect(said).toContain(` (server.${language}, line ${line})`);
      expect(said).toMatch(new RegExp(`FAIL server\\.${language}: .*\\d \\w+( failed)? $`));

      copyFileSync(`course/${name}/solution.${language}`, file(script));
      const mended = await iomux("trace", "--check", script);
      expect(mended.stderr).toMatch(new RegExp(`^pass  server\\.${language}\n$`, "m"));
      expect(mended.status).toBe(0);
    },
  );
});

describe("the command", () => {
  test("lists the exercises at 80 columns, and tells which are begun", async () => {
    make_package();
    await iomux("course", "message");
    const { status, stdout } = await iomux("course");
    expect(status).toBe(0);
    for (const name of NAMES) expect(stdout).toContain(`  ${name} `);
    expect(stdout.match(/\(begun\)/g)).toHaveLength(1);
    expect(stdout).toMatch(/ {2}message .*\(begun\)/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("tells the story, and leaves alone what the learner has changed", async () => {
    make_package();
    const { stdout } = await iomux("course", "spin");
    expect(stdout).toContain("The fan that never stops");
    expect(stdout).toContain("Copied to iomux-course/spin: server.ts, server.py, client.ts.");
    expect(stdout).not.toContain("npm install");
    writeFileSync(file("iomux-course/spin/server.ts"), "mine");
    const again = await iomux("course", "spin");
    expect(again.stdout).toContain("Your copy is in iomux-course/spin.");
    expect(readFileSync(file("iomux-course/spin/server.ts"), "utf8")).toBe("mine");
  });

  test("says so where the programs would not find the package", async () => {
    const { stdout } = await iomux("course", "spin");
    expect(stdout).toContain("npm install iomux");
  });

  test.each(NAMES)("has three hints and a solution for %s, without Markdown", async (name) => {
    const all = await Promise.all([
      ...["1", "2", "3"].map((number) => iomux("course", name, "--hint", number)),
      iomux("course", name, "--solution"),
    ]);
    for (const { status, stdout } of all) {
      expect(status).toBe(0);
      expect(stdout.length).toBeGreaterThan(60);
      expect(stdout).not.toMatch(/`|\b_\w+_\b|##/);
      for (const line of stdout.split("\n").filter((text) => !text.includes("/"))) {
        expect(line.length).toBeLessThanOrEqual(80);
      }
    }
    expect(new Set(all.map(({ stdout }) => stdout)).size).toBe(4);
  });

  test.each([
    [["nothing"], "Allowed choices are spin, lost-rest"],
    [["spin", "--hint", "9"], "spin has 3 hints; after them, there is --solution"],
    [["spin", "--hint", "first"], "Not a number from 1"],
    [["--hint", "1"], "Which exercise?"],
    [["spin", "--hint", "1", "--solution"], "cannot be used with"],
  ])("refuses %j", async (args, why) => {
    const { status, stdout, stderr } = await iomux("course", ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(why);
  });
});

describe("iomux trace --check", () => {
  test("fails a program that makes no call", async () => {
    make_package();
    writeFileSync(file("idle.mjs"), "");
    const { status, stderr } = await iomux("trace", "--check", "idle.mjs");
    expect(stderr).toContain("FAIL  idle.mjs: no call was recorded");
    expect(status).toBe(1);
  });

  test("takes another client, and writes the recording if it is asked to", async () => {
    make_package();
    await iomux("course", "spin");
    writeFileSync(
      file("silent.mjs"),
      `import * as select from "iomux/select";
      import * as socket from "iomux/socket";
      const sock = socket.create_connection(["127.0.0.1", 65441]);
      select.select([], [], [], 0.2);
      sock.close();`,
    );
    const args = ["-o", "it.jsonl", "iomux-course/spin/server.ts", "--", "silent.mjs"];
    const { status, stderr } = await iomux("trace", "--check", ...args);
    expect(stderr).toContain("FAIL  server.ts: 1 trouble\n");
    expect(status).toBe(1);
    expect(readFileSync(file("it.jsonl"), "utf8")).toContain('"program":"silent.mjs"');
  });

  test("is not for recordings side by side", async () => {
    const args = ["--check", "--side-by-side", "poll,epoll", "x.ts"];
    const { status, stderr } = await iomux("trace", ...args);
    expect(stderr).toContain("cannot be used with");
    expect(status).toBe(2);
  });
});
