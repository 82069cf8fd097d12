/** Who survives what hostile peers do: the tutorial's app-server does not, scripts/hardened/ does. */
import { describe, expect, test } from "vitest";

import { attacks } from "../support/attacks.ts";
import { compiled } from "../support/commands.ts";
import { languages, serve } from "../support/hardened.ts";
import { besiege } from "../support/siege.ts";
import type { Siege } from "../support/siege.ts";
import { needs_linux } from "../support/tools.ts";
import { serve as serve_tutorial } from "../support/tutorial.ts";

const attacker = compiled("test/support/programs/attacker.ts");

/** Half of what the server's limits allow to 1,000 connections: the heap's garbage counts as well. */
const MEMORY = 200 * 2 ** 20;

describe.each(languages)("in %s", (language) => {
  test.each(Object.keys(attacks))("the hardened server withstands: %s", async (name) => {
    needs_linux();
    const [{ pid }, port] = await serve("app-server", language);
    const { slowest, memory, ...state } = await besiege(name, { pid, port }, attacker, 0.5);
    expect(state).toEqual({ has_ended: false, is_busy: false });
    expect(slowest).toBeLessThan(Infinity);
    // AddressSanitizer keeps what is freed.
    if (process.env.ASAN_OPTIONS === undefined) expect(memory).toBeLessThan(MEMORY);
  });

  test.each<[name: string, outcome: Partial<Siege>]>([
    ["more peers than descriptors", { has_ended: true }],
    ["requests that Python finds false", { has_ended: false, is_busy: true }],
  ])("the tutorial's server does not: %s", async (name, outcome) => {
    needs_linux();
    const [{ pid }, port] = await serve_tutorial("app-server", language);
    expect(await besiege(name, { pid, port }, attacker, 0.5)).toMatchObject(outcome);
  });
});
