/**
 * Every public name that Python has in these modules and their classes is here too, and constants
 * have the same values; or it stands below, with the reason why not.
 */
import { describe, expect, onTestFinished, test } from "vitest";

import * as builtins from "iomux/builtins";
import * as select from "iomux/select";
import * as selectors from "iomux/selectors";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";
import * as socketserver from "iomux/socketserver";
import * as struct from "iomux/struct";

import * as exceptions from "../../lib/core/exceptions.ts";
import { native } from "../../lib/native.ts";
import { PYTHON, ask_python } from "../support/python.ts";
import { has_epoll } from "../support/system.ts";

const WITHOUT_EPOLL: typeof LEFT_OUT = [
  [
    "select",
    "this backend has no epoll",
    Object.keys(select)
      .filter((name) => /^epoll/i.test(name))
      .join(" "),
  ],
  ["selectors", "this backend has no epoll", "EpollSelector"],
];

/** What is left out on purpose: where, why, and which names. */
const LEFT_OUT: readonly (readonly [where: string, why: string, names: string])[] = [
  ["socket", "imports of Python's own", "array errno io os selectors sys IntEnum IntFlag"],
  [
    "socket",
    "the name is that of what getaddrinfo returns, which has no name in Python",
    "AddressInfo",
  ],
  ["socket", "for modules written in C", "CAPI"],
  [
    "socket",
    "addresses and headers of Bluetooth, which few systems have",
    "AF_BLUETOOTH BDADDR_ANY BDADDR_LOCAL BTPROTO_HCI BTPROTO_L2CAP BTPROTO_RFCOMM BTPROTO_SCO " +
      "HCI_DATA_DIR HCI_FILTER HCI_TIME_STAMP SOL_HCI",
  ],
  ["socket.socket", "the kernel's cryptography has addresses of its own", "sendmsg_afalg"],
  ["selectors", "imports of Python's own", "math namedtuple select sys"],
  ["selectors", "what Python makes abstract classes of", "ABCMeta Mapping abstractmethod"],
  ["selectors.SelectorKey", "`new SelectorKey(...fields)` does the same", "_make"],
  ["selectors.SelectorKey", "no field has a default", "_field_defaults _fields_defaults"],
  [
    "socketserver",
    "imports of Python's own",
    "BufferedIOBase os selectors socket sys threading time",
  ],
  [
    "socketserver",
    "JavaScript's threads share no objects, and a process of Node cannot fork",
    "ForkingMixIn ForkingTCPServer ForkingUDPServer ForkingUnixDatagramServer " +
      "ForkingUnixStreamServer ThreadingTCPServer ThreadingUDPServer ThreadingUnixDatagramServer " +
      "ThreadingUnixStreamServer",
  ],
  [
    "socketserver",
    "there is no file in memory: `this.request` has the datagram",
    "DatagramRequestHandler",
  ],
  [
    "signal",
    "there are no numbers for threads, nor for processes",
    "pthread_kill pidfd_send_signal",
  ],
];

/** For each module and class: its names, and the value of those that are integers. */
type Names = Readonly<Record<string, Readonly<Record<string, number | null>>>>;

const program = `
import select, selectors, signal, socket, socketserver, struct, sys

def names(of, private="_"):
    found = [name for name in dir(of) if not name.startswith(private)]
    # Only a module's integers are constants.
    value = lambda name: getattr(of, name) if isinstance(of, type(sys)) else None
    return {name: int(value(name)) if isinstance(value(name), int) else None for name in found}

sock = socket.socket()
answers = {module.__name__: names(module) for module in (select, selectors, signal, socket, socketserver, struct)}
answers["socket.socket"] = names(sock)
answers["struct.Struct"] = names(struct.Struct("<H"))
answers["socket.SocketIO"] = names(sock.makefile("rb", 0))
for mode in ("rb", "wb", "rwb", "r"):
    answers["makefile " + mode] = names(sock.makefile(mode))
answers["selectors.SelectorKey"] = names(selectors.SelectorKey(0, 0, 1, None), "__")
answers["select.poll()"] = names(select.poll())
for module in (select, selectors):
    for kind in "epoll kevent kqueue EpollSelector KqueueSelector PollSelector SelectSelector".split():
        if hasattr(module, kind):
            answers[module.__name__ + "." + kind] = names(getattr(module, kind))
answers = [sys.version_info[:2], answers]
`;

const python_says = ask_python(program, null) as () => [
  version: readonly [major: number, minor: number],
  theirs: Names,
];

function closing<T extends { close(): void }>(opened: T): T {
  onTestFinished(() => opened.close());
  return opened;
}

function a_socket(): socket.socket {
  return closing(new socket.socket());
}

