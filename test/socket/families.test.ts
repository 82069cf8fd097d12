/** Families besides TCP, UDP and AF_UNIX: packets, netlink, raw sockets, virtual machines' sockets. */
import { describe, expect, test } from "vitest";

import { b, repr, tuple } from "iomux/builtins";
import * as socket from "iomux/socket";

import { closing } from "../support/sockets.ts";
import { needs_linux } from "../support/tools.ts";

const { AF_ALG, AF_INET, AF_NETLINK, AF_PACKET, AF_VSOCK, IPPROTO_ICMP } = socket;
const { SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM } = socket;

function raises(name: string, message: string): unknown {
  return expect.objectContaining({ name, message });
}

/** Whether this system, and this user, may have such a socket. */
function may_have(family: number, type: number, proto: number = 0): boolean {
  try {
    new socket.socket(family, type, proto).close();
    return true;
  } catch {
    return false;
  }
}

function new_socket(family: number, type: number, proto: number = 0): socket.socket {
  const sock = closing(new socket.socket(family, type, proto));
  // What does not come is to fail the test.
  sock.settimeout(30);
  return sock;
}

function route(): socket.socket {
  needs_linux();
  return new_socket(AF_NETLINK, SOCK_RAW, socket.NETLINK_ROUTE);
}

describe("AF_NETLINK", () => {
  test.each([
    ["bind(): AF_NETLINK address must be tuple, not str", "x"],
    ["bind(): AF_NETLINK address must be tuple, not NoneType", null],
    ["AF_NETLINK address must be a pair (pid, groups)", [1]],
    ["AF_NETLINK address must be a pair (pid, groups)", [1, 2, 3]],
    ["'str' object cannot be interpreted as an integer", ["x", 0]],
    ["'float' object cannot be interpreted as an integer", [0, 0.5]],
  ])("TypeError: %s", (message, address) => {
    expect(() => route().bind(address as never)).toThrow(raises("TypeError", message));
  });

  test("a number of one's own, which a second socket cannot have", () => {
    const [first, second] = [route(), route()];
    first.bind([0x7fff_1234, 0]);
    expect(first.getsockname()).toEqual([0x7fff_1234, 0]);
    expect(() => second.bind([0x7fff_1234, 0])).toThrow(
      raises("OSError", "[Errno 98] Address already in use"),
    );
    // -1 is cut to 32 bits, as CPython does.
    second.bind([-1, 0]);
    expect(second.getsockname()).toEqual([0xffff_ffff, 0]);
    expect(repr(second)).toContain("laddr=(4294967295, 0)");
  });

  test("RTM_GETLINK tells all interfaces, in messages from the kernel", () => {
    const [RTM_NEWLINK, RTM_GETLINK, NLMSG_DONE, NLM_F_REQUEST, NLM_F_DUMP] = [16, 18, 3, 1, 0x300];
    const sock = route();
    sock.bind([0, 0]);
    // struct nlmsghdr, struct ifinfomsg
    const request = Buffer.alloc(16 + 16);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(RTM_GETLINK, 4);
    request.writeUInt16LE(NLM_F_REQUEST | NLM_F_DUMP, 6);
    request.writeUInt32LE(1, 8);
    expect(sock.sendto(request, [0, 0])).toBe(32);
    const indexes: number[] = [];
    for (let is_done = false; !is_done;) {
      const [answer, address] = sock.recvfrom(65_536);
      expect(address).toEqual([0, 0]);
      for (let place = 0; place < answer.length;) {
        const type = answer.readUInt16LE(place + 4);
        if (type === RTM_NEWLINK) indexes.push(answer.readInt32LE(place + 16 + 4));
        is_done ||= type === NLMSG_DONE;
        place += (answer.readUInt32LE(place) + 3) & ~3;
      }
    }
    expect(indexes.toSorted((one, other) => one - other)).toEqual(
      socket
        .if_nameindex()
        .map(([index]) => index)
        .toSorted((one, other) => one - other),
    );
  });
});

// Without root, the system gives nobody such a socket.
describe.runIf(may_have(AF_PACKET, SOCK_DGRAM))("AF_PACKET", () => {
  /** IEEE keeps it for experiments on one's own machine. */
  const ETHERTYPE = 0x88b5;
  const NOWHERE = Buffer.alloc(6);

  const form = "AF_PACKET address must be a tuple of two to five elements";
  test.each([
    ["TypeError", "bind(): AF_PACKET address must be tuple, not str", "lo"],
    ["TypeError", form, ["lo"]],
    ["TypeError", form, ["lo", 0, 0, 0, b``, 0]],
    ["TypeError", form, [1, 0]],
    ["TypeError", "'str' object cannot be interpreted as an integer", ["lo", "x"]],
    ["TypeError", "'NoneType' object cannot be interpreted as an integer", ["lo", 0, null]],
    ["TypeError", "a bytes-like object is required, not 'str'", ["lo", 0, 0, 0, "x"]],
    ["ValueError", "embedded null character", ["lo\0x", 0]],
    ["ValueError", "Hardware address must be 8 bytes or less", ["lo", 0, 0, 0, Buffer.alloc(9)]],
    ["OverflowError", "bind(): proto must be 0-65535.", ["lo", 65_536]],
    ["OverflowError", "bind(): proto must be 0-65535.", ["lo", -1]],
    ["OSError", "[Errno 19] No such device", ["no-such", 65_536]],
  ])("%s: %s", (name, message, address) => {
    const sock = new_socket(AF_PACKET, SOCK_DGRAM);
    expect(() => sock.bind(address as never)).toThrow(raises(name, message));
  });

  test("an address has the interface's name, and goes in as it came out", () => {
    const sock = new_socket(AF_PACKET, SOCK_DGRAM);
    expect(sock.getsockname()).toEqual(["", 0, 0, 0, b``]);
    sock.bind(["lo", ETHERTYPE]);
    const ARPHRD_LOOPBACK = 772;
    const address = tuple(["lo", ETHERTYPE, 0, ARPHRD_LOOPBACK, NOWHERE]);
    expect(sock.getsockname()).toEqual(address);
    const same = new_socket(AF_PACKET, SOCK_DGRAM);
    same.bind(sock.getsockname() as socket.PacketAddress);
    expect(same.getsockname()).toEqual(address);
  });

  test("a packet sent to the loopback is one that comes", () => {
    const proto = socket.htons(ETHERTYPE);
    const receiver = new_socket(AF_PACKET, SOCK_DGRAM, proto);
    receiver.bind(["lo", ETHERTYPE]);
    expect([receiver.type, receiver.proto]).toEqual([SOCK_DGRAM, proto]);
    const sender = new_socket(AF_PACKET, SOCK_DGRAM);
    sender.sendto(b`hello`, ["lo", ETHERTYPE, 0, 0, NOWHERE]);
    const [data, address] = receiver.recvfrom(100);
    expect(data).toEqual(b`hello`);
    expect(address).toEqual(["lo", ETHERTYPE, socket.PACKET_HOST, 772, NOWHERE]);
    sender.sendmsg([b`and `, b`again`], [], 0, address);
    expect(receiver.recvmsg(100)[0]).toEqual(b`and again`);
  });
});

