/**
 * What TypeScript knows about the public surface. These are checked by the compiler, in
 * `npm run check`; here they only run.
 */
import { describe, expectTypeOf, test } from "vitest";

import type * as builtins from "iomux/builtins";
import type * as select from "iomux/select";
import type * as selectors from "iomux/selectors";
import type * as signal from "iomux/signal";
import type * as socket from "iomux/socket";

interface Connection {
  readonly addr: string;
}

// Calls for their types: nobody makes them.
const select_mixed = (s: typeof select, sock: socket.socket, fd: number) =>
  s.select([sock], [fd], [sock, fd], 1);
const number_option = (sock: socket.socket) => sock.getsockopt(1, 2);
const bytes_option = (sock: socket.socket) => sock.getsockopt(1, 2, 4);

/** A datagram's sender, answered and named. */
const answered = (sock: socket.socket<socket.AF_INET>) => {
  const [data, addr] = sock.recvfrom(10);
  const [host, port] = addr;
  return [sock.sendto(data, addr), host, port] as const;
};
const of_family = (s: typeof socket, family: number) =>
  [
    new s.socket(s.AF_INET, s.SOCK_DGRAM).getsockname(),
    new s.socket(s.AF_INET6).getsockname(),
    new s.socket(s.AF_UNIX).getpeername(),
    s.create_server(["", 0]).getsockname(),
    s.create_connection(["localhost", 80]).getpeername(),
    s.socketpair()[0].getsockname(),
    new s.socket(family).getsockname(),
  ] as const;

describe("selectors", () => {
  test("the type of the data is the selector's", () => {
    type Selector = selectors.DefaultSelector<Connection, socket.socket>;
    type Key = selectors.SelectorKey<Connection, socket.socket>;
    expectTypeOf<ReturnType<Selector["select"]>>().toEqualTypeOf<
      (readonly [key: Key, mask: number])[]
    >();
    expectTypeOf<Key["data"]>().toEqualTypeOf<Connection>();
    expectTypeOf<Key["fileobj"]>().toEqualTypeOf<socket.socket>();
    expectTypeOf<ReturnType<Selector["register"]>>().toEqualTypeOf<Key>();
    expectTypeOf<ReturnType<Selector["get_key"]>>().toEqualTypeOf<Key>();
    expectTypeOf<Awaited<ReturnType<Selector["select_async"]>>>().toEqualTypeOf<
      (readonly [key: Key, mask: number])[]
    >();
    expectTypeOf<Selector>().toExtend<AsyncIterable<(readonly [key: Key, mask: number])[]>>();
  });

  test("without one, anything with a descriptor is registered with anything", () => {
    type Register = selectors.DefaultSelector["register"];
    expectTypeOf<Parameters<Register>>().toEqualTypeOf<
      [fileobj: number | { fileno(): number }, events: number, data?: unknown]
    >();
    expectTypeOf<selectors.SelectorKey["data"]>().toEqualTypeOf<unknown>();
  });

  test("the map is null once the selector is closed, a missing key undefined", () => {
    type Selector = selectors.PollSelector<Connection>;
    type Map = selectors.SelectorMap<Connection>;
    expectTypeOf<ReturnType<Selector["get_map"]>>().toEqualTypeOf<Map | null>();
    expectTypeOf<ReturnType<Map["get"]>>().toEqualTypeOf<
      selectors.SelectorKey<Connection> | undefined
    >();
  });

  test("all are BaseSelectors", () => {
    expectTypeOf<selectors.EpollSelector>().toExtend<selectors.BaseSelector>();
    expectTypeOf<selectors.KqueueSelector>().toExtend<selectors.BaseSelector>();
    expectTypeOf<selectors.PollSelector>().toExtend<selectors.BaseSelector>();
    expectTypeOf<selectors.SelectSelector>().toExtend<selectors.BaseSelector>();
  });
});

describe("select", () => {
  test("gives back what it was given, list by list", () => {
    expectTypeOf(select_mixed).returns.toEqualTypeOf<
      readonly [socket.socket[], number[], (socket.socket | number)[]]
    >();
  });

  test("a polling object has its type with and without `new`", () => {
    expectTypeOf<ReturnType<typeof select.poll>>().toEqualTypeOf<select.poll_object>();
    expectTypeOf<InstanceType<typeof select.poll>>().toEqualTypeOf<select.poll_object>();
  });

  test("null is a timeout, undefined its default, a text is none", () => {
    expectTypeOf<select.epoll["poll"]>().toBeCallableWith(null, -1);
    expectTypeOf<select.epoll["poll"]>().toBeCallableWith();
    expectTypeOf<Parameters<select.epoll["poll"]>[0]>().toEqualTypeOf<number | null | undefined>();
  });
});

