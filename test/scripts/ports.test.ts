/**
 * The programs in examples/ that have a Python original beside them: clients that people use get the
 * same from both, and both print the same.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { Command, compiled } from "../support/commands.ts";
import { exchange } from "../support/exchanges.ts";
import { reserve } from "../support/ports.ts";
import { PYTHON } from "../support/python.ts";
import { has_epoll } from "../support/system.ts";
import { needs } from "../support/tools.ts";
import type { Name } from "../support/tools.ts";

const HOST = "127.0.0.1";
const LANGUAGES = ["Python", "TypeScript"] as const;
type Language = (typeof LANGUAGES)[number];

function command(name: string, language: Language, args: readonly (string | number)[]): string[] {
  const own =
    language === "Python" ? [PYTHON, "-u", `examples/${name}.py`] : compiled(`examples/${name}.ts`);
  return [...own, ...args.map(String)];
}

/** A server on a port of its own, once it listens. */
async function serve(
  name: string,
  language: Language,
  ...args: readonly (string | number)[]
): Promise<readonly [server: Command, port: number]> {
  const port = await reserve();
  const server = new Command(command(name, language, [port, ...args]));
  await server.printed("Listening on");
  return [server, port];
}

/** What a client prints and how it ends, with its input if it has any. */
async function run(program: Name, ...args: readonly (string | number)[]): Promise<unknown> {
  needs(program);
  const { status, stdout, stderr } = await new Command([program, ...args.map(String)]).ended;
  return { status, stdout, stderr };
}

async function curl(...args: readonly string[]): Promise<unknown> {
  return run("curl", "-sS", "--max-time", "20", ...args);
}

