/** What the README and the examples promise, done as they say. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";

import { afterAll, expect, test } from "vitest";

import { select } from "iomux/select";
import { create_connection } from "iomux/socket";

import { is_blocked } from "../support/proc.ts";
import { closing } from "../support/sockets.ts";
import { until } from "../support/waiting.ts";

const readme = readFileSync("README.md", "utf8");
// Inside the project, so that the package's own name resolves.
mkdirSync("build", { recursive: true });
const folder = mkdtempSync("build/readme-");
afterAll(() => rmSync(folder, { recursive: true }));

function run(file: string) {
  return spawn(process.execPath, ["--import", "tsx", "--conditions=iomux-source", file]);
}

test("the README's example echoes to several clients, until Ctrl-C", async () => {
  const [, code] = /```ts\n(.*?)```/s.exec(readme)!;
  const file = join(folder, "example.ts");
  // A port of the system's choice, and word of it: the one thing that is not as it stands there.
  writeFileSync(
    file,
    code
      .replace('["127.0.0.1", 54321]', '["127.0.0.1", 0]')
      .replace("lsock.listen();", "lsock.listen(); print(lsock.getsockname());"),
  );
  const program = run(file);
  const [line] = (await once(program.stdout, "data")) as [Buffer];
  const port = Number(/\d+\)/.exec(line.toString())![0].slice(0, -1));
  // One that sends until the program waits for it to read delays nobody.
  const slow = closing(create_connection(["127.0.0.1", port]));
  slow.setblocking(false);
  const sends = () =>
    select([], [slow], [], 0)[1].length > 0 && slow.send(Buffer.alloc(65_536)) > 0;
  await until(() => program.exitCode !== null || (!sends() && is_blocked(program.pid!)));
  const clients = [connect(port), connect(port)];
  for (const client of clients) {
    client.write("hello");
    const [data] = (await once(client, "data")) as [Buffer];
    expect(data.toString()).toBe("hello");
    client.end();
    await once(client, "close");
  }
  const rest = text(program.stdout);
  program.kill("SIGINT");
  expect(await once(program, "exit")).toEqual([0, null]);
  expect(await rest).toMatch(/Caught keyboard interrupt, exiting\.\n$/);
});

test("the example with timeouts prints what it waits for", async () => {
  const program = run("examples/timeout.ts");
  expect(await text(program.stdout)).toBe(
    "nothing yet: []\nready, for: [1]\nreceived: b'hello'\nno more: TimeoutError('timed out')\n",
  );
});

test("every file that the README and CONTRIBUTING name is there", () => {
  const pages = readme + readFileSync("CONTRIBUTING.md", "utf8");
  const names = pages.match(
    /(?:scripts|lib|native|test|tools|examples|docs)\/[\w*./-]+\.(?:ts|py|cc|md)/g,
  )!;
  for (const name of new Set(names)) {
    if (/\/X\./.test(name)) continue;
    const pattern = new RegExp(`^${basename(name).replaceAll(".", "\\.").replace("*", ".*")}$`);
    expect(readdirSync(dirname(name)), name).toSatisfy((files: string[]) =>
      files.some((file) => pattern.test(file)),
    );
  }
});

test("every link from one page to another leads somewhere", () => {
  const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "native/README.md"];
  pages.push(
    ...readdirSync("docs")
      .filter((file) => file.endsWith(".md"))
      .map((file) => `docs/${file}`),
  );
  const links = pages.flatMap((page) =>
    Array.from(readFileSync(page, "utf8").matchAll(/\]\((?!https?:)([^)#\s]+)/g), ([, link]) => {
      return join(dirname(page), link);
    }),
  );
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
});
