/** `npm run bench`: that it measures, and what it says when it cannot. No figure is judged here. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { arms } from "../../tools/bench/arms.ts";
import type { Measured } from "../../tools/bench/measure.ts";
import { compare, new_results } from "../../tools/bench/results.ts";
import { has, needs } from "../support/tools.ts";

interface Results {
  readonly versions: Readonly<Record<string, string | null>>;
  readonly runs: Readonly<Record<string, Readonly<Record<string, readonly Round[]>>>>;
}

interface Round {
  readonly messages: number;
  readonly server_cpu: number;
  readonly latencies: readonly (readonly [nanoseconds: number, count: number])[];
}

function bench(args: readonly string[]) {
  const tsx = ["--import", "tsx", "--conditions=iomux-source"];
  // What is measured is the program as it is installed, not the addon under test.
  const env = { ...process.env, IOMUX_ADDON: undefined, LD_PRELOAD: undefined };
  return spawnSync(process.execPath, [...tsx, "tools/iomux.ts", "bench", ...args], {
    encoding: "utf8",
    env,
  });
}

const folder = mkdtempSync(join(tmpdir(), "iomux-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a short run", () => {
  const workloads = ["^echo-64B-10-d16$", "^churn$", "^app$", "^fanout$", "^udp$"];
  let output = "";
  let results: Results;
  let files: string[];

  beforeEach(() => needs("cmake", "python3"));

  beforeAll(() => {
    if (!has("cmake") || !has("python3")) return;
    const short = "--rounds 1 --seconds 0.3 --warmup 0.05 --no-inspect".split(" ");
    const written = ["--output", folder, "--page", join(folder, "page.md")];
    const named = ["--arms", ...arms.map(({ name }) => name), "--only", ...workloads];
    const { status, stdout, stderr } = bench([...short, ...written, ...named]);
    expect(status, stderr).toBe(0);
    output = stdout;
    files = readdirSync(folder);
    const json = files.find((name) => name.endsWith(".json"))!;
    results = JSON.parse(readFileSync(join(folder, json), "utf8")) as Results;
  });

  test("has every arm that is installed do every workload that it can", () => {
    const installed = Object.keys(results.versions).filter((arm) => results.versions[arm] !== null);
    const echoing = Object.keys(results.runs["echo-64B-10-d16"]);
    const able = installed.filter((arm) => !arm.endsWith("tutorial"));
    expect(echoing.toSorted()).toEqual(able.toSorted());
    expect(Object.keys(results.runs.app)).toEqual(["iomux tutorial", "net", "python tutorial"]);
    expect(Object.keys(results.runs.fanout)).toEqual(
      expect.arrayContaining(["c", "iomux", "net", "python"]),
    );
  });

  test("counts each message once, and the server's time", () => {
    for (const by_arm of Object.values(results.runs)) {
      for (const [{ messages, server_cpu, latencies }] of Object.values(by_arm)) {
        expect(messages).toBeGreaterThan(0);
        expect(server_cpu).toBeGreaterThan(0);
        expect(latencies.reduce((sum, [, count]) => sum + count, 0)).toBe(messages);
        expect(latencies).toEqual(latencies.toSorted(([one], [other]) => one - other));
      }
    }
  });

  test("prints tables of 80 columns, and says what is not installed", () => {
    const rows = output.split("\n").filter((line) => /^(?:c|iomux|net|python)\b.* \d/.test(line));
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) expect(row.length, row).toBeLessThanOrEqual(80);
    for (const arm of ["bun", "deno"]) {
      if (results.versions[arm] === null) expect(output).toContain(`${arm}: not installed`);
    }
  });

  test("leaves a report that needs nothing else, and a page", () => {
    const html = readFileSync(
      join(
        folder,
        files.find((name) => name.endsWith(".html"))!,
      ),
      "utf8",
    );
    expect(html).toContain("<svg");
    expect(html).not.toMatch(/<script|<link|src=|https?:\/\/(?!www\.w3\.org)/);
    expect(readFileSync(join(folder, "page.md"), "utf8")).toContain("### churn");
  });
});

/** Rounds of a second in which the server was busy all the time, with so many messages. */
function rounds(...messages: number[]): Measured[] {
  return messages.map((count) => {
    const latencies = [[1000, count]] as const;
    return { messages: count, seconds: 1, server_cpu: 1, load_cpu: 0.5, latencies };
  });
}

/** Which figures of a workload have changed, between the rounds of some arms and others. */
function changed(before: Record<string, Measured[]>, after: Record<string, Measured[]>): string[] {
  const [then, now] = [before, after].map((churn) => {
    return Object.assign(new_results(1, 3), { runs: { churn } });
  });
  return compare(then, now).flatMap(({ arm, figure, is_beyond_noise }) =>
    is_beyond_noise ? [`${arm} ${figure}`] : [],
  );
}

describe("a comparison with an older run", () => {
  test("says what is faster or slower in every round", () => {
    const [slow, fast] = [rounds(100, 110, 105), rounds(130, 125, 128)];
    expect(changed({ iomux: slow }, { iomux: fast })).toEqual(["iomux messages/s", "iomux CPU us"]);
  });

  test("does not call it a change when rounds overlap, are too few, or hardly differ", () => {
    expect(changed({ iomux: rounds(100, 130, 105) }, { iomux: rounds(129, 135, 140) })).toEqual([]);
    expect(changed({ iomux: rounds(100, 110) }, { iomux: rounds(130, 125) })).toEqual([]);
    expect(changed({ iomux: rounds(100, 101, 100) }, { iomux: rounds(102, 103, 102) })).toEqual([]);
  });

  test("a machine that has become slower is no change of what is measured beside C", () => {
    const before = { c: rounds(200, 202, 204), iomux: rounds(100, 101, 102) };
    const after = { c: rounds(100, 101, 102), iomux: rounds(50, 50.5, 51) };
    expect(changed(before, after)).toEqual(["c messages/s", "c CPU us"]);
  });
});

describe("misuse", () => {
  test.each([
    [["--only", "nonsense"], "No workload matches: see --list"],
    [["--arms", "ruby"], 'Unknown arm "ruby": see --list'],
    [["--rounds", "0"], "Must be greater than 0."],
    [["--nonsense"], "unknown option '--nonsense'"],
  ])("%j", (args, message) => {
    const { status, stderr } = bench(args);
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
  });

  test("an older file that is none of the benchmark's is found out before anything is measured", () => {
    const file = join(folder, "foreign.json");
    writeFileSync(file, "{}");
    const { status, stderr } = bench(["--only", "^churn$", "--compare", file]);
    expect(status).not.toBe(0);
    expect(stderr).toContain("foreign.json is not a results file of this benchmark");
    expect(stderr).not.toContain("round 1");
  });
});
