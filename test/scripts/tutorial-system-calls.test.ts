/**
 * What the tutorial's programs ask of the system, under strace: what they ask in Python, in the same
 * order with the same arguments. Their peers are played here, so that each run is like the other.
 */
import { expect, onTestFinished, test } from "vitest";

import { json_encode, pack_length } from "iomux/protocol";

import { HOST, Peer, PeerServer } from "../../tools/twins/peers.ts";
import { Command } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";
import { is_blocked } from "../support/proc.ts";
import { on_sockets, renamed, text, traced } from "../support/strace.ts";
import type { SystemCall } from "../support/strace.ts";
import { is_linux } from "../support/system.ts";
import { command } from "../support/tutorial.ts";
import type { Language } from "../support/tutorial.ts";
import { until } from "../support/waiting.ts";

const names = (
  "write close socket socketpair bind listen accept accept4 connect getsockname getpeername " +
  "getsockopt setsockopt sendto sendmsg recvfrom recvmsg shutdown ioctl fcntl dup dup2 dup3 " +
  "epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 " +
  "poll ppoll select pselect6"
).split(" ");

/** What happens between the program's start and its end. */
type Scene = (program: Command) => Promise<void>;

async function calls_of(
  language: Language,
  name: string,
  args: readonly string[],
  scene: Scene,
): Promise<string[]> {
  const run = traced(command(name, language, args), names);
  const program = new Command(run.command);
  await scene(program);
  const { stderr } = await program.ended;
  expect(stderr).toBe("");
  const calls = await run.calls();
  const own = on_sockets(calls).filter(({ name: call }) => call !== "write");
  return until_end(renamed(without_idling(without_own_habits(own))).map(text));
}

/**
 * Up to where a program with a selector closes it, the last thing it does: then CPython asks for the
 * addresses of the listener, for a warning that nobody sees, and the listener is closed by both.
 */
function until_end(calls: string[]): string[] {
  const selector = calls.find((call) => call.startsWith("epoll_create1"))?.split(" = ")[1];
  if (selector === undefined) return calls;
  return calls.slice(0, calls.indexOf(`close(${selector}) = 0`) + 1);
}

/** Sends Ctrl-C to a server that waits for its clients. */
async function interrupt(server: Command): Promise<void> {
  await until(() => is_blocked(server.pid));
  expect((await server.interrupt()).status).toBe(0);
}

/** CPython asks for the name of each socket that it accepts, and does nothing with it. */
function without_own_habits(calls: readonly SystemCall[]): SystemCall[] {
  return calls.filter(({ name, args }, index) => {
    const previous = calls[index - 1];
    const is_habit =
      name === "getsockname" && previous?.name === "accept4" && previous.result === args[0];
    return !is_habit;
  });
}

/** How often a wait came back with nothing to do is a matter of chance: the last one counts. */
function without_idling(calls: readonly SystemCall[]): SystemCall[] {
  return calls.filter(
    ({ name }, index) => name !== "epoll_wait" || calls[index + 1]?.name !== "epoll_wait",
  );
}

async function expect_same(name: string, args: readonly string[], scene: Scene): Promise<string[]> {
  const ours = await calls_of("TypeScript", name, args, scene);
  const theirs = await calls_of("Python", name, args, scene);
  expect(ours).toEqual(theirs);
  return ours;
}

/** A client of the server under test. */
async function client_of(port: number): Promise<Peer> {
  const peer = await Peer.to(port);
  onTestFinished(() => peer.destroy());
  return peer;
}

/** A server for the client under test. */
function new_listener(): PeerServer {
  const listener = new PeerServer();
  onTestFinished(() => listener.close());
  return listener;
}

function message(header: object, content: string): Buffer {
  const bytes = json_encode({ ...header, "content-length": Buffer.byteLength(content) }, "utf-8");
  return Buffer.concat([pack_length(bytes.length), bytes, Buffer.from(content)]);
}

const text_json = {
  byteorder: "little",
  "content-type": "text/json",
  "content-encoding": "utf-8",
};
const binary = {
  byteorder: "little",
  "content-type": "binary/custom-client-binary-type",
  "content-encoding": "binary",
};

test.skipIf(!is_linux)("echo-server", async () => {
  const port = await reserve(65_432);
  const calls = await expect_same("echo-server", [], async (server) => {
    await server.listening(port);
    const peer = await client_of(port);
    peer.send("Hello, world");
    expect((await peer.receive(12)).toString()).toBe("Hello, world");
    await peer.end();
  });
  expect(calls).toEqual([
    "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = fd1",
    'bind(fd1, {sa_family=AF_INET, sin_port=htons(port1), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
    "listen(fd1, 128) = 0",
    'accept4(fd1, {sa_family=AF_INET, sin_port=htons(port2), sin_addr=inet_addr("127.0.0.1")}, [16], SOCK_CLOEXEC) = fd2',
    'recvfrom(fd2, "Hello, world", 1024, 0, NULL, NULL) = 12',
    'sendto(fd2, "Hello, world", 12, 0, NULL, 0) = 12',
    'recvfrom(fd2, "", 1024, 0, NULL, NULL) = 0',
    "close(fd2) = 0",
    "close(fd1) = 0",
  ]);
});