/** Ends the server by Ctrl-C; what it printed, without ports. */
async function ended(server: Command): Promise<unknown> {
  const { stdout, ...ending } = await server.interrupt();
  return { ...ending, stdout: stdout.replaceAll(/(?<=', |port )\d+/g, "PORT") };
}

/** The same done with both programs: what each client said, and the server. It is to begin with `first`. */
async function both(
  what: (language: Language) => Promise<unknown[]>,
  first: readonly unknown[] = [],
): Promise<unknown[]> {
  needs("python3");
  const told: unknown[][] = [];
  for (const language of LANGUAGES) told.push(await what(language));
  expect(told[1]).toEqual(told[0]);
  expect(told[1].slice(0, first.length)).toMatchObject(first);
  return told[1];
}

const clean = { status: 0, stderr: "" };

test("every original has a program in TypeScript, and a test", () => {
  const originals = readdirSync("examples").filter((file) => file.endsWith(".py"));
  expect(originals.map((file) => file.replace(".py", ""))).toEqual([
    "dns-server",
    "http-server",
    "mail-sink",
    "netcat",
    "port-forward",
    "redis-client",
    "redis-server",
    "socks5-proxy",
    "syslog-server",
    "tftp-server",
  ]);
});

test.runIf(has_epoll)("http-server, asked by curl", async () => {
  await both(
    async (language) => {
      const [server, port] = await serve("http-server", language);
      const url = `http://${HOST}:${port}`;
      return [
        await curl(`${url}/`),
        await curl("-i", `${url}/`, `${url}/none`),
        await curl("-I", `${url}/large`),
        await curl("-X", "DELETE", "-i", `${url}/`),
        await curl("-0", "-i", `${url}/`),
        await curl("-H", "Connection: close", "-i", `${url}/`),
        await curl("-w", "%{size_download} %{num_connects}\n", "-o", "/dev/null", `${url}/large`),
        await curl("-Z", "--no-progress-meter", ...Array.from({ length: 20 }, () => `${url}/`)),
        await exchange(port, "nonsense\r\n\r\n"),
        await exchange(port, "GET / HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\n\r\n"),
        await ended(server),
      ];
    },
    [{ ...clean, stdout: "Hello, world\n" }],
  );
});

test("redis-server, asked by redis-cli", async () => {
  const commands = [
    "PING",
    "SET greeting hello",
    "GET greeting",
    "GET nobody",
    "SET n 41",
    "INCR n",
    "INCR new",
    "INCR greeting",
    "ECHO one",
    "KEYS *",
    "DEL greeting nobody new",
    "FLY away",
    "GET",
  ];
  await both(
    async (language) => {
      const [server, port] = await serve("redis-server", language);
      const answers = [];
      for (const words of commands) {
        answers.push(await run("redis-cli", "-h", HOST, "-p", port, ...words.split(" ")));
      }
      answers.push(await run("redis-cli", "-h", HOST, "-p", port, "-r", 100, "INCR", "n"));
      answers.push(await exchange(port, "PING\r\nECHO inline\r\n*x\r\n"));
      answers.push(await exchange(port, "*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n*1\r\n$4\r\nPI"));
      return [...answers, await ended(server)];
    },
    [
      { ...clean, stdout: "PONG\n" },
      { ...clean, stdout: "OK\n" },
      { ...clean, stdout: "hello\n" },
    ],
  );
});

test("redis-client, asking a Redis server", async () => {
  needs("redis-server");
  const port = await reserve();
  const folder = mkdtempSync(join(tmpdir(), "iomux-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const options = ["--port", String(port), "--bind", HOST, "--dir", folder, "--save", ""];
  const redis = new Command(["redis-server", ...options]);
  await redis.listening(port);
  const commands = [
    "FLUSHALL",
    "PING",
    "SET key v\xe4lue",
    "GET key",
    "GET none",
    "INCR n",
    "INCR key",
  ];
  commands.push(
    "RPUSH list a b c",
    "LRANGE list 0 -1",
    "EVAL return{1,{2,'x'},false} 0",
    "NONSENSE",
  );
  await both(
    async (language) => {
      const answers = [];
      for (const words of commands) {
        const args = [port, ...words.split(" ")];
        answers.push(await new Command(command("redis-client", language, args)).ended);
      }
      const nobody = await reserve();
      answers.push(await new Command(command("redis-client", language, [nobody, "PING"])).ended);
      return answers;
    },
    [
      { ...clean, stdout: "'OK'\n" },
      { ...clean, stdout: "'PONG'\n" },
    ],
  );
});

/** A web server that says what it was asked for. */
async function web_server(): Promise<string> {
  const server = createServer((request, response) => {
    response.end(request.url === "/large" ? "x".repeat(3_000_000) : `${request.url}\n`);
  });
  server.listen(0, HOST);
  await once(server, "listening");
  onTestFinished(() => {
    server.close().closeAllConnections();
  });
  return `${HOST}:${(server.address() as AddressInfo).port}`;
}

test("socks5-proxy, used by curl", async () => {
  const web = await web_server();
  await both(
    async (language) => {
      const [server, port] = await serve("socks5-proxy", language);
      const proxy = `${HOST}:${port}`;
      const nobody = await reserve();
      return [
        await curl("--socks5-hostname", proxy, `http://${web}/one`, `http://${web}/two`),
        await curl("--socks5", proxy, `http://${web}/three`),
        await curl(
          "--socks5",
          proxy,
          `http://${web}/large`,
          "-o",
          "/dev/null",
          "-w",
          "%{size_download}",
        ),
        await curl(
          "--socks5",
          proxy,
          "-s",
          "-w",
          "%{proxy_error} %{exitcode}\n",
          `http://${HOST}:${nobody}/`,
        ),
        await exchange(port, "GET / HTTP/1.0\r\n\r\n"),
        await ended(server),
      ].map(
        (one) => JSON.parse(JSON.stringify(one).replaceAll(String(nobody), "NOBODY")) as unknown,
      );
    },
    [{ ...clean, stdout: "/one\n/two\n" }, { stdout: "/three\n" }],
  );
});

test("port-forward, used by curl", async () => {
  const web = await web_server();
  await both(
    async (language) => {
      const [server, port] = await serve("port-forward", language, ...web.split(":"));
      const url = `http://${HOST}:${port}`;
      const answers = [
        await curl(`${url}/one`, `${url}/two`),
        await curl(`${url}/large`, "-o", "/dev/null", "-w", "%{size_download}"),
      ];
      await server.printed("has ended", 2);
      return [...answers, await ended(server)];
    },
    [{ ...clean, stdout: "/one\n/two\n" }, { stdout: "3000000" }],
  );
});

test("port-forward to where nobody listens", async () => {
  const nobody = await reserve();
  await both(async (language) => {
    const [server, port] = await serve("port-forward", language, HOST, nobody);
    const answer = await exchange(port, "");
    await server.printed("No connection");
    return [answer, await ended(server)];
  });
});

test("dns-server, asked by dig", async () => {
  await both(
    async (language) => {
      const [server, port] = await serve("dns-server", language);
      const dig = async (...question: string[]): Promise<unknown> => {
        const at = [`@${HOST}`, "-p", port, "+noall", "+answer", "+comments", "+qid=7", "+noedns"];
        return run("dig", ...at, "+time=5", "+tries=1", ...question);
      };
      return [
        await dig("+short", "www.example.test"),
        await dig("www.example.test", "A"),
        await dig("WWW.Example.Test", "AAAA"),
        await dig("example.test", "TXT"),
        await dig("example.test", "MX"),
        await dig("nobody.example.test", "A"),
        await dig("+norecurse", "example.test", "A"),
        await ended(server),
      ];
    },
    [{ ...clean, stdout: expect.stringContaining("192.0.2.2") as string }],
  );
});

test("tftp-server, asked by curl", async () => {
  await both(
    async (language) => {
      const [server, port] = await serve("tftp-server", language);
      const url = `tftp://${HOST}:${port}`;
      const answers = [
        await curl(`${url}/hello`),
        await curl(`${url}/blocks`, "-o", "/dev/null", "-w", "%{size_download}"),
        await curl(`${url}/none`),
        await curl("--tftp-no-options", `${url}/hello`),
      ];
      await server.printed("Sent", 3);
      return [...answers, await ended(server)];
    },
    [{ ...clean, stdout: "Hello, world\n" }, { stdout: "1536" }],
  );
});

test("syslog-server, told by logger", async () => {
  const told = await both(async (language) => {
    const [server, port] = await serve("syslog-server", language);
    const log = async (...args: string[]): Promise<unknown> =>
      run("logger", "-d", "-n", HOST, "-P", port, "--rfc3164", "-t", "test", ...args);
    const answers = [];
    for (const [priority, said] of [
      ["user.info", "Hello"],
      ["local3.err", "Käse"],
      ["cron.debug", "x y"],
    ]) {
      answers.push(await log("-p", priority, said));
      await server.printed(`${said}\n`.trim());
    }
    const { stdout, ...ending } = (await ended(server)) as { readonly stdout: string };
    // The time, and the machine's name.
    return [...answers, ending, stdout.replaceAll(/: .*? test: /g, ": ")];
  });
  const lines = ["Listening on ('127.0.0.1', PORT)", "user.info: Hello", "local3.err: Käse"];
  expect((told as string[]).at(-1)).toBe([...lines, "cron.debug: x y", "Stopped", ""].join("\n"));
});

test("mail-sink, given mail by curl", async () => {
  const folder = mkdtempSync(join(tmpdir(), "iomux-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const mail = join(folder, "mail");
  const body = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join("");
  writeFileSync(mail, `Subject: Grüße\nFrom: a@example.test\n\n${body}.\n..\n`);
  await both(
    async (language) => {
      const [server, port] = await serve("mail-sink", language);
      const to = ["--mail-rcpt", "b@example.test", "--mail-rcpt", "c@example.test"];
      const from = ["--mail-from", "a@example.test"];
      return [
        await curl(`smtp://${HOST}:${port}/me`, ...from, ...to, "--crlf", "-T", mail),
        await exchange(port, "DATA\r\nHELP\r\nmail from:<x>\r\nDATA\r\nRCPT TO:<y>\r\nQUIT\r\n"),
        await ended(server),
      ];
    },
    [{ ...clean, stdout: "" }],
  );
});

test("netcat, on both sides", async () => {
  // Incompressible, and more than a socket or a pipe takes at once.
  const input = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * index) % 251));
  const hashes = await both(async (language) => {
    const port = await reserve();
    const listener = new Command([
      "sh",
      "-c",
      `exec "$@" | cksum`,
      "sh",
      ...command("netcat", language, ["-l", port]),
    ]);
    await listener.listening(port);
    const [program, ...args] = command("netcat", language, [HOST, port]);
    const { status, stdout, stderr } = spawnSync(program, args, { input, timeout: 60_000 });
    const ending = await listener.ended;
    return [status, String(stdout), String(stderr), ending];
  });
  const sum = String(spawnSync("cksum", { input }).stdout);
  expect(hashes).toEqual([0, "", "", { status: 0, signal: null, stdout: sum, stderr: "" }]);
});

test("netcat to where nobody listens", async () => {
  const port = await reserve();
  await both(
    async (language) => [await new Command(command("netcat", language, [HOST, port])).ended],
    [{ status: 1, stderr: "[Errno 111] Connection refused\n" }],
  );
});
