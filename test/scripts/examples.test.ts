/** The examples, each running as a program, with clients that misbehave. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";

import { expect, onTestFinished, test } from "vitest";

import { AF_INET, SO_RCVBUF, socket, SOL_SOCKET } from "iomux/socket";

import { Command, compiled } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";
import { closing } from "../support/sockets.ts";
import { meanwhile, until } from "../support/waiting.ts";

/** The port on which an example relays what it receives; null for one that serves nobody. */
const examples: Readonly<Record<string, number | null>> = { "chat.ts": 6667, "timeout.ts": null };

test("every example without a Python original is tested here", () => {
  const files = readdirSync("examples");
  const own = files.filter(
    (file) => file.endsWith(".ts") && !files.includes(file.replace(".ts", ".py")),
  );
  expect(own).toEqual(Object.keys(examples));
});

/** A client that connects and does not read. */
function connect_slow(port: number): socket {
  const slow = closing(new socket(AF_INET));
  slow.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096);
  slow.connect(["127.0.0.1", port]);
  return slow;
}

async function connect_client(port: number): Promise<Socket> {
  const client = connect(port, "127.0.0.1");
  onTestFinished(() => void client.destroy());
  await once(client, "connect");
  return client;
}

/** A client that hears what another says: so the server has accepted it, and all who came before. */
async function connect_reader(port: number, talker: Socket): Promise<Socket> {
  const reader = await connect_client(port);
  await meanwhile(once(reader, "data"), () => talker.write("Hello\n"));
  return reader;
}

const relays = Object.entries(examples).filter(([, port]) => port !== null);

test.each(relays as [string, number][])(
  "%s serves others beside slow readers",
  async (file, port) => {
    await reserve(port, true);
    const server = new Command(compiled(`examples/${file}`));
    await server.listening(port);

    const slow = connect_slow(port);
    const talker = await connect_client(port);
    const reader = await connect_reader(port, talker);
    let sent = 0;
    let received = 0;
    reader.on("data", (data) => (received += data.filter((byte) => byte === 0x78).length));
    const relay = async () => {
      talker.write("x".repeat(65_536));
      sent += 65_536;
      await until(() => received === sent || server.has_ended);
      expect(server.has_ended, server.stderr).toBe(false);
    };
    while (!server.stdout.includes("does not read")) await relay();
    slow.close();

    const leaving = connect_slow(port);
    await connect_reader(port, talker);
    // Closed with bytes that it has not read, a connection is reset.
    leaving.close();
    await server.printed("Connection reset by peer");
    await relay();

    const { status, stdout, stderr } = await server.interrupt();
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/Bye\.\n$/);
  },
);
