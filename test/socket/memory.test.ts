/** A program that keeps what it has received keeps that, and not the memory around it. */
import { beforeEach, expect, test } from "vitest";

import { start } from "../support/programs.ts";
import { not_on } from "../support/runtime.ts";

const MIB = 1024 * 1024;

beforeEach(() => not_on("Bun", "its memoryUsage() does not say how much memory arrays have"));

/** The pattern, and what may be alive besides: see lib/socket/received.ts. */
test.each([
  ["bytes_between_large_receives", 9 * MIB],
  ["datagrams_between_large_ones", 9 * MIB],
  ["messages_with_control_data", MIB],
  ["bytes_received_with_room_for_much", 2 * MIB],
  ["one_of_many", 65 * MIB],
  ["late", 20 * MIB],
  ["files", MIB / 4],
  ["unbuffered_files", MIB / 4],
  ["options", MIB / 4],
])("%s", async (pattern, most) => {
  const program = start("kept-memory.ts", [pattern], ["--expose-gc"]);
  const { buffers, bytes, alive } = JSON.parse(await program.line());
  expect(await program.ended).toMatchObject({ status: 0, stderr: "" });
  expect(buffers).toBeGreaterThan(1000);
  expect(alive).toBeLessThan(2 * bytes + 64 * buffers + most);
});
