/** What systems say of processes and ports, in their own words: the same is read from Linux and from others. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

import { expect, onTestFinished, test } from "vitest";

import * as processes from "../../tools/record/processes.ts";
import { address_in, has_port_in, process_in, states_in } from "../../tools/record/system/unix.ts";

test("a port of this process: listening, connected, unused", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(processes.is_listening(port)).toBe(true);
  expect(processes.has_connections(port)).toBe(false);
  expect(processes.listening_address(process.pid)).not.toBeNull();
  const client = connect(port, "127.0.0.1");
  onTestFinished(() => void client.destroy());
  const [[accepted]] = (await Promise.all([
    once(server, "connection"),
    once(client, "connect"),
  ])) as [[Socket], unknown];
  expect(processes.has_connections(port)).toBe(true);
  // With a reset, nothing stays in TIME_WAIT.
  accepted.on("error", () => {}).resume();
  const closed = new Promise((resolve) => void accepted.on("close", resolve));
  client.resetAndDestroy();
  await closed;
  server.close();
  await once(server, "close");
  expect(processes.is_unused(port)).toBe(true);
});

test("processor time grows, and ends with the process", () => {
  const before = processes.cpu_time(process.pid);
  for (const end = performance.now() + 100; performance.now() < end;);
  expect(processes.cpu_time(process.pid)).not.toBe(before);
  expect(processes.is_asleep(process.pid)).toBe(false);
  const nobody = 2 ** 22 + 1;
  expect(processes.cpu_time(nobody)).toBe("");
  expect(processes.is_asleep(nobody)).toBe(true);
});

const NETSTAT = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.65432        127.0.0.1.51234        CLOSE_WAIT
tcp4       0      0  127.0.0.1.51234        127.0.0.1.65432        FIN_WAIT_2
tcp4       0      0  127.0.0.1.65432        *.*                    LISTEN
tcp46      0      0  *.8080                 *.*                    LISTEN
tcp6       0      0  ::1.65432              *.*                    LISTEN
`;

test("netstat's table, of macOS and the BSDs", () => {
  expect(states_in(NETSTAT, 65_432)).toEqual(["CLOSE_WAIT", "LISTEN"]);
  expect(states_in(NETSTAT, 51_234)).toEqual(["other"]);
  expect(states_in(NETSTAT, 5432)).toEqual([]);
  expect(states_in("", 65_432)).toEqual([]);
});

test("lsof's list", () => {
  expect(address_in("p123\nf12\nn127.0.0.1:65432\n")).toEqual({ host: "127.0.0.1", port: 65_432 });
  expect(address_in("p123\nf12\nn*:8080\n")).toEqual({ host: "127.0.0.1", port: 8080 });
  expect(address_in("p123\nf12\nn[::1]:80\nf13\nn*:1\n")).toEqual({ host: "::1", port: 80 });
  expect(address_in("")).toBeNull();
  expect(has_port_in("p123\nf12\nn*:65432\n")).toBe(true);
  expect(has_port_in("p123\nf12\nn[::1]:53\n")).toBe(true);
  expect(has_port_in("p123\nf12\nn127.0.0.1:50000->127.0.0.1:53\n")).toBe(false);
  expect(has_port_in("p123\nf12\nn*:*\n")).toBe(false);
  expect(has_port_in("")).toBe(false);
});

test("ps's columns", () => {
  expect(process_in("S+     0:00.05\n")).toEqual({ is_asleep: true, time: "0:00.05" });
  expect(process_in("I      0:01.00\n")).toMatchObject({ is_asleep: true });
  expect(process_in("R+     0:00.05\n")).toMatchObject({ is_asleep: false });
  expect(process_in("")).toBeNull();
});
