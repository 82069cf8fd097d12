/** `iomux/socketserver` beside Python's: the same server in both, with the same clients. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

import { expect, test } from "vitest";

import { OSError, RuntimeError } from "iomux/builtins";
import * as socketserver from "iomux/socketserver";

import { Command, compiled } from "./support/commands.ts";
import { reserve } from "./support/ports.ts";
import { PYTHON } from "./support/python.ts";
import { needs } from "./support/tools.ts";
import { until } from "./support/waiting.ts";

const HOST = "127.0.0.1";

const in_python = `
import socketserver, sys, threading
kind, host, port = sys.argv[1:]
where = (host, int(port))

def shutdown(server):
    # Python's waits until serve_forever has ended.
    threading.Thread(target=server.shutdown).start()

class Upper(socketserver.StreamRequestHandler):
    def setup(self):
        self.answered = 0
        super().setup()
        print("setup", self.server.served, self.answered)
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())
            self.answered += 1
            if line == b"fail\\n": raise RuntimeError("on purpose")
            if line == b"stop\\n": shutdown(self.server)
    def finish(self):
        print("finish", self.answered)
        super().finish()

class Counting(socketserver.TCPServer):
    allow_reuse_address = True
    served = 0
    def verify_request(self, request, client_address):
        self.served += 1
        return self.served != 2
    def handle_error(self, request, client_address): print("handle_error")
    def service_actions(self):
        if self.served == 4: print("service_actions")

class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        print("got", repr(data))
        sock.sendto(data, self.client_address)
        if data == b"stop": shutdown(self.server)

class Patient(socketserver.TCPServer):
    allow_reuse_address = True
    timeout = 0.05
    def handle_timeout(self): print("handle_timeout")

if kind == "tcp":
    with Counting(where, Upper) as server:
        print(repr(server.server_address).replace(port + ")", "port)"), server.request_queue_size)
        server.serve_forever(0.05)
        print("over", server.served)
elif kind == "udp":
    with socketserver.UDPServer(where, Echo) as server:
        server.max_packet_size = 5
        print("bound", server.fileno() > 2)
        server.serve_forever()
        print("over")
else:
    with Patient(where, Upper) as server:
        server.handle_request()
        print("once")
`;

const OURS = compiled("test/support/programs/socketserver.ts");
const languages: readonly (readonly string[])[] = [[PYTHON, "-u", "-c", in_python], OURS];

async function exchange(port: number, sent: string): Promise<string> {
  const peer = connect({ host: HOST, port, allowHalfOpen: true });
  // The server may close a connection in which there is something to read.
  peer.on("error", () => {});
  peer.end(sent);
  return text(peer);
}

/** What the server printed last does not come at a certain time: it may see that it is to stop a turn later. */
function without_repeats(printed: string): string {
  return printed.replaceAll(/(service_actions\n)+/g, "service_actions\n");
}

test("TCP: handlers with fields, a request that is refused, one that fails, and the end", async () => {
  needs("python3");
  const stories: unknown[] = [];
  for (const language of languages) {
    const port = await reserve();
    const server = new Command([...language, "tcp", HOST, String(port)]);
    await server.listening(port);
    const answers = [
      await exchange(port, "one\ntwo\n"),
      await exchange(port, "refused\n"),
      await exchange(port, "three\nfail\n"),
      await exchange(port, "stop\n"),
    ];
    const { status, stdout, stderr } = await server.ended;
    stories.push({ answers, status, stderr, stdout: without_repeats(stdout) });
  }
  expect(stories[1]).toEqual(stories[0]);
  expect(stories[1]).toMatchObject({
    answers: ["ONE\nTWO\n", "", "THREE\nFAIL\n", "STOP\n"],
    status: 0,
  });
});

test("UDP: datagrams, cut off at the most that the server takes", async () => {
  needs("python3");
  const stories: unknown[] = [];
  for (const language of languages) {
    const port = await reserve();
    const server = new Command([...language, "udp", HOST, String(port)]);
    await until(() => server.stdout.includes("bound"));
    const peer = createSocket("udp4");
    const answers: string[] = [];
    for (const sent of ["one", "seventeen", "stop"]) {
      peer.send(sent, port, HOST);
      const [answer] = (await once(peer, "message")) as [Buffer];
      answers.push(String(answer));
    }
    peer.close();
    const { status, stdout, stderr } = await server.ended;
    stories.push({ answers, status, stdout, stderr });
  }
  expect(stories[1]).toEqual(stories[0]);
  expect(stories[1]).toMatchObject({ answers: ["one", "seven", "stop"], status: 0 });
});

test("handle_request waits no longer than the server's timeout", async () => {
  needs("python3");
  const stories = await Promise.all(
    languages.map(async (language) => {
      const port = await reserve();
      return new Command([...language, "one", HOST, String(port)]).ended;
    }),
  );
  expect(stories[1]).toEqual(stories[0]);
  expect(stories[1].stdout).toBe("handle_timeout\nonce\n");
});

test("a server binds when it is first used, so that the fields of a subclass count", () => {
  class Reusing extends socketserver.TCPServer {
    override allow_reuse_port = true;
  }
  using first = new Reusing([HOST, 0], socketserver.BaseRequestHandler);
  using second = new Reusing(
    first.server_address as [string, number],
    socketserver.BaseRequestHandler,
  );
  expect(second.server_address).toEqual(first.server_address);
  using third = new socketserver.TCPServer(
    first.server_address as [string, number],
    socketserver.BaseRequestHandler,
  );
  expect(() => third.fileno()).toThrow(OSError);
  // Its socket was closed.
  expect(() => third.socket.fileno()).not.toThrow();
  using unbound = new socketserver.TCPServer([HOST, 0], socketserver.BaseRequestHandler, false);
  expect(unbound.server_address).toEqual([HOST, 0]);
});

test("threads are refused, with what to do instead", () => {
  expect(() => socketserver.ThreadingMixIn()).toThrow(RuntimeError);
  expect(() => socketserver.ThreadingMixIn()).toThrow(/node:worker_threads.*allow_reuse_port/);
});
