/** Recordings of several processes made one: on one clock, in the order of time. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Header, Line } from "../../lib/trace/recording.ts";
import { merge } from "../../tools/recording/merge.ts";
import { header, print } from "../support/recordings.ts";

describe("merging", () => {
  const later: Header = {
    ...header,
    pid: 5000,
    program: "client.ts",
    started: "2026-01-02T03:04:06.500Z",
    clock: "6500000000",
  };

  test("two processes are on the clock of the first, in the order of time", () => {
    const server: Line[] = [header, print(100, "a"), print(2_000_000_000, "d")];
    const client: Line[] = [later, print(200, "b"), print(300, "c")];
    const { lines, warnings } = merge([client, server]);
    const merged = [...lines];
    expect(warnings).toEqual([]);
    expect(merged).toEqual([
      { ...header, process: 0 },
      { ...print(100, "a"), process: 0 },
      { ...later, clock: header.clock, process: 1 },
      { ...print(1_500_000_200, "b"), process: 1 },
      { ...print(1_500_000_300, "c"), process: 1 },
      { ...print(2_000_000_000, "d"), process: 0 },
    ]);
    // What was merged can be merged again, with another or alone.
    expect(merge([merged]).lines).toEqual(merged);
    const third: Header = {
      ...later,
      pid: 6000,
      started: "2026-01-02T03:04:07.000Z",
      clock: "7000000000",
    };
    const again = merge([[third, print(5, "e")], merged]);
    expect(again.warnings).toEqual([]);
    expect([...again.lines].flatMap((line) => ("text" in line ? line.text : ""))).toEqual([
      "",
      "a",
      "",
      "b",
      "c",
      "d",
      "",
      "e",
    ]);
    expect([...again.lines].flatMap((line) => (line.kind === "header" ? line.pid : []))).toEqual([
      4321, 5000, 6000,
    ]);
  });

  test("the lines of each process stay in their order, whatever their times", () => {
    const moments = fc.array(fc.nat(1000), { maxLength: 30 });
    fc.assert(
      fc.property(moments, moments, fc.nat(500), (left, right, shift) => {
        const other = { ...header, clock: String(BigInt(header.clock) + BigInt(shift)) };
        const one = [header, ...left.map((t, index) => print(t, String(index)))];
        const two = [other, ...right.map((t, index) => print(t, String(index)))];
        const { lines: merged } = merge([one, two]);
        for (const [process, own] of [one, two].entries()) {
          const again = [...merged].filter((line) => line.process === process);
          expect(again.map((line) => ("text" in line ? line.text : ""))).toEqual(
            own.map((line) => ("text" in line ? line.text : "")),
          );
        }
      }),
    );
  });

  test("a recording of another machine is warned of", () => {
    const rebooted: Header = { ...later, started: "2026-01-02T04:00:00.000Z", clock: "100000000" };
    expect(merge([[header], [rebooted]]).warnings).toEqual([
      "client.ts (pid 5000) was not recorded on the same machine as server.ts (pid 4321), or not since " +
        "the same boot: their order is unknown. Record both together, on one machine.",
    ]);
    expect(merge([[header], [later]]).warnings).toEqual([]);
    expect([...merge([]).lines]).toEqual([]);
  });
});