/** What has the names here: a module, or an object of the class. */
const ours: Readonly<Record<string, () => object>> = {
  select: () => select,
  selectors: () => selectors,
  signal: () => signal,
  socket: () => socket,
  socketserver: () => socketserver,
  struct: () => struct,
  "struct.Struct": () => new struct.Struct("<H"),
  "socket.socket": a_socket,
  "socket.SocketIO": () => a_socket().makefile("rb", 0),
  "makefile rb": () => a_socket().makefile("rb"),
  "makefile wb": () => a_socket().makefile("wb"),
  "makefile rwb": () => a_socket().makefile("rwb"),
  "makefile r": () => a_socket().makefile("r"),
  "selectors.SelectorKey": () => new selectors.SelectorKey(0, 0, 1, null),
  "select.poll()": () => select.poll(),
  "select.epoll": () => closing(new select.epoll()),
  "select.kqueue": () => closing(new select.kqueue()),
  "select.kevent": () => new select.kevent(0),
  "selectors.EpollSelector": () => closing(new selectors.EpollSelector()),
  "selectors.KqueueSelector": () => closing(new selectors.KqueueSelector()),
  "selectors.PollSelector": () => closing(new selectors.PollSelector()),
  "selectors.SelectSelector": () => closing(new selectors.SelectSelector()),
};

/** A name's value; an object has, as in Python, what its class has too. */
function ours_of(where: object, name: string): unknown {
  const by_name = (of: object): unknown => (of as Readonly<Record<string, unknown>>)[name];
  // A module has no constructor, nor Object.prototype behind it.
  const { constructor } = where as { readonly constructor?: object };
  return name in where || constructor === undefined ? by_name(where) : by_name(constructor);
}

/** A constant that the system has not is there by name, and undefined. */
function has(where: object, name: string): boolean {
  return ours_of(where, name) !== undefined;
}

const reasons = has_epoll ? LEFT_OUT : [...LEFT_OUT, ...WITHOUT_EPOLL];

function left_out(where: string): string[] {
  return reasons.filter(([place]) => place === where).flatMap(([, , names]) => names.split(" "));
}

/** What Python has, but for what the backend under test has not. */
function in_python(): [where: string, found: Names[string]][] {
  const [, theirs] = python_says();
  return Object.entries(theirs).filter(([where]) => has_epoll || !/epoll/i.test(where));
}

describe(`the names of ${PYTHON}`, () => {
  test("none is lacking without a reason", ({ skip }) => {
    const [[major, minor]] = python_says();
    if (major * 100 + minor > 313) skip("Python is newer than 3.13, and may have other names");
    for (const [where, found] of in_python()) {
      const here = ours[where]();
      const excused = left_out(where);
      const names = Object.keys(found);
      expect(names.length).toBeGreaterThan(2);
      const lacking = names.filter((name) => !has(here, name) && !excused.includes(name));
      expect.soft(lacking, where).toEqual([]);
    }
  });

  test("those of constants have the same values", () => {
    for (const [where, found] of in_python()) {
      const here = ours[where]();
      const values = Object.entries(found).filter(([, value]) => value !== null);
      const both = values.filter(([name]) => has(here, name));
      const same = both.map(([name]) => [name, Number(ours_of(here, name))]);
      expect.soft(same, where).toEqual(both);
    }
  });
});

test("no reason is given for a name that is there", () => {
  for (const [where, , names] of reasons) {
    const here = ours[where]();
    expect(names.split(" ").filter((name) => has(here, name))).toEqual([]);
  }
});

test("every number that the addon has is public, or what lib/ itself needs", () => {
  const internal = "EPOLL_CTL_ADD EPOLL_CTL_DEL EPOLL_CTL_MOD FD_SETSIZE NAME_OFFSET NAME_SIZE"
    .split(" ")
    .filter((name) => has_epoll || !name.startsWith("EPOLL"));
  const exported = { ...socket, ...select, ...signal };
  const others = Object.keys(native.constants).filter((name) => !(name in exported));
  expect(others.toSorted()).toEqual(internal);
});

test("every reason is about a module or class that was asked for", () => {
  expect(LEFT_OUT.map(([where]) => where).filter((where) => !(where in ours))).toEqual([]);
});

test("every exception that is raised here can be caught by its name", () => {
  const { OSError, KeyboardInterrupt } = exceptions;
  const all: [string, unknown][] = Object.entries(exceptions);
  const classes = all.filter(([, value]) => {
    const prototype: unknown = (value as { prototype?: unknown }).prototype;
    return prototype instanceof Error;
  });
  expect(classes).toContainEqual(["OSError", OSError]);
  expect(classes).toContainEqual(["KeyboardInterrupt", KeyboardInterrupt]);
  const exported: Readonly<Record<string, unknown>> = { ...socket, ...builtins };
  expect(classes.filter(([name, type]) => exported[name] !== type)).toEqual([]);
});
