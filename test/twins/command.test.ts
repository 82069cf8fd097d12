/**
 * `npx iomux twins`, as a user types it, on copies of the tutorial's programs in a folder of their own.
 * TypeScript is recorded by the tap in the process and Python by strace: that both agree is held here;
 * that strace sees the same for both, in tutorial-system-calls.test.ts.
 */
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";

import type { Page } from "playwright-core";
import width_of from "string-width";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { launch } from "../../tools/browser.ts";
import { Command } from "../support/commands.ts";
import type { Ending } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";
import { PYTHON } from "../support/python.ts";
import { needs } from "../support/tools.ts";

const TOOL = resolve("build-test/tools/iomux.js");
const ECHO_PORT = 65_432;

let folder = "";

/** A folder as a user has it: the programs, and in node_modules this package and tsx. */
beforeEach(() => {
  needs("strace", "python3");
  folder = mkdtempSync(join(tmpdir(), "iomux-twins-test-"));
  cpSync("scripts", join(folder, "scripts"), { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(resolve("build-test"), join(folder, "node_modules/iomux"));
  symlinkSync(resolve("node_modules/tsx"), join(folder, "node_modules/tsx"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return () => rmSync(folder, { recursive: true });
});

/** The command in that folder, until it has ended. */
async function twins(...args: string[]): Promise<Ending> {
  const command = [process.execPath, TOOL, "twins", ...args];
  return new Command(["env", "-C", folder, ...command]).ended;
}

/** Changes one of the copies; what is looked for must be there. */
function change(name: string, from: string, to: string): void {
  const path = join(folder, "scripts", name);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

const chapters = {
  echo: { "echo-server": 9, "echo-client": 5 },
  multiconn: { "multiconn-server": 22, "multiconn-client": 34 },
  app: { "app-server": 41, "app-client": 13 },
} as const;

describe.each(Object.entries(chapters))("%s", (chapter, programs) => {
  test("does the same in both languages, which the terminal says at 80 columns", async () => {
    if (chapter === "echo") await reserve(ECHO_PORT);
    const { status, stdout, stderr } = await twins(chapter);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const text = unfolded(stdout);
    for (const [program, count] of Object.entries(programs)) {
      expect(text).toContain(`── ${program} ──`);
      expect(text).toContain(
        `= Both made the same ${count} system calls on their sockets and pollers, in the same order.`,
      );
    }
    expect(text).not.toContain("≠");
    // What the comparison leaves alone is said.
    if (chapter !== "echo")
      expect(text).toContain("whatever is still open after the selector is closed");
    expect(text).toContain("calls getsockname on each socket it accepts");
    for (const line of stdout.split("\n")) expect(width_of(line)).toBeLessThanOrEqual(80);
    // Nobody asked for colours.
    expect(stdout).not.toContain("\u001B");
  });
});

/** A text without the breaks that make its lines fit. */
function unfolded(text: string): string {
  return text.replaceAll(/\n? +/g, " ");
}

/** Runs a command on a terminal of 160 columns, and hands on what it writes there. */
const on_terminal = `
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
try:
    while data := os.read(terminal, 65536): os.write(1, data)
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

test("a terminal gets colours, and has room for node:net as a third column when it is wide", async () => {
  const command = [process.execPath, TOOL, "twins", "multiconn-server", "--net"];
  const terminal = [PYTHON, "-c", on_terminal, "env", "-C", folder, ...command];
  const { status, stdout } = await new Command(terminal).ended;
  expect(status).toBe(0);
  expect(stdout).toContain("\u001B[35mimport\u001B[39m selectors");
  const lines = stripVTControlCharacters(stdout).split(/\r?\n/);
  for (const line of lines) expect(width_of(line)).toBeLessThanOrEqual(160);
  const row = lines.find((line) => line.includes("createServer }"))!;
  expect(row.split(" │ ").map((cell) => cell.trim())).toEqual([
    "",
    "7 import { b, int, KeyboardInterrupt, print,",
    '7 import { createServer } from "node:net";',
  ]);
});

/** The two lines of a row of the page, and the calls below. */
interface Row {
  readonly lines: readonly [python: string, typescript: string];
  readonly calls: readonly [python: readonly string[], typescript: readonly string[]];
}

/** Opens a page in Chromium; whatever it complains about, or wants to load, fails the test. */
async function open(path: string, colorScheme: "light" | "dark"): Promise<Page> {
  needs("Chromium");
  const browser = await launch();
  onTestFinished(async () => browser.close());
  const page = await browser.newPage({ colorScheme, viewport: { width: 1200, height: 900 } });
  const url = pathToFileURL(path).href;
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== url) complaints.push(request.url());
  });
  await page.goto(url);
  expect(complaints).toEqual([]);
  return page;
}

async function rows_of(page: Page, program: string): Promise<Row[]> {
  const read = (element: Element): Row[] => {
    const rows: Row[] = [];
    for (const row of element.querySelectorAll("tbody tr")) {
      const [, python, , , typescript] = row.children;
      if (row.className !== "calls") {
        rows.push({ lines: [python.textContent, typescript.textContent], calls: [[], []] });
        continue;
      }
      const calls = [python, typescript].map((cell) =>
        [...cell.querySelectorAll(".call")].map((call) => call.textContent),
      );
      rows.push({ lines: rows.pop()!.lines, calls: [calls[0], calls[1]] });
    }
    return rows;
  };
  return page.locator(`#${program} .twins`).evaluate(read);
}

/** A call as both must have made it in the same line: how often a wait came back is chance. */
function alike(calls: readonly string[]): string[] {
  return calls
    .filter((call) => !call.includes("getsockname"))
    .map((call) => call.replace(/:\d+/, ":PORT").replace(/ in (\w+)\.\w+/, " in $1"))
    .map((call) => call.replace(/(epoll_wait).*/, "$1"))
    .filter((call, index, all) => all.indexOf(call) === index);
}

describe("the page", () => {
  test.each([
    ["echo", "echo-server", "conn.sendall(data)", ["→ sendto(conn, 12) = 12"]],
    [
      "multiconn-server",
      "multiconn-server",
      "recv_data = sock.recv(1024)",
      ["→ recvfrom(conn, 1024) = 22 ×2", "→ recvfrom(conn, 1024) = 0"],
    ],
    [
      "app-server",
      "app-server",
      "sel.register(conn, selectors.EVENT_READ, data=message)",
      ["→ epoll_ctl(epoll, ADD, conn, EPOLLIN) = 0 ×3"],
    ],
    ["libserver", "libserver", "self.sock.close()", ["→ close(conn) = 0 ×3"]],
    [
      "libclient",
      "libclient",
      "self.selector.unregister(self.sock)",
      ["→ epoll_ctl(epoll, DEL, sock) = 0"],
    ],
  ])(
    "of %s has the calls of each line below it, in both columns",
    async (name, program, line, calls) => {
      if (name === "echo") await reserve(ECHO_PORT);
      const { status, stderr } = await twins(name, "--html");
      expect([status, stderr]).toEqual([0, `iomux: written to ${name}-twins.html\n`]);
      const page = await open(join(folder, `${name}-twins.html`), "light");
      const rows = await rows_of(page, program);
      const python = readFileSync(join(folder, `scripts/${program}.py`), "utf8").trimEnd();
      // All of the source is there, each line once.
      const shown = rows.map(({ lines }) => lines[0]).filter((text) => text !== "");
      expect(shown).toEqual(
        python
          .split("\n")
          .map((text) => text.trim())
          .filter((text) => text !== ""),
      );
      expect(rows.find(({ lines }) => lines[0] === line)?.calls).toEqual([calls, calls]);
      const with_calls = rows.filter((row) => row.calls.flat().length > 0);
      expect(with_calls.length).toBeGreaterThan(4);
      for (const row of with_calls) {
        expect([row.lines[0], alike(row.calls[0])]).toEqual([row.lines[0], alike(row.calls[1])]);
      }
    },
  );

  test("has a third column for node:net, with the totals of its calls, light and dark", async () => {
    const { status } = await twins("multiconn-server", "--net", "--html", "page.html");
    expect(status).toBe(0);
    const looks: string[] = [];
    for (const scheme of ["light", "dark"] as const) {
      const page = await open(join(folder, "page.html"), scheme);
      const beside = page.locator(".beside");
      await beside.waitFor();
      const text = await beside.innerText();
      expect(text).toContain("libuv makes them between the program's lines");
      expect(text).toMatch(/accept4\s+1\s+1\s+1/);
      expect(text).toMatch(/recvfrom\s+3\s+3\s+–/);
      expect(text).toContain("const server = createServer(serve);");
      looks.push(
        await page.evaluate(() => {
          const { backgroundColor, color } = getComputedStyle(document.body);
          return `${color} on ${backgroundColor}`;
        }),
      );
    }
    expect(looks).toEqual([
      "rgb(31, 35, 40) on rgb(252, 251, 248)",
      "rgb(228, 230, 234) on rgb(22, 24, 29)",
    ]);
  });
});

describe("a difference is found", () => {
  test("in what is printed", async () => {
    change("multiconn-server.ts", "Closing connection to", "Closing the connection to");
    const { status, stdout } = await twins("multiconn-server");
    expect(status).toBe(1);
    const text = unfolded(stdout);
    expect(text).toContain("≠ What they printed differs in line 5:");
    expect(text).toContain("≠ Python Closing connection to ('127.0.0.1', port1)");
    expect(text).toContain("≠ TypeScript Closing the connection to ('127.0.0.1', port1)");
    expect(text).toContain("= Both made the same 22 system calls");
  });

  test("in the arguments of a system call", async () => {
    await reserve(ECHO_PORT);
    change("echo-server.py", "conn.recv(1024)", "conn.recv(1000)");
    const { status, stdout } = await twins("echo-server");
    expect(status).toBe(1);
    const text = unfolded(stdout);
    expect(text).toContain("= Both printed the same line.");
    expect(text).toContain("≠ Their system calls differ in the 5th:");
    expect(text).toContain('≠ Python recvfrom(conn, 1000) = 12 "Hello, world" echo-server.py:18');
    expect(text).toContain(
      '≠ TypeScript recvfrom(conn, 1024) = 12 "Hello, world" echo-server.ts:21',
    );
  });

  test("in their order", async () => {
    change(
      "app-server.ts",
      "lsock.setblocking(false);\nsel.register(lsock, selectors.EVENT_READ, null);",
      "sel.register(lsock, selectors.EVENT_READ, null);\nlsock.setblocking(false);",
    );
    const { status, stdout } = await twins("app-server");
    expect(status).toBe(1);
    const text = unfolded(stdout);
    expect(text).toContain("≠ Python ioctl(listener, FIONBIO, 1) = 0");
    expect(text).toContain("≠ TypeScript epoll_ctl(epoll, ADD, listener, EPOLLIN) = 0");
  });

  test("in a call that one of them leaves out, and in how they end", async () => {
    await reserve(ECHO_PORT);
    change("echo-client.py", 's.sendall(b"Hello, world")', "raise SystemExit(3)");
    const { status, stdout } = await twins("scripts/echo-client.py");
    expect(status).toBe(1);
    const text = unfolded(stdout);
    expect(text).toContain("≠ Python (nothing more)");
    expect(text).toContain("≠ Python close(sock) = 0");
    expect(text).toContain('≠ TypeScript sendto(sock, 12) = 12 "Hello, world"');
    expect(text).toContain(
      "≠ They ended differently: Python ended with exit status 3, TypeScript ended with exit status 0.",
    );
  });

  test("and is on the page", async () => {
    await reserve(ECHO_PORT);
    change("echo-client.ts", "s.recv(1024)", "s.recv(5)");
    const { status } = await twins("echo-client", "--html", "page.html");
    expect(status).toBe(1);
    const page = await open(join(folder, "page.html"), "dark");
    const differs = await page.locator(".differs").allInnerTexts();
    expect(differs).toHaveLength(2);
    expect(differs[0]).toContain("What they printed differs in line 1:");
    expect(differs[1]).toMatch(
      /Python\s+recvfrom\(sock, 1024\) = 12 "Hello, world"\s+echo-client.py:14/,
    );
    expect(differs[1]).toMatch(/TypeScript\s+recvfrom\(sock, 5\) = 5 "Hello"\s+echo-client.ts:18/);
  });
});

describe("other programs", () => {
  test("are run alone, and compared as well", async () => {
    writeFileSync(join(folder, "hello.py"), 'print("Hello")\nprint("world")\n');
    writeFileSync(join(folder, "hello.ts"), 'console.log("Hello");\nconsole.log("World");\n');
    const { status, stdout } = await twins("./hello.ts");
    expect(status).toBe(1);
    expect(stdout).toContain("$ python3 hello.py\n$ npx tsx hello.ts\n");
    expect(stdout).toContain("≠ What they printed differs in line 2:");
    expect(stdout).toContain("  = Hello\n");
    expect(unfolded(stdout)).toContain("= Neither made a system call on its sockets or pollers.");
  });
});

describe("misuse", () => {
  test.each([
    [["nobody"], "iomux: Unknown twins nobody: use echo-server, echo-client, "],
    [["./nobody.ts"], "iomux: No such file: ./nobody.ts."],
    [
      ["scripts/net/sys.ts"],
      "iomux: No such file: scripts/net/sys.py. Put the Python program beside scripts/net/sys.ts.",
    ],
    [
      ["package.json"],
      "iomux: package.json is not a TypeScript program: its name does not end with .ts.",
    ],
    [[], "error: missing required argument 'name'"],
    [["echo", "--colour"], "error: unknown option '--colour'"],
  ])("%j", async (args, complaint) => {
    const { status, stdout, stderr } = await twins(...args);
    expect(stderr).toContain(complaint);
    expect([status, stdout]).toEqual([2, ""]);
  });

  test("a port that is taken", async () => {
    const server = createServer().listen(await reserve(ECHO_PORT), "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { status, stderr } = await twins("echo-server");
    expect(status).toBe(2);
    expect(stderr).toContain(
      `iomux: Port ${ECHO_PORT} is in use: stop the process that listens there`,
    );
  });
});
