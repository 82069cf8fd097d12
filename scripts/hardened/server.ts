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
/** How long a connection has to send its first request before another may take its place, in seconds. */
const GRACE = 0.1;
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
  /** Those that have been without an answer for longest come first. */
  readonly #connections = new Set<Connection>();
  /** A descriptor to give away when there is no other left. */
  #spare: socket.socket | null = null;
  #is_paused = false;
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
      let has_arrivals = false;
      const wait = this.deadlines.next - now();
      for (const [key, mask] of this.selector.select(
        wait === Infinity ? null : Math.max(wait, 0),
      )) {
        if (key.fileobj === this.#listener) has_arrivals = true;
        else if (key.fileobj === this.#wake) this.#drain();
        // What was handled before it may have closed it.
        else if (key.data?.is_open) key.data.process_events(mask);
      }
      // Who has sent a request is served before somebody new can take its place.
      if (has_arrivals && !this.is_draining) this.#accept(BURST);
      const time = now();
      for (;;) {
        const timed = this.deadlines.expired(time);
        if (timed === null) break;
        timed.on_deadline();
      }
    }
    this.selector.close();
  }

  served(connection: Connection) {
    this.#connections.delete(connection);
    this.#connections.add(connection);
  }

  closed(connection: Connection) {
    this.#connections.delete(connection);
    // What accepting waits for: room, or a descriptor.
    if (this.#is_paused && !this.is_draining) this.#resume();
  }

  /** A pause of accepting is over, or the time to drain. */
  on_deadline() {
    if (this.is_draining) {
      for (const connection of this.#connections) connection.drop("the server ends");
    } else {
      this.#resume();
    }
  }

  #pause(until: number) {
    this.#is_paused = true;
    this.selector.unregister(this.#listener);
    this.deadlines.set(this, until);
  }

  #resume() {
    this.#is_paused = false;
    this.deadlines.delete(this);
    this.selector.register(this.#listener, selectors.EVENT_READ, null);
  }

  #accept(most: number) {
    const { "max-connections": max_connections } = this.options;
    for (let count = 0; count < most; count++) {
      const is_full = this.#connections.size >= max_connections;
      if (is_full && !this.#may_evict()) return;
      let sock;
      let addr;
      try {
        [sock, addr] = this.#listener.accept();
      } catch (error) {
        if (!(error instanceof OSError)) throw error;
        if (error instanceof BlockingIOError) return;
        if (error instanceof ConnectionAbortedError || BROKEN.has(error.code!)) continue;
        if (error.code === "EMFILE" || error.code === "ENFILE") {
          if (this.#connections.size === 0 && this.#refuse_one()) continue;
          if (this.#connections.size > 0) {
            if (!this.#may_evict()) return;
            this.#evict("no descriptors are left");
            continue;
          }
        }
        // The listener stays ready: the loop would do nothing but this.
        log(`Not accepting for ${PAUSE} s: ${str(error)}`);
        this.#pause(now() + PAUSE);
        return;
      }
      // Whoever holds connections only to keep others out loses them to those who come.
      if (is_full) this.#evict(`one of ${max_connections}`);
      try {
        sock.setblocking(false);
        this.#connect(this, sock, addr).start();
      } catch (error) {
        log(`Closing connection to ${str(addr)}: ${str(error)}`);
        sock.close();
      }
    }
  }

  /** Accepts nobody for now where even the first to go may be about to send its first request. */
  #may_evict() {
    const evictable_at = this.#oldest.served_at + GRACE;
    if (evictable_at <= now()) return true;
    this.#pause(evictable_at);
    return false;
  }

  #evict(why: string) {
    this.#oldest.drop(`${why}, and the longest without a request`);
  }

  get #oldest() {
    const [oldest] = this.#connections;
    return oldest;
  }

  /**
   * Others have taken all descriptors. Closing the connection that waits tells the peer, who would wait
   * otherwise. Returns whether that can be done again.
   */
  #refuse_one() {
    if (this.#spare === null) return false;
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
    const is_shared = this.options["listener-fd"] !== null;
    if (!is_shared && !this.#is_paused) this.#accept(this.options["max-connections"]);
    this.is_draining = true;
    if (!this.#is_paused) this.selector.unregister(this.#listener);
    this.#listener.close();
    log(`Draining ${this.#connections.size} connections`);
    this.deadlines.set(this, now() + this.options["drain-timeout"]);
    for (const connection of this.#connections) connection.on_drain();
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
