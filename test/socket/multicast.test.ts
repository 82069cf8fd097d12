/** One datagram for many: broadcast and multicast; and UDP over IPv6. */
import { describe, expect, test } from "vitest";

import { b } from "iomux/builtins";
import * as socket from "iomux/socket";

import { closing, has_inet6 } from "../support/sockets.ts";

const { AF_INET, AF_INET6, INADDR_ANY, IPPROTO_IP, IPPROTO_IPV6, SOCK_DGRAM, SOL_SOCKET } = socket;
const { IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IP_MULTICAST_IF } = socket;
const { IP_MULTICAST_LOOP, IP_MULTICAST_TTL } = socket;

/** Whether to hear groups that others on this machine are in; Python has no name for it. ip(7) */
const IP_MULTICAST_ALL = 49;
const GROUP = "239.255.12.34";
const would_block = expect.objectContaining({ name: "BlockingIOError", errno: 11 });

function raises(name: string, message: string): unknown {
  return expect.objectContaining({ name, message });
}

/** A UDP socket that is bound. What does not come fails the test. */
function bound(host: string = "127.0.0.1"): readonly [socket.socket, socket.InetAddress] {
  const sock = closing(new socket.socket(AF_INET, SOCK_DGRAM));
  sock.bind([host, 0]);
  sock.settimeout(30);
  return [sock, sock.getsockname() as socket.InetAddress];
}

describe("broadcast", () => {
  test("broadcasting is a PermissionError until SO_BROADCAST is set", () => {
    const [sock] = bound();
    // On the loopback's own network, so that it leaves this machine by no interface.
    const everybody = ["127.255.255.255", 9] as const;
    expect(() => sock.sendto(b`x`, everybody)).toThrow(
      raises("PermissionError", "[Errno 13] Permission denied"),
    );
    sock.setsockopt(SOL_SOCKET, socket.SO_BROADCAST, 1);
    expect(sock.sendto(b`x`, everybody)).toBe(1);
  });
});

/** struct ip_mreq, which is two addresses: of the group, and of the interface. */
function ip_mreq(group: string, host: string = "127.0.0.1"): Buffer {
  return Buffer.concat([socket.inet_aton(group), socket.inet_aton(host)]);
}

describe("IPv4 multicast", () => {
  test("too few bytes, or no group, are EINVAL; no such interface ENODEV", () => {
    const [sock] = bound();
    const join = (mreq: Buffer): void => sock.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, mreq);
    expect(() => join(ip_mreq(GROUP).subarray(0, 7))).toThrow(
      raises("OSError", "[Errno 22] Invalid argument"),
    );
    expect(() => join(ip_mreq("127.0.0.1"))).toThrow(
      raises("OSError", "[Errno 22] Invalid argument"),
    );
    expect(() => join(ip_mreq(GROUP, "192.0.2.1"))).toThrow(
      raises("OSError", "[Errno 19] No such device"),
    );
  });

  test("joining twice is EADDRINUSE, leaving what was not joined EADDRNOTAVAIL", () => {
    const [sock] = bound();
    sock.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, ip_mreq(GROUP));
    expect(() => sock.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, ip_mreq(GROUP))).toThrow(
      raises("OSError", "[Errno 98] Address already in use"),
    );
    sock.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, ip_mreq(GROUP));
    expect(() => sock.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, ip_mreq(GROUP))).toThrow(
      raises("OSError", "[Errno 99] Cannot assign requested address"),
    );
  });

  test("all members get what is sent to the group, until they leave it", () => {
    const [first, [, port]] = bound(GROUP);
    const second = closing(new socket.socket(AF_INET, SOCK_DGRAM));
    for (const sock of [first, second]) sock.setsockopt(SOL_SOCKET, socket.SO_REUSEADDR, 1);
    second.bind([GROUP, port]);
    second.settimeout(30);
    for (const sock of [first, second]) {
      sock.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, ip_mreq(GROUP));
    }
    const [sender, address] = bound();
    sender.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"));
    sender.sendto(b`hello`, [GROUP, port]);
    for (const sock of [first, second]) expect(sock.recvfrom(100)).toEqual([b`hello`, address]);
    second.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, ip_mreq(GROUP));
    second.setsockopt(IPPROTO_IP, IP_MULTICAST_ALL, 0);
    sender.sendto(b`again`, [GROUP, port]);
    expect(first.recvfrom(100)).toEqual([b`again`, address]);
    second.setblocking(false);
    expect(() => second.recv(100)).toThrow(would_block);
  });

  test("on its own machine a group hears what IP_MULTICAST_IF sends to it", () => {
    const [member, [, port]] = bound(GROUP);
    member.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, ip_mreq(GROUP));
    const [sender] = bound();
    sender.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"));
    expect(sender.getsockopt(IPPROTO_IP, IP_MULTICAST_LOOP)).toBe(1);
    expect(sender.getsockopt(IPPROTO_IP, IP_MULTICAST_IF, 4)).toEqual(Buffer.from([127, 0, 0, 1]));
    sender.sendto(b`comes back`, [GROUP, port]);
    expect(member.recv(100)).toEqual(b`comes back`);
  });

  test("IP_MULTICAST_TTL and IP_MULTICAST_LOOP take integers and bytes", () => {
    const [sock] = bound();
    expect(sock.getsockopt(IPPROTO_IP, IP_MULTICAST_TTL)).toBe(1);
    sock.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, 3);
    expect(sock.getsockopt(IPPROTO_IP, IP_MULTICAST_TTL)).toBe(3);
    sock.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, Buffer.from([7]));
    expect(sock.getsockopt(IPPROTO_IP, IP_MULTICAST_TTL)).toBe(7);
    expect(() => sock.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, 256)).toThrow(
      raises("OSError", "[Errno 22] Invalid argument"),
    );
    sock.setsockopt(IPPROTO_IP, IP_MULTICAST_LOOP, false);
    expect(sock.getsockopt(IPPROTO_IP, IP_MULTICAST_LOOP)).toBe(0);
  });

  test("INADDR_ANY and its like are numbers in the host's order", () => {
    expect(INADDR_ANY).toBe(0);
    const group = Buffer.alloc(4);
    group.writeUInt32BE(socket.INADDR_ALLHOSTS_GROUP);
    expect(socket.inet_ntoa(group)).toBe("224.0.0.1");
  });
});

