/** Do Python programs, recorded through strace, make the calls that strace sees without us? */

import { beforeEach, expect, test } from "vitest";

import { Command } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";
import { PYTHON } from "../support/python.ts";
import { traced } from "../support/strace.ts";
import type { SystemCall } from "../support/strace.ts";
import {
  HOST,
  nothing,
  script,
  record_python,
  of_kind,
  comparable,
  calls_in,
  interrupt,
  say,
  echoing,
  ECHO_PORT,
  lines_of,
} from "../support/straced.ts";
import type { Scene } from "../support/straced.ts";
import { needs } from "../support/tools.ts";

beforeEach(() => needs("strace", "python3"));

const names = (
  "socket socketpair bind listen accept4 connect getsockname getpeername sendto recvfrom shutdown " +
  "getsockopt setsockopt close fcntl ioctl epoll_create1 epoll_ctl epoll_wait epoll_pwait poll " +
  "select pselect6 read write"
).split(" ");

async function plain(command: readonly string[], scene: Scene): Promise<SystemCall[]> {
  const run = traced(command, names);
  const program = new Command(run.command);
  await scene(program);
  await program.ended;
  return run.calls();
}

/** What the interpreter closes, and asks for, when the script is over has no line of the script. */
function until_done(calls: readonly string[], last: string): readonly string[] {
  const end = calls.findLastIndex((call) => call.startsWith(last));
  expect(end).not.toBe(-1);
  return calls.slice(0, end + 1);
}

const many_calls = `
import selectors, socket, sys
left, right = socket.socketpair()
left.settimeout(0.01)
try:
    left.recv(10)
except TimeoutError:
    pass
right.send(b"h\\xffi\\n\\0005\\"quoted\\"")
left.recv(100)
left.close(), right.close()
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 0))
listener.listen()
listener.setblocking(False)
try:
    listener.accept()
except BlockingIOError:
    pass
near = socket.socket()
near.setblocking(False)
near.connect_ex(listener.getsockname())
Selector = getattr(selectors, sys.argv[1])
with Selector() as sel:
    sel.register(listener, selectors.EVENT_READ)
    sel.select()
    far, _ = listener.accept()
    far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sel.register(far, selectors.EVENT_READ | selectors.EVENT_WRITE)
    near.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    for _ in range(3):
        near.sendall(b"message")
        sel.select()
        far.recv(1024)
    sel.modify(far, selectors.EVENT_READ)
    sel.select(0)
    near.shutdown(socket.SHUT_WR)
    sel.select()
    far.recv(1024)
    sel.unregister(far)
    # The same number is given again.
    far.close()
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("127.0.0.1", 0))
    other.sendto(b"to itself", other.getsockname())
    other.recvfrom(100)
    twin = other.dup()
    twin.close()
    other.close()
unix = socket.socket(socket.AF_UNIX)
unix.bind("\\0" + sys.argv[2])
unix.close()
near.close()
listener.close()
`;

test.each(["EpollSelector", "PollSelector", "SelectSelector"])(
  "a recorded Python program makes the calls that strace sees without us: %s",
  async (selector) => {
    const path = script(many_calls);
    const name = `iomux-test-${process.pid}-${selector}`;
    const { lines, ending } = await record_python(path, [selector, name]);
    expect(ending).toEqual({ status: 0, signal: null, stdout: "", stderr: "" });
    const theirs = comparable(await plain([PYTHON, path, selector, name], nothing));
    expect(comparable(calls_in(lines))).toEqual(theirs);
    expect(theirs.length).toBeGreaterThan(50);
  },
);

async function expect_same(name: string, args: readonly string[], last: string, scene: Scene) {
  const path = `scripts/${name}.py`;
  const { lines, ending } = await record_python(path, args, scene);
  expect(ending).toMatchObject({ status: 0, stderr: "" });
  const ours = comparable(without_idling(calls_in(lines)));
  const theirs = comparable(without_idling(await plain([PYTHON, path, ...args], scene)));
  expect(until_done(ours, last)).toEqual(until_done(theirs, last));
  return { lines, ending };
}

/** How often a wait came back with nothing to do is a matter of chance: the last one counts. */
function without_idling(calls: readonly SystemCall[]): SystemCall[] {
  return calls.filter(
    ({ name }, index) => name !== "epoll_wait" || calls[index + 1]?.name !== "epoll_wait",
  );
}

test("the echo server makes the calls that strace sees without us", async () => {
  await reserve(ECHO_PORT);
  const { lines } = await expect_same("echo-server", [], "close(fd1)", async (server) => {
    await server.listening(ECHO_PORT);
    await say(ECHO_PORT, "Hello, world");
  });
  expect(lines_of(lines)).toEqual({
    socket: ["with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:"],
    bind: ["s.bind((HOST, PORT))"],
    listen: ["s.listen()"],
    accept4: ["conn, addr = s.accept()"],
    getsockname: ["conn, addr = s.accept()"],
    recvfrom: ["data = conn.recv(1024)"],
    sendto: ["conn.sendall(data)"],
    close: ["with conn:", "with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:"],
  });
});

test("the echo client makes the calls that strace sees without us", async () => {
  await reserve(ECHO_PORT);
  await echoing(ECHO_PORT);
  const { lines } = await expect_same("echo-client", [], "close(fd1)", nothing);
  expect(lines_of(lines)).toMatchObject({
    connect: ["s.connect((HOST, PORT))"],
    sendto: ['s.sendall(b"Hello, world")'],
    recvfrom: ["data = s.recv(1024)"],
  });
  expect(of_kind(lines, "print").map(({ fd, text: printed }) => [fd, printed])).toEqual([
    [1, "Received b'Hello, world'\n"],
  ]);
});

test("the server for many connections makes the calls that strace sees without us", async () => {
  const port = await reserve();
  const args = [HOST, String(port)];
  const { lines, ending } = await expect_same(
    "multiconn-server",
    args,
    "close(fd1)",
    async (server) => {
      await server.printed("Listening on");
      await say(port, "Hello");
      await interrupt(server);
    },
  );
  expect(ending.stdout).toContain("Caught keyboard interrupt, exiting.");
  expect(lines_of(lines)).toMatchObject({
    accept4: ["conn, addr = sock.accept()"],
    recvfrom: ["recv_data = sock.recv(1024)"],
    sendto: ["sent = sock.send(data.outb)"],
    epoll_wait: ["events = sel.select(timeout=None)"],
    close: ["sock.close()", "sel.close()"],
  });
});
