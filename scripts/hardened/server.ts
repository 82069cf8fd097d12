/** The loop of a server that one could put on a network. */
import { BlockingIOError, b, ConnectionAbortedError, OSError, print, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

import type { Connection, Loop, Timed } from "./connection.ts";
import { Deadlines, now } from "./deadlines.ts";
import { log } from "./log.ts";
import type { Options } from "./options.ts";

/** How many connections are accepted in one turn of the loop: the others are served in between. */
const BURST = 64;
/** How long nothing is accepted after an error that would come again at once, in seconds. */
const PAUSE = 1;
/** What accept() reports of a connection that is broken already: the next one may be good. accept(2) */
const BROKEN = new Set([
  "ENETDOWN",
  "EPROTO",
  "ENOPROTOOPT",
  "EHOSTDOWN",
  "ENONET",
  "EHOSTUNREACH",
  "EOPNOTSUPP",
  "ENETUNREACH",
  "EPERM",
]);

/** A listening socket for a server, one of several for the same port if it `shares` it. */
export function listen(host: string, port: number, shares: boolean) {
  const family = host.includes(":") ? socket.AF_INET6 : socket.AF_INET;
  // The tutorial's 128: a burst of more connections would have to try again after a second.
  const backlog = socket.SOMAXCONN;
  return socket.create_server([host, port], { family, backlog, reuse_port: shares });
}

/** Says where a server listens. */
export function say_listening(listener: socket.socket) {
  const [host, port] = listener.getsockname() as socket.InetAddress;
  print(`Listening on ('${host}', ${port})`);
}

/** Serves connections until SIGTERM or SIGINT. */
export class Server implements Loop {
  readonly selector = new selectors.DefaultSelector<Connection | null, socket.socket>();
  readonly deadlines = new Deadlines<Timed>();
  readonly options: Options;
  is_draining = false;
  readonly #listener: socket.socket;
  readonly #connect: (loop: Loop, sock: socket.socket, addr: socket.SocketAddress) => Connection;
  /** Those that have been idle for longest come first. */
  readonly #connections = new Set<Connection>();
  /** A descriptor to give away when there is no other left. */
  #spare: socket.socket | null = null;
  readonly #wake: socket.socket;

  constructor(
    listener: socket.socket,
    options: Options,
    connect: (loop: Loop, sock: socket.socket, addr: socket.SocketAddress) => Connection,
  ) {
    this.options = options;
    this.#listener = listener;
    this.#connect = connect;
    listener.setblocking(false);
    this.selector.register(listener, selectors.EVENT_READ, null);
    this.#spare = spare_descriptor();
    // select() goes on waiting after a signal's handler has returned. A byte in here ends the wait.
    const [reader, writer] = socket.socketpair();
    writer.setblocking(false);
    this.#wake = reader;
    this.selector.register(reader, selectors.EVENT_READ, null);
    for (const signum of [signal.SIGTERM, signal.SIGINT]) {
      signal.signal(signum, () => void writer.send(b`x`));
    }
  }

  run() {
    while (!this.is_draining || this.#connections.size > 0) {
      const wait = this.deadlines.next - now();
      for (const [key, mask] of this.selector.select(
        wait === Infinity ? null : Math.max(wait, 0),
      )) {
        if (key.fileobj === this.#listener) this.#accept(BURST);
        else if (key.fileobj === this.#wake) this.#drain();
        // What was handled before it may have closed it.
        else if (key.data?.is_open) key.data.process_events(mask);
      }
      const time = now();
      for (;;) {
        const timed = this.deadlines.expired(time);
        if (timed === null) break;
        timed.on_deadline();
      }
    }
    this.selector.close();
  }

  moved(connection: Connection) {
    this.#connections.delete(connection);
    this.#connections.add(connection);
  }

  closed(connection: Connection) {
    this.#connections.delete(connection);
  }

  /** A pause of accepting is over, or the time to drain. */
  on_deadline() {
    if (this.is_draining) {
      for (const connection of this.#connections) connection.drop("the server ends");
    } else {
      this.selector.register(this.#listener, selectors.EVENT_READ, null);
    }
  }

  #accept(most: number) {
    for (let count = 0; count < most; count++) {
      let sock;
      let addr;
      try {
        [sock, addr] = this.#listener.accept();
      } catch (error) {
        if (!(error instanceof OSError)) throw error;
        if (error instanceof BlockingIOError) return;
        if (error instanceof ConnectionAbortedError || BROKEN.has(error.code!)) continue;
        if ((error.code === "EMFILE" || error.code === "ENFILE") && this.#make_room()) continue;
        // The listener stays ready: the loop would do nothing but this.
        log(`Not accepting for ${PAUSE} s: ${str(error)}`);
        this.selector.unregister(this.#listener);
        this.deadlines.set(this, now() + PAUSE);
        return;
      }
      // Whoever holds connections only to keep others out loses them to those who come.
      if (this.#connections.size >= this.options["max-connections"]) {
        this.#oldest()?.drop(`one of ${this.options["max-connections"]}, and the longest idle`);
      }
      try {
        sock.setblocking(false);
        this.#connect(this, sock, addr).start();
      } catch (error) {
        log(`Closing connection to ${str(addr)}: ${str(error)}`);
        sock.close();
      }
    }
  }

  #oldest(): Connection | undefined {
    return this.#connections.values().next().value;
  }

  /** No descriptor is left for the connection that waits: returns whether one may be there now. */
  #make_room() {
    const oldest = this.#oldest();
    if (oldest !== undefined) {
      oldest.drop("no descriptors are left, and the longest idle");
      return true;
    }
    if (this.#spare === null) return false;
    // Others have taken them all. Closing the connection tells the peer, who would wait otherwise.
    this.#spare.close();
    this.#spare = null;
    try {
      const [sock, addr] = this.#listener.accept();
      sock.close();
      log(`Closing connection to ${str(addr)}: no descriptors are left`);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
    }
    this.#spare = spare_descriptor();
    return this.#spare !== null;
  }

  /** No more connections, and those that there are get some time to end. */
  #drain() {
    this.#wake.recv(1);
    if (this.is_draining) {
      // The second signal: at once.
      this.on_deadline();
      return;
    }
    // Those that wait would be reset with the listener, although they are connected.
    if (this.options["listener-fd"] === null) this.#accept(this.options["max-connections"]);
    this.is_draining = true;
    if (this.selector.get_map()!.has(this.#listener)) this.selector.unregister(this.#listener);
    this.#listener.close();
    log(`Draining ${this.#connections.size} connections`);
    this.deadlines.set(this, now() + this.options["drain-timeout"]);
    // They are put in another order meanwhile.
    for (const connection of Array.from(this.#connections)) connection.on_drain();
  }
}

function spare_descriptor() {
  try {
    return new socket.socket();
  } catch (error) {
    if (error instanceof OSError) return null;
    throw error;
  }
}