test.skipIf(!is_linux)("echo-client", async () => {
  const listener = new_listener();
  await listener.listen(await reserve(65_432));
  await expect_same("echo-client", [], async (client) => {
    const [peer] = await listener.peers(1);
    peer.send(await peer.receive(12));
    await peer.ended();
    await client.ended;
  });
});

test.skipIf(!is_linux)("multiconn-server, until Ctrl-C", async () => {
  const ports = [await reserve(), await reserve()];
  const calls: string[][] = [];
  for (const language of ["TypeScript", "Python"] as const) {
    const port = ports[calls.length];
    calls.push(
      await calls_of(language, "multiconn-server", [HOST, String(port)], async (server) => {
        await server.printed("Listening on");
        const peer = await client_of(port);
        await server.printed("Accepted connection from");
        for (const sent of ["Message 1 from client.", "Message 2 from client."]) {
          peer.send(sent);
          expect((await peer.receive(sent.length)).toString()).toBe(sent);
        }
        await peer.end();
        await server.printed("Closing connection to");
        await interrupt(server);
      }),
    );
  }
  expect(calls[0]).toEqual(calls[1]);
  expect(calls[0].slice(-6)).toEqual([
    "epoll_wait(fd1, [{events=EPOLLIN|EPOLLOUT, data=fd3}], 2, -1) = 1",
    'recvfrom(fd3, "", 1024, 0, NULL, NULL) = 0',
    "epoll_ctl(fd1, EPOLL_CTL_DEL, fd3, pointer) = 0",
    "close(fd3) = 0",
    "epoll_wait(fd1, pointer, 1, -1) = -1 EINTR (Interrupted system call)",
    "close(fd1) = 0",
  ]);
});

test.skipIf(!is_linux).each([1, 3])("multiconn-client with %s connections", async (connections) => {
  const listener = new_listener();
  const port = await listener.listen(0);
  const both = "Message 1 from client.Message 2 from client.";
  const calls = await expect_same(
    "multiconn-client",
    [HOST, String(port), String(connections)],
    async () => {
      const peers = await listener.peers(connections);
      const received = await Promise.all(peers.map((peer) => peer.receive(both.length)));
      for (const [index, peer] of peers.entries()) {
        peer.send(received[index]);
        await peer.ended();
      }
    },
  );
  expect(calls).toContain(
    "epoll_ctl(fd1, EPOLL_CTL_ADD, fd2, {events=EPOLLIN|EPOLLOUT, data=fd2}) = 0",
  );
});

test.skipIf(!is_linux)(
  "app-server, with a search, a binary request and a peer that leaves",
  async () => {
    const ports = [await reserve(), await reserve()];
    const calls: string[][] = [];
    const search = message(text_json, '{"action": "search", "value": "morpheus"}');
    for (const language of ["TypeScript", "Python"] as const) {
      const port = ports[calls.length];
      calls.push(
        await calls_of(language, "app-server", [HOST, String(port)], async (server) => {
          await server.printed("Listening on");
          for (const [index, request] of [search, message(binary, "double hello")].entries()) {
            const peer = await client_of(port);
            await server.printed("Accepted connection from", index + 1);
            peer.send(request);
            await peer.receive(1);
            await peer.end();
            await server.printed("Closing connection to", index + 1);
          }
          const peer = await client_of(port);
          await server.printed("Accepted connection from", 3);
          peer.send(search.subarray(0, 20));
          await peer.end();
          await server.printed("Closing connection to", 3);
          await interrupt(server);
        }),
      );
    }
    expect(calls[0]).toEqual(calls[1]);
    expect(calls[0]).toContain(
      "epoll_ctl(fd1, EPOLL_CTL_MOD, fd3, {events=EPOLLOUT, data=fd3}) = 0",
    );
  },
);

test.skipIf(!is_linux).each([
  ["search", "morpheus", message(text_json, '{"result": "Follow the white rabbit. 🐰"}')],
  ["double", "hello", message(binary, "First 10 bytes of request: doublehell")],
])("app-client: %s %s", async (action, value, response) => {
  const listener = new_listener();
  const port = await listener.listen(0);
  await expect_same("app-client", [HOST, String(port), action, value], async () => {
    const [peer] = await listener.peers(1);
    await peer.receive(100);
    peer.send(response);
    await peer.ended();
  });
});
