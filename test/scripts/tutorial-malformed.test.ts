/** What may arrive at app-server: it answers, or says what was wrong, and serves the next client. */
import { once } from "node:events";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";

import { expect, test } from "vitest";

import { frames, request, search } from "../support/frames.ts";
import { serve, without_ports } from "../support/tutorial.ts";
import type { Language } from "../support/tutorial.ts";

/** Sends bytes, and returns everything that comes back until the server closes. */
async function talk(port: number, bytes: Buffer, how: "end" | "reset"): Promise<string> {
  const client = connect(port, "127.0.0.1");
  // The server resets a connection of which it has not read everything.
  client.on("error", () => {});
  await once(client, "connect");
  if (how === "reset") {
    // What is sent before a reset must have arrived by then.
    await new Promise((sent) => client.write(bytes, sent));
    client.resetAndDestroy();
    return "";
  }
  client.end(bytes);
  return (await buffer(client).catch(() => Buffer.from("reset"))).toString("latin1");
}

/**
 * What the server says of each client: its lines, and of an exception its name and text. A TypeError
 * is the language's own, and so are its words.
 */
function chapters(stdout: string): string[] {
  return stdout
    .split(/(?=Accepted connection from)/)
    .slice(1)
    .map((chapter) =>
      without_ports(chapter)
        // A traceback ends with the exception,
        .replace(/\nTraceback .*?\n(?=\w+(?:\.\w+)*(?:Error|Exception|Closed)?(?::|\n))/gs, "\n")
        // and a stack begins with it.
        .replaceAll(/\n {4}at .*(?=\n)/g, "")
        .replaceAll("\n\n", "\n")
        .replace("json.decoder.JSONDecodeError", "JSONDecodeError")
        .replace(/(?<=\nTypeError: ).*/, "..."),
    );
}

async function serve_all(language: Language) {
  const [server, port] = await serve("app-server", language);
  const answers: string[] = [];
  for (const [index, sent] of Object.values(frames).entries()) {
    const [bytes, how] = Buffer.isBuffer(sent) ? ([sent, "end"] as const) : sent;
    answers.push(await talk(port, bytes, how));
    await server.printed("Closing connection to", 2 * index + 1);
    // And the next client is served.
    const found = JSON.stringify({ result: "In the caves beneath the Misty Mountains. 💍" });
    const answer = await talk(port, request(search), "end");
    expect(Buffer.from(answer, "latin1").toString()).toContain(found.replace(":", ": "));
    await server.printed("Closing connection to", 2 * index + 2);
  }
  const { status, stdout, stderr } = await server.interrupt();
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return { answers, chapters: chapters(stdout).filter((_, index) => index % 2 === 0) };
}

test("malformed frames and dead peers: the same answers and exceptions as Python's", async () => {
  const [ours, theirs] = await Promise.all([serve_all("TypeScript"), serve_all("Python")]);
  for (const [index, name] of Object.keys(frames).entries()) {
    expect.soft(ours.answers[index], name).toBe(theirs.answers[index]);
    expect.soft(ours.chapters[index], name).toBe(theirs.chapters[index]);
  }
});