function bound6(): readonly [socket.socket, socket.Inet6Address] {
  const sock = closing(new socket.socket(AF_INET6, SOCK_DGRAM));
  sock.bind(["::1", 0]);
  sock.settimeout(30);
  return [sock, sock.getsockname() as socket.Inet6Address];
}

// Without IPv6 on the machine there is no socket to ask.
describe.runIf(has_inet6)("UDP over IPv6", () => {
  test("an address of four elements comes with what is received, one of two is enough to send", () => {
    const [sender, from] = bound6();
    const [receiver, address] = bound6();
    expect(address).toEqual(["::1", expect.any(Number), 0, 0]);
    sender.sendto(b`one`, [address[0], address[1]]);
    sender.sendto(b`two`, 0, address);
    expect(receiver.recvfrom(10)).toEqual([b`one`, from]);
    expect(receiver.recvfrom_into(Buffer.alloc(10))).toEqual([3, from]);
  });

  test("an IPv4 address belongs there only in IPv6's form", () => {
    const [receiver, [, port]] = bound();
    const sender = closing(new socket.socket(AF_INET6, SOCK_DGRAM));
    expect(() => sender.sendto(b`x`, ["127.0.0.1", port])).toThrow(socket.gaierror);
    sender.sendto(b`x`, ["::ffff:127.0.0.1", port]);
    const [, peer] = sender.getsockname() as socket.Inet6Address;
    expect(receiver.recvfrom(10)).toEqual([b`x`, ["127.0.0.1", peer]]);
  });

  test("a multicast group is joined by struct ipv6_mreq, on an interface's index", () => {
    const lo = socket.if_nametoindex("lo");
    const mreq = Buffer.concat([socket.inet_pton(AF_INET6, "ff01::4321"), Buffer.alloc(4)]);
    mreq.writeUInt32LE(lo, 16);
    const [member] = bound6();
    member.setsockopt(IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, mreq);
    expect(() => member.setsockopt(IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, mreq)).toThrow(
      raises("OSError", "[Errno 98] Address already in use"),
    );
    member.setsockopt(IPPROTO_IPV6, socket.IPV6_LEAVE_GROUP, mreq);
    member.setsockopt(IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 5);
    expect(member.getsockopt(IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS)).toBe(5);
  });
});
