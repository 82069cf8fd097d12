/**
 * The addon as it would be on a system without anything that Linux alone has: for IOMUX_ADDON. Which
 * addon it stands for is in IOMUX_REAL_ADDON.
 */
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const addon = require(process.env.IOMUX_REAL_ADDON);

/** Constants that only Linux has, or that macOS lacks. */
const linux = readFileSync(join(__dirname, "../../lib/socket/constants-linux.ts"), "utf8");
const names = new Set([
  ..."AF_ALG AF_CAN AF_NETLINK AF_PACKET AF_TIPC AF_VSOCK".split(" "),
  ...Array.from(linux.matchAll(/constants\.(\w+)/g), ([, name]) => name),
  ..."SOCK_NONBLOCK SOCK_CLOEXEC MSG_NOSIGNAL MSG_CMSG_CLOEXEC MSG_ERRQUEUE MSG_MORE".split(" "),
  ..."SO_DOMAIN SO_PROTOCOL SO_PASSCRED SO_PEERCRED POLLRDHUP POLLMSG SIGRTMIN SIGRTMAX".split(" "),
]);

const functions =
  /^(?:sockaddr_(?:nl|ll|vm)|receive_queue|send_queue|tcp_state|sendfile|epoll_\w+)$/;

module.exports = Object.fromEntries(
  Object.entries(addon).filter(([name]) => !functions.test(name)),
);
module.exports.constants = Object.fromEntries(
  Object.entries(addon.constants).filter(([name]) => !names.has(name) && !name.startsWith("EPOLL")),
);