describe("socket", () => {
  test("an option is a number, or bytes when their length is given", () => {
    expectTypeOf(number_option).returns.toEqualTypeOf<number>();
    expectTypeOf(bytes_option).returns.toEqualTypeOf<Buffer>();
  });

  test("an option is set to a number or bytes, or to nothing of a length", () => {
    expectTypeOf<socket.socket["setsockopt"]>().toBeCallableWith(1, 2, null, 4);
    expectTypeOf<socket.socket["setsockopt"]>().toBeCallableWith(1, 2, new Uint8Array(4));
    // @ts-expect-error -- null needs a length
    expectTypeOf<socket.socket["setsockopt"]>().toBeCallableWith(1, 2, null);
  });

  test("sendto takes flags before the address, or none", () => {
    expectTypeOf<socket.socket["sendto"]>().toBeCallableWith(Buffer.alloc(1), ["127.0.0.1", 1]);
    expectTypeOf<socket.socket["sendto"]>().toBeCallableWith(Buffer.alloc(1), 0, ["127.0.0.1", 1]);
    // @ts-expect-error -- in this order
    expectTypeOf<socket.socket["sendto"]>().toBeCallableWith(Buffer.alloc(1), ["127.0.0.1", 1], 0);
  });

  test("what is received is a Buffer, what is sent any view of memory", () => {
    expectTypeOf<ReturnType<socket.socket["recv"]>>().toEqualTypeOf<Buffer>();
    expectTypeOf<Parameters<socket.socket["send"]>[0]>().toEqualTypeOf<ArrayBufferView>();
    // @ts-expect-error -- text has to be encoded first
    expectTypeOf<socket.socket["send"]>().toBeCallableWith("text");
  });

  test("accept gives a pair that cannot be changed", () => {
    expectTypeOf<ReturnType<socket.socket["accept"]>>().toEqualTypeOf<
      readonly [conn: socket.socket, address: socket.SocketAddress]
    >();
  });

  test("timeouts are seconds or null", () => {
    expectTypeOf<ReturnType<socket.socket["gettimeout"]>>().toEqualTypeOf<number | null>();
    expectTypeOf<Parameters<typeof socket.setdefaulttimeout>>().toEqualTypeOf<
      [timeout: number | null]
    >();
  });

  test("the options of create_server have names", () => {
    expectTypeOf<typeof socket.create_server>().toBeCallableWith(["", 0], {
      family: 10,
      dualstack_ipv6: true,
    });
    // @ts-expect-error -- no such option
    expectTypeOf<typeof socket.create_server>().toBeCallableWith(["", 0], { reuse: true });
  });

  test("constants are numbers", () => {
    expectTypeOf<typeof socket.SOCK_STREAM>().toEqualTypeOf<number>();
    expectTypeOf<typeof socket.AF_INET>().toExtend<number>();
  });

  test("the family of a socket says what its addresses are", () => {
    expectTypeOf(answered).returns.toEqualTypeOf<readonly [number, string, number]>();
    expectTypeOf(of_family).returns.toEqualTypeOf<
      readonly [
        socket.InetAddress,
        socket.Inet6Address,
        string | Buffer,
        socket.InetAddress,
        socket.InetAddress | socket.Inet6Address,
        string | Buffer,
        socket.SocketAddress,
      ]
    >();
  });

  test("a connection has its listener's family", () => {
    type Accepted = ReturnType<socket.socket<socket.AF_INET>["accept"]>;
    expectTypeOf<Accepted>().toEqualTypeOf<
      readonly [conn: socket.socket<socket.AF_INET>, address: socket.InetAddress]
    >();
  });

  test("a socket whose type says no family is any socket, with any address", () => {
    expectTypeOf<socket.socket>().toExtend<socket.socket<socket.AF_INET>>();
    expectTypeOf<socket.socket<socket.AF_UNIX>>().toExtend<socket.socket>();
    type Address = ReturnType<socket.socket["getsockname"]>;
    expectTypeOf<Address>().toEqualTypeOf<socket.SocketAddress>();
  });

  test("a socket is disposable, so that `using` takes it", () => {
    expectTypeOf<socket.socket>().toExtend<Disposable>();
    expectTypeOf<selectors.DefaultSelector>().toExtend<Disposable>();
    expectTypeOf<select.epoll>().toExtend<Disposable>();
  });
});

describe("signal", () => {
  test("a handler gets the number, and null for the frame", () => {
    expectTypeOf<Parameters<signal.SignalHandler>>().toEqualTypeOf<[signum: number, frame: null]>();
    expectTypeOf<ReturnType<typeof signal.getsignal>>().toEqualTypeOf<
      signal.SignalHandler | 0 | 1 | null
    >();
    // @ts-expect-error -- SIG_DFL, SIG_IGN or a function
    expectTypeOf<typeof signal.signal>().toBeCallableWith(2, 2);
  });
});

describe("exceptions", () => {
  test("errno, code and strerror are null together", () => {
    expectTypeOf<builtins.OSError["errno"]>().toEqualTypeOf<number | null>();
    expectTypeOf<builtins.OSError["code"]>().toEqualTypeOf<string | null>();
    expectTypeOf<builtins.ConnectionRefusedError>().toExtend<builtins.OSError>();
    expectTypeOf<socket.timeout>().toEqualTypeOf<builtins.TimeoutError>();
  });
});
