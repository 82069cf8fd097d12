/**
 * Makes the pictures in docs/images/: records the tutorial's programs with the last build of `npx iomux`,
 * and opens the pages in Chromium.
 *
 * Usage: npm run screenshots [-- NAME...]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import type { Page } from "playwright-core";

import { launch } from "./browser.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const IMAGES = join(ROOT, "docs/images");
const HOST = "127.0.0.1";

/** A page, and how to make it. */
interface Picture {
  readonly name: string;
  readonly theme: "light" | "dark";
  /** The command's arguments, up to the output's name. */
  readonly command: (port: string) => readonly string[];
  /** What to do before the screenshot. */
  readonly act: (page: Page) => Promise<void>;
}

const watched = ["--why", "--watch", "tutorial"];
const multiconn = (port: string) =>
  `scripts/multiconn-server.ts ${HOST} ${port} -- scripts/multiconn-client.ts ${HOST} ${port} 2`.split(
    " ",
  );

const pictures: readonly Picture[] = [
  {
    name: "viewer-light",
    theme: "light",
    command: (port) => ["trace", ...watched, ...multiconn(port), "-o"],
    act: async (page) => {
      await filter(page, "recvfrom");
      await page
        .getByRole("option", { name: /recvfrom/ })
        .nth(1)
        .click();
      await filter(page, "");
      await page.getByRole("button", { name: "Turn" }).click();
    },
  },
  {
    name: "viewer-dark",
    theme: "dark",
    command: (port) => [
      "trace",
      ...watched,
      "--fault",
      "slow-peer",
      "scripts/app-server.ts",
      HOST,
      port,
      "-o",
    ],
    act: async (page) => {
      await filter(page, "recvfrom");
      await page
        .getByRole("option", { name: /recvfrom/ })
        .nth(8)
        .click();
      await filter(page, "");
    },
  },
  {
    name: "troubles",
    theme: "light",
    command: (port) => [
      "trace",
      ...watched,
      "--fault",
      "tiny-buffers",
      "scripts/multiconn-server.ts",
      HOST,
      port,
      "-o",
    ],
    act: async (page) => {
      await page.getByRole("tab", { name: /Troubles/ }).click();
      await page.getByRole("list").getByRole("button").first().click();
    },
  },
  {
    name: "questions",
    theme: "light",
    command: (port) => ["trace", ...watched, ...multiconn(port), "-o"],
    act: async (page) => {
      await page.getByRole("tab", { name: /Questions/ }).click();
      await page.getByRole("button", { name: "Ask me" }).click();
    },
  },
  {
    name: "side-by-side",
    theme: "light",
    command: (port) => [
      "trace",
      "--side-by-side",
      "select,poll,epoll,net",
      ...multiconn(port),
      "-o",
    ],
    act: (page) => page.getByLabel("What differs").scrollIntoViewIfNeeded(),
  },
  {
    name: "twins",
    theme: "light",
    command: () => ["twins", "echo-server", "--html"],
    act: async (page) => {
      await page.evaluate("scrollTo(0, document.body.scrollHeight)");
    },
  },
];

async function filter(page: Page, text: string): Promise<void> {
  await page.getByLabel("Filter the log").fill(text);
}

async function free_port(): Promise<string> {
  const server = createServer().listen(0, HOST);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

async function take({ name, theme, command, act }: Picture, folder: string): Promise<void> {
  const file = join(folder, `${name}.html`);
  const args = [...command(await free_port())];
  // The page's name goes before the programs, as what follows are their arguments.
  const output = args.pop()!;
  args.splice(1, 0, ...(args[0] === "trace" ? ["-q", output, file] : []));
  if (args[0] === "twins") args.push(output, file);
  const { status, stderr } = spawnSync(process.execPath, ["dist/tools/iomux.js", ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`iomux ${args.join(" ")} ended with ${status}:\n${stderr}`);
  const browser = await launch();
  try {
    const page = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      colorScheme: theme,
    });
    await page.goto(pathToFileURL(file).href);
    await page.getByRole("heading").or(page.getByRole("navigation")).first().waitFor();
    const skip = page.getByRole("button", { name: "Skip the tour" });
    if ((await skip.count()) > 0) await skip.click();
    await act(page);
    await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  } finally {
    await browser.close();
  }
  console.log(`docs/images/${name}.png`);
}

const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "iomux-screenshots-"));
mkdirSync(IMAGES, { recursive: true });
try {
  for (const picture of pictures) {
    if (wanted.length === 0 || wanted.includes(picture.name)) await take(picture, folder);
  }
} finally {
  rmSync(folder, { recursive: true });
}
