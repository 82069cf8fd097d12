/** Systems that lack what Linux alone has: played by an addon without it. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

import { expect, test } from "vitest";

import { Command, compiled } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";

const real = process.env.IOMUX_ADDON ?? resolve("build/Release/iomux.node");
const elsewhere = [
  "env",
  `IOMUX_REAL_ADDON=${real}`,
  `IOMUX_ADDON=${resolve("test/support/like-macos.cjs")}`,
];

test("every module loads, and says what is not there as Python does: by its absence", () => {
  const program = `
    import { select, selectors, socket } from ${JSON.stringify(resolve("build-test/lib/index.js"))};
    const [left, right] = socket.socketpair();
    left.sendall(Buffer.from("x"));
    console.log(JSON.stringify([
      typeof select.epoll, typeof selectors.EpollSelector, selectors.DefaultSelector.name,
      typeof socket.AF_NETLINK, typeof socket.SOCK_CLOEXEC, right.recv(1).toString(),
      String(left).replace(/fd=\\d+/, "fd"), left.get_inheritable(),
      new socket.socket(null, null, null, left.detach()).proto,
    ]));`;
  const [file, ...args] = [...elsewhere, process.execPath, "--input-type=module", "-e", program];
  const { stdout, stderr } = spawnSync(file, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual([
    "undefined",
    "undefined",
    "PollSelector",
    "undefined",
    "undefined",
    "x",
    "<socket.socket fd, family=1, type=1, proto=0>",
    false,
    0,
  ]);
});

test("the tutorial's last chapter runs there, and Ctrl-C ends it", async () => {
  const address = ["127.0.0.1", String(await reserve())];
  const server = new Command([...elsewhere, ...compiled("scripts/app-server.ts"), ...address]);
  await server.listening(Number(address[1]));
  const ask = [...compiled("scripts/app-client.ts"), ...address, "search", "morpheus"];
  const { status, stdout } = await new Command([...elsewhere, ...ask]).ended;
  expect(stdout).toContain("Got result: Follow the white rabbit. 🐰");
  expect(status).toBe(0);
  expect(await server.interrupt()).toMatchObject({ status: 0, stderr: "" });
});
