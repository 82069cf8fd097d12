/** One peer of a server: what it may send and receive, how much and for how long. */
import { BlockingIOError, OSError, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

import { now } from "./deadlines.ts";
import type { Deadlines } from "./deadlines.ts";
import { log } from "./log.ts";
import type { Options } from "./options.ts";

/** What has deadlines: a connection, or the server itself. */
export type Timed = { on_deadline(): void };

/** What a connection needs of its server. */
export type Loop = {
  readonly selector: selectors.BaseSelector<Connection | null, socket.socket>;
  readonly deadlines: Deadlines<Timed>;
  readonly options: Options;
  readonly is_draining: boolean;
  /** The connection has got an answer. */
  served(connection: Connection): void;
  closed(connection: Connection): void;
};

/** How much is received at a time: one busy peer must not keep the others waiting. */
const CHUNK = 4096;
/** What a piece that waits costs besides its bytes. */
const PIECE = 256;
/** How many pieces sendmsg() gets at a time. */
const PIECES = 64;
/** How long the peer may take to read the last answer and to close, in seconds. */
const LINGER = 2;

/** Bytes that wait to be sent, in the pieces in which they came: none is copied. */
class Outbox {
  #pieces: Buffer[] = [];
  /** The pieces before this one are sent. */
  #first = 0;
  /** What they need, in bytes: a peer that sends single bytes must not get more than others. */
  size = 0;

  push(data: Buffer) {
    this.#pieces.push(data);
    this.size += data.length + PIECE;
  }

  /** Sends what there is room for, and returns the number of bytes. */
  send_to(sock: socket.socket) {
    let total = 0;
    while (this.size > 0) {
      let sent;
      try {
        sent = sock.sendmsg(this.#pieces.slice(this.#first, this.#first + PIECES));
      } catch (error) {
        if (error instanceof BlockingIOError) break;
        throw error;
      }
      total += sent;
      this.#drop(sent);
    }
    return total;
  }

  /** The first `sent` bytes are sent. */
  #drop(sent: number) {
    this.size -= sent;
    while (this.#first < this.#pieces.length) {
      const piece = this.#pieces[this.#first];
      if (sent < piece.length) {
        this.#pieces[this.#first] = piece.subarray(sent);
        break;
      }
      sent -= piece.length;
      this.size -= PIECE;
      this.#first++;
    }
    // Removing pieces one by one would move all others each time.
    if (this.#first * 2 >= this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** A connection; a subclass says what it answers. */
export abstract class Connection {
  readonly sock: socket.socket;
  readonly addr: socket.SocketAddress;
  readonly loop: Loop;
  readonly #outbox = new Outbox();
  /**
   * "ending": nothing is read any more, and the connection ends when everything is sent. "lingering":
   * our side has ended, and what still arrives is thrown away.
   */
  #state: "open" | "ending" | "lingering" | "closed" = "open";
  /** Whether the peer's side has ended: it may still read. */
  #peer_has_ended = false;
  /** What the selector waits for. */
  #mask = 0;
  #idle_at = 0;
  /** When it got its last answer, or began. */
  served_at = 0;
  /** When the request that is arriving must have arrived. */
  due = Infinity;

  constructor(loop: Loop, sock: socket.socket, addr: socket.SocketAddress) {
    this.loop = loop;
    this.sock = sock;
    this.addr = addr;
  }

  /** Begins with what has arrived already: under load, that saves a turn of the loop, and all of its calls. */
  start() {
    this.#moved();
    this.served();
    this.process_events(selectors.EVENT_READ);
  }

  /** Something has arrived. */
  abstract on_data(data: Buffer): void;

  /** Nothing more will arrive. */
  on_end() {}

  /** Whether the peer has got an answer, and nothing of another request has arrived. */
  abstract get at_rest(): boolean;

  /** What to tell a peer that is refused; nothing, where the protocol has no words for it. */
  farewell(_why: string): Buffer {
    return Buffer.alloc(0);
  }

  get is_open() {
    return this.#state !== "closed";
  }

  send(data: Buffer) {
    if (data.length > 0) this.#outbox.push(data);
  }

  /** A request has got its answer: that is what makes a connection worth keeping. */
  served() {
    this.served_at = now();
    this.loop.served(this);
  }

  /** The last answer is under way. */
  finish() {
    this.#state = "ending";
  }

  /** The peer does what it must not: it is told so, and that was it. */
  refuse(why: string) {
    this.#log(why);
    const farewell = this.farewell(why);
    this.send(farewell);
    this.finish();
  }

  /** Closes at once. The peer is told why, if it reads. */
  drop(why: string) {
    this.#log(why);
    const farewell = this.farewell(why);
    try {
      if (farewell.length > 0 && this.#outbox.size === 0) this.sock.send(farewell);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
    }
    this.close();
  }

  close() {
    if (!this.is_open) return;
    this.#state = "closed";
    this.loop.deadlines.delete(this);
    this.loop.closed(this);
    if (this.#mask !== 0) this.loop.selector.unregister(this.sock);
    this.sock.close();
  }

  process_events(mask: number) {
    // An exception that one peer brings about, in whatever state, ends its own connection only.
    try {
      if (mask & selectors.EVENT_READ) this.#read();
      // Most answers fit at once: that saves a turn of the loop.
      if (this.is_open && this.#outbox.send_to(this.sock) > 0) this.#moved();
      this.#settle();
    } catch (error) {
      this.#log(str(error));
      this.close();
    }
  }

  on_deadline() {
    if (this.#state === "lingering") {
      this.close();
    } else if (this.due <= now()) {
      this.drop(`its request takes longer than ${this.loop.options["request-timeout"]} s`);
    } else {
      this.drop(`idle for ${this.loop.options["idle-timeout"]} s`);
    }
  }

  /** The server is about to end: those that are at rest may go. */
  on_drain() {
    this.process_events(0);
  }

  #read() {
    let data;
    try {
      data = this.sock.recv(CHUNK);
    } catch (error) {
      if (error instanceof BlockingIOError) return;
      throw error;
    }
    if (data.length === 0) {
      this.#peer_has_ended = true;
      if (this.#state === "open") this.on_end();
    } else if (this.#state === "open") {
      this.#moved();
      this.on_data(data);
    }
  }

  /** What comes next: whether to wait for what arrives, for room to send, or for nothing more. */
  #settle() {
    if (this.#state === "open" && this.loop.is_draining && this.at_rest) this.finish();
    if (this.#outbox.size === 0) {
      if (this.#peer_has_ended) this.close();
      // Closing now would reset the connection if there were something unread, and the peer might
      // never see its answer.
      else if (this.#state === "ending") this.#linger();
    }
    if (!this.is_open) return;
    let mask = 0;
    // The tutorial waits to write as well, when there is nothing to write: a loop that never sleeps.
    if (this.#outbox.size > 0) mask |= selectors.EVENT_WRITE;
    // Who does not read its answers gets no more of them, and so does not fill the memory.
    const has_room = this.#outbox.size < this.loop.options["max-buffer"];
    const reads = this.#state === "lingering" || (this.#state === "open" && has_room);
    // What is not read cannot arrive in time.
    if (!reads) this.due = Infinity;
    if (reads && !this.#peer_has_ended) mask |= selectors.EVENT_READ;
    if (this.#mask === 0) this.loop.selector.register(this.sock, mask, this);
    else if (this.#mask !== mask) this.loop.selector.modify(this.sock, mask, this);
    this.#mask = mask;
    this.loop.deadlines.set(this, Math.min(this.#idle_at, this.due));
  }

  #linger() {
    this.#state = "lingering";
    this.sock.shutdown(socket.SHUT_WR);
    this.#idle_at = now() + LINGER;
    // Mostly, it has read what came before its end, and is gone.
    this.#read();
    if (this.#peer_has_ended) this.close();
  }

  #moved() {
    if (this.#state === "lingering") return;
    this.#idle_at = now() + this.loop.options["idle-timeout"];
  }

  #log(why: string) {
    log(`Closing connection to ${str(this.addr)}: ${why}`);
  }
}
