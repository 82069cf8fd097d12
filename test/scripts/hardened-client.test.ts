/** The application client that does not trust its server. */
import { describe, expect, test } from "vitest";

import { b } from "iomux/builtins";
import { encode } from "iomux/protocol";

import { languages, serve } from "../support/hardened.ts";
import { reserve } from "../support/ports.ts";
import { listener } from "../support/sockets.ts";
import { run, start } from "../support/tutorial.ts";

function response(content: string): Buffer {
  return encode({
    content: Buffer.from(content),
    content_type: "text/json",
    content_encoding: "utf-8",
  });
}

const good = response('{"result": "yes"}');

describe.each(languages)("in %s", (language) => {
  test.each(languages)("prints what a server in %s answers", async (theirs) => {
    const [, port] = await serve("app-server", theirs);
    const requests = ["search", "ring", "search", "nothing", "binary", "x"];
    const args = ["127.0.0.1", String(port), ...requests];
    const { status, stdout, stderr } = await run("hardened/app-client", language, args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "Got result: In the caves beneath the Misty Mountains. 💍",
      "Got result: No match for 'nothing'.",
      "Got response: b'First 10 bytes of request: binaryx'",
      "",
    ]);
  });

  test("nobody listens", async () => {
    const args = ["127.0.0.1", String(await reserve()), "search", "ring"];
    const { status, stdout, stderr } = await run("hardened/app-client", language, args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/error: \[Errno \d+\] Connection refused\n$/);
  });

  test.each([
    ["nothing", b``, "the server has closed the connection, and 1 responses are missing"],
    ["half a response", good.subarray(0, 50), "message ends too early: "],
    ["a response and more", Buffer.concat([good, good]), "more responses than requests"],
    ["nonsense", Buffer.from("\0\x05nonsense"), ""],
    ["content without sense", response("nonsense"), ""],
    ["a list", response("[]"), "the response is not an object"],
    ["a header that is too long", Buffer.of(255, 255), "message header too long: 65535 bytes"],
  ])("a server that sends %s: an error that says so", async (_, bytes, text) => {
    const [lsock, [host, port]] = listener();
    const args = [host, String(port), "search", "ring"];
    const client = start("hardened/app-client", language, args);
    const [conn] = lsock.accept();
    conn.sendall(bytes);
    // Not before the request is read: that would be a reset.
    conn.recv(1000);
    conn.close();
    const { status, stdout, stderr } = await client.ended;
    expect(status).toBe(1);
    expect(stdout).not.toContain("Got response");
    expect(stderr).toMatch(/^\S+app-client\.\w+: error: .+\n$/);
    expect(stderr).toContain(text);
  });

  test("--timeout: a server that never answers", async () => {
    const [, [host, port]] = listener();
    const args = ["--timeout=0.2", host, String(port), "search", "ring"];
    const { status, stderr } = await run("hardened/app-client", language, args);
    expect(status).toBe(1);
    expect(stderr).toContain("error: 1 responses did not come in time");
  });

  test("says what is wrong with its arguments", async () => {
    for (const args of [
      ["h", "1"],
      ["h", "1", "search"],
      ["--timeout=x", "h", "1", "a", "b"],
    ]) {
      const { status, stdout, stderr } = await run("hardened/app-client", language, args);
      expect({ status, stdout }, String(args)).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(/^usage: .*error: /is);
    }
    const { status, stdout } = await run("hardened/app-client", language, ["--help"]);
    expect(status).toBe(0);
    expect(stdout).toContain("--timeout");
  });
});