/** RFC 1071 */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let place = 0; place < bytes.length; place += 2) sum += bytes.readUInt16BE(place);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

// Without root, the system gives nobody such a socket.
describe.runIf(may_have(AF_INET, SOCK_RAW, IPPROTO_ICMP))("raw sockets", () => {
  test("this machine answers an ICMP echo request", () => {
    const sock = new_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    const [ECHO_REPLY, ECHO_REQUEST] = [0, 8];
    const data = b`ping, pong!!`;
    const request = Buffer.alloc(8);
    request.writeUInt8(ECHO_REQUEST, 0);
    request.writeUInt16BE(process.pid & 0xffff, 4);
    request.writeUInt16BE(1, 6);
    request.writeUInt16BE(checksum(Buffer.concat([request, data])), 2);
    sock.sendmsg([request, data], [], 0, ["127.0.0.1", 0]);
    for (;;) {
      const [packet, address] = sock.recvfrom(1000);
      expect(address).toEqual(["127.0.0.1", 0]);
      const message = packet.subarray((packet[0] & 15) * 4);
      // It also hears the request, and whoever else is asking.
      const is_answer =
        message[0] === ECHO_REPLY && message.readUInt16BE(4) === (process.pid & 0xffff);
      if (!is_answer) continue;
      expect(message.subarray(8)).toEqual(data);
      expect(checksum(message)).toBe(0);
      break;
    }
  });

  test("want a protocol", () => {
    expect(() => new socket.socket(AF_INET, SOCK_RAW)).toThrow(
      raises("OSError", "[Errno 93] Protocol not supported"),
    );
  });
});

// A machine without virtual sockets has none.
describe.runIf(may_have(AF_VSOCK, SOCK_STREAM))("AF_VSOCK", () => {
  test.each([
    ["getsockaddrarg: AF_VSOCK address must be tuple, not str", "x"],
    ["getsockaddrarg() takes exactly 2 arguments (1 given)", [1]],
    ["getsockaddrarg() takes exactly 2 arguments (3 given)", [1, 2, 3]],
    ["'str' object cannot be interpreted as an integer", ["x", 1]],
    ["'float' object cannot be interpreted as an integer", [1, 0.5]],
  ])("TypeError: %s", (message, address) => {
    const sock = new_socket(AF_VSOCK, SOCK_STREAM);
    expect(() => sock.bind(address as never)).toThrow(raises("TypeError", message));
  });

  test("any machine, any port", () => {
    const sock = new_socket(AF_VSOCK, SOCK_STREAM);
    expect(sock.getsockname()).toEqual([socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY]);
    sock.bind([socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY]);
    const [cid, port] = sock.getsockname() as socket.VsockAddress;
    expect(cid).toBe(socket.VMADDR_CID_ANY);
    expect(port).not.toBe(socket.VMADDR_PORT_ANY);
    const other = new_socket(AF_VSOCK, SOCK_STREAM);
    expect(() => other.bind([cid, port])).toThrow(
      raises("OSError", "[Errno 98] Address already in use"),
    );
  });
});

describe("families without a form of their own", () => {
  test("what the system does not have is EAFNOSUPPORT, whatever its number", () => {
    for (const family of [4242, 46, 2 ** 31 - 1]) {
      expect(() => new socket.socket(family, SOCK_DGRAM)).toThrow(
        raises("OSError", "[Errno 97] Address family not supported by protocol"),
      );
    }
  });

  // A kernel without its cryptography for programs has no such family.
  test.runIf(may_have(AF_ALG, SOCK_SEQPACKET))(
    "AF_ALG hashes, bound by the bytes of its sockaddr",
    () => {
      const sock = closing(new socket.socket(AF_ALG, SOCK_SEQPACKET));
      // struct sockaddr_alg, without the family
      const address = Buffer.alloc(86);
      address.write("hash", 0);
      address.write("sha256", 22);
      sock.bind([AF_ALG, address]);
      const [operation] = sock.accept();
      closing(operation).sendall(b`abc`);
      expect(operation.recv(32).toString("hex")).toBe(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      );
    },
  );
});
