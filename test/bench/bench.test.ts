/** `npm run bench`: that it measures, and what it says when it cannot. No figure is judged here. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { arms } from "../../tools/bench/arms.ts";
import type { Measured } from "../../tools/bench/measure.ts";
import { compare, new_results } from "../../tools/bench/results.ts";
import { interval_of } from "../../tools/bench/statistics.ts";
import { notes_of, rows_of } from "../../tools/bench/table.ts";
import { workloads } from "../../tools/bench/workloads.ts";
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

function bench(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const tsx = ["--import", "tsx", "--conditions=iomux-source"];
  // What is measured is the program as it is installed, not the addon under test.
  const env = { ...process.env, IOMUX_ADDON: undefined, LD_PRELOAD: undefined, ...environment };
  return spawnSync(process.execPath, [...tsx, "tools/iomux.ts", "bench", ...args], {
    encoding: "utf8",
    env,
  });
}

const folder = mkdtempSync(join(tmpdir(), "iomux-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a short run", () => {
  const patterns = ["^echo-64B-10-d16$", "^churn$", "^http$", "^app$", "^fanout$", "^udp$"];
  let output = "";
  let results: Results;
  let files: string[];

  beforeEach(() => needs("cmake", "python3"));

  beforeAll(() => {
    if (!has("cmake") || !has("python3")) return;
    const short = "--rounds 1 --seconds 0.3 --warmup 0.05 --no-inspect".split(" ");
    const written = ["--output", folder, "--page", join(folder, "page.md")];
    const named = ["--arms", ...arms.map(({ name }) => name), "--only", ...patterns];
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
    const able = installed.filter((installed_arm) =>
      arms.some(({ name, programs }) => {
        return name === installed_arm && "echo" in programs && !name.endsWith("tutorial");
      }),
    );
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
    const page = readFileSync(join(folder, "page.md"), "utf8");
    expect(page).toContain("### churn");
    expect(page).toContain("1 round shows what is much faster");
    expect(page).toContain("](page/churn.svg)");
    expect(readFileSync(join(folder, "page", "churn.svg"), "utf8")).toMatch(/^<svg xmlns=/);
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

function results_of(churn: Record<string, Measured[]>): ReturnType<typeof new_results> {
  return Object.assign(new_results(1, churn.c.length), { runs: { churn } });
}

/** A round in which the server used so many seconds of CPU time. */
function busy(seconds: number): Measured {
  return { ...rounds(1000)[0], server_cpu: seconds };
}

/** Rounds whose CPU time is spread from one second to so many. */
function spread(most: number, count: number): Measured[] {
  return Array.from({ length: count }, (_, index) => busy(most ** (index / (count - 1))));
}

describe("what a row says", () => {
  const workload = workloads.find(({ name }) => name === "churn")!;

  test("its ratio is that of its figures, however the rounds differ", () => {
    const runs = { c: [1, 2, 8, 3, 1.5].map(busy), iomux: [3, 2.5, 9, 9, 2].map(busy) };
    const [c, iomux] = rows_of(workload, results_of(runs), []);
    const [cpu, over] = [4, 5].map((column) => Number(iomux[column]));
    expect(iomux[6]).toMatch(new RegExp(`^~?${(cpu / Number(c[4])).toFixed(2)} `));
    expect(over).toBeCloseTo(cpu - Number(c[4]), 1);
  });

  test("what may be otherwise in the next run is marked, and named", () => {
    const steady = Array.from({ length: 9 }, () => busy(1));
    const runs = { c: steady, iomux: spread(1.1, 9), net: spread(4, 9) };
    const [, iomux, net] = rows_of(workload, results_of(runs), []);
    expect(iomux[6]).toMatch(/^1\.05 1\.0\d–1\.0\d$/);
    expect(net[6]).toMatch(/^~2\.00 1\.\d+–2\.\d+$/);
    expect(notes_of(workload, results_of(runs))).toEqual([
      "~: not settled after 9 rounds (wider than ±15 %): net",
    ]);
  });

  test("a few rounds give no interval, and nothing to settle", () => {
    const runs = { c: [1, 2, 1].map(busy), iomux: [3, 9, 2].map(busy) };
    expect(rows_of(workload, results_of(runs), [])[1][6]).toMatch(/^\d\.\d\d$/);
    expect(notes_of(workload, results_of(runs))).toEqual([]);
  });

  test("an interval contains the mean about as often as it says", () => {
    // Rounds that differ by a normal fifth, around 1; always the same ones.
    let state = 1;
    const uniform = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state + 1) / (2 ** 32 + 1);
    };
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const intervals = Array.from({ length: 300 }, () =>
      interval_of(Array.from({ length: 15 }, () => Math.exp(normal() / 5))),
    );
    const hits = intervals.filter(([low, high]) => low <= 1 && 1 <= high);
    // With so few values a bootstrap's interval is somewhat too narrow.
    expect(hits.length).toBeGreaterThan(255);
  });
});

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
    [["--workers", "1.5"], "Must be a whole number."],
    [["--nonsense"], "unknown option '--nonsense'"],
  ])("%j", (args, message) => {
    const { status, stderr } = bench(args);
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
  });

  test("instructions are not counted without valgrind, which is found out before anything is measured", () => {
    const { status, stderr } = bench(["--instructions"], { PATH: folder });
    expect(status).not.toBe(0);
    expect(stderr).toContain("--instructions needs valgrind");
    expect(stderr).not.toContain("round 1");
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
