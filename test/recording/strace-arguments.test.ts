/** Each system call that strace is asked for: what it printed, imported into a recording and exported again. */
import { expect, test } from "vitest";

import { traced_calls } from "../../lib/trace/calls.ts";
import type { Call } from "../../lib/trace/recording.ts";
import { from_strace } from "../../tools/recording/strace/import.ts";
import { to_strace } from "../../tools/recording/strace/text.ts";

const IPV4 = '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}';
const IPV6 =
  '{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}';
const again = "-1 EAGAIN (Resource temporarily unavailable)";

function message(data: string, length: number, name: string = "NULL", size: number = 0): string {
  const vector = `[{iov_base="${data}", iov_len=${length}}]`;
  return `{msg_name=${name}, msg_namelen=${size}, msg_iov=${vector}, msg_iovlen=1, msg_controllen=0, msg_flags=0}`;
}

/** As strace prints them, one after the other in one program. */
const printed = [
  "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3",
  "socketpair(AF_UNIX, SOCK_DGRAM, 0, [4, 5]) = 0",
  `bind(3, ${IPV4}, 16) = 0`,
  "listen(3, 128) = 0",
  `accept(3, ${IPV4}, [16]) = 6`,
  "accept4(3, NULL, NULL, SOCK_CLOEXEC) = 7",
  `accept4(3, ${IPV6}, [28], SOCK_CLOEXEC|SOCK_NONBLOCK) = 8`,
  `connect(4, {sa_family=AF_UNIX, sun_path=@"abstract"}, 11) = -1 ECONNREFUSED (Connection refused)`,
  `getsockname(3, ${IPV4}, [16]) = 0`,
  `getpeername(6, ${IPV4}, [16]) = 0`,
  String.raw`sendto(6, "a \"b\"\n\0001", 8, MSG_NOSIGNAL, NULL, 0) = 8`,
  `sendto(6, "to", 2, 0, ${IPV4}, 16) = 2`,
  'recvfrom(6, "data", 1024, 0, NULL, NULL) = 4',
  `recvfrom(6, "data", 1024, 0, ${IPV4}, [16]) = 4`,
  `recvfrom(6, ..., 1024, MSG_DONTWAIT, NULL, NULL) = ${again}`,
  `sendmsg(6, ${message("both", 4)}, 0) = 4`,
  `recvmsg(6, ${message("both", 64, IPV4, 16)}, 0) = 4`,
  `sendmmsg(4, [{msg_hdr=${message("one", 3)}, msg_len=3}], 1, 0) = 1`,
  `recvmmsg(5, [{msg_hdr=${message("one", 3)}, msg_len=3}], 1, 0, NULL) = 1`,
  `recvmmsg(5, ..., 1, MSG_DONTWAIT, {tv_sec=1, tv_nsec=5000}) = ${again}`,
  "shutdown(6, SHUT_WR) = 0",
  "getsockopt(6, SOL_SOCKET, SO_ERROR, [0], [4]) = 0",
  "setsockopt(6, SOL_TCP, TCP_NODELAY, [1], 4) = 0",
  "dup(6) = 9",
  "dup2(6, 10) = 10",
  "dup3(6, 11, O_CLOEXEC) = 11",
  "fcntl(6, F_DUPFD_CLOEXEC, 0) = 12",
  "fcntl(6, F_GETFL) = 2050",
  "ioctl(6, FIONBIO, [1]) = 0",
  "ioctl(6, FIONCLEX) = 0",
  'read(6, "data", 1024) = 4',
  `read(6, ..., 1024) = ${again}`,
  'readv(6, [{iov_base="data", iov_len=16}], 1) = 4',
  'write(6, "data", 4) = 4',
  'writev(6, [{iov_base="data", iov_len=4}], 1) = 4',
  "sendfile(6, 20, [0], 2147479552) = 100",
  "sendfile64(6, 20, NULL, 100) = 0",
  "epoll_create(1024) = 13",
  "epoll_create1(EPOLL_CLOEXEC) = 14",
  "epoll_ctl(14, EPOLL_CTL_ADD, 6, {events=EPOLLIN|EPOLLOUT, data={u32=6, u64=6}}) = 0",
  "epoll_wait(14, [{events=EPOLLOUT, data={u32=6, u64=6}}], 2, -1) = 1",
  "epoll_pwait(14, [], 2, 100, NULL, 8) = 0",
  "epoll_pwait2(14, [], 2, {tv_sec=1, tv_nsec=500}, NULL, 8) = 0",
  "epoll_ctl(14, EPOLL_CTL_DEL, 6, ...) = 0",
  "poll([{fd=6, events=POLLIN}, {fd=3, events=POLLIN|POLLOUT}], 2, 10) = 1 ([{fd=3, revents=POLLOUT}])",
  "ppoll([{fd=6, events=POLLIN}, {fd=3, events=POLLIN}], 2, NULL, NULL, 8) = 1 ([{fd=6, revents=POLLIN}])",
  // The timeout of a socket: the poll for it alone is no turn of the loop.
  "poll([{fd=6, events=POLLIN}], 1, 10) = 1 ([{fd=6, revents=POLLIN}])",
  'recvfrom(6, "data", 1024, 0, NULL, NULL) = 4',
  "ppoll([{fd=6, events=POLLOUT}], 1, {tv_sec=0, tv_nsec=10000000}, NULL, 8) = 0 (Timeout)",
  'sendto(6, "data", 4, 0, NULL, 0) = 4',
  "select(7, [3 6], [6], NULL, {tv_sec=0, tv_usec=12300}) = 2 (in [3], out [6])",
  "pselect6(7, [3 6], NULL, NULL, NULL, NULL) = 1 (in [6])",
  "pselect6(4, [3], NULL, NULL, {tv_sec=2, tv_nsec=1000}, NULL) = 0 (Timeout)",
  "close(6) = 0",
];

const header = {
  program: "program.py",
  argv: ["program.py"],
  runs_on: "python",
  seen_by: "strace",
  runtime: "Python 3",
  platform: "linux",
  why: false,
  watch: [],
} as const;

const log = ['write(-1, "iomux start 5", 13) = -1 EBADF (Bad file descriptor)', ...printed].map(
  (line, index) => `${index}.000000000 ${line} <0.000001000>`,
);
const lines = from_strace(log, {
  header,
  ahead: 0n,
  source: (path) => ({ kind: "source", path, text: "" }),
});

test("every call comes out as it went in", () => {
  const exported = [...to_strace(lines)].map((line) => line.trimEnd());
  const texts = exported.map((line) => line.replace(/^\d+ +[\d.]+ (.*) <[\d.]+>$/, "$1"));
  expect(texts.map((line) => line.replace(/ += (?=\S+(?: [E(].*)?$)/, " = "))).toEqual(printed);
});

test("every call that strace is asked for is among them", () => {
  const names = new Set(printed.map((line) => line.split("(")[0]));
  expect(names).toEqual(new Set(Object.keys(traced_calls)));
});

test("messages that went together have the bytes of all of them", () => {
  const calls = lines.filter((line): line is Call => line.kind === "call");
  const of = (name: string) => calls.filter(({ syscall }) => syscall === name);
  expect(of("sendmmsg")).toMatchObject([
    { args: { fd: 4, count: 1, flags: 0 }, result: 1, bytes: 3, data: "one" },
  ]);
  expect(of("recvmmsg")).toMatchObject([
    { result: 1, bytes: 3, data: "one" },
    { result: null, errno: "EAGAIN", bytes: 0, data: "" },
  ]);
});
