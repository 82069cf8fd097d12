/** What hostile peers do to app-server, each as one step that is taken over and over. */
import { randomBytes } from "node:crypto";

import { BlockingIOError, ConnectionResetError, OSError } from "iomux/builtins";
import * as socket from "iomux/socket";

import { frames, request, search } from "./frames.ts";

interface Attack {
  /** Begins an attack on a port, and returns what is to be done over and over. */
  readonly begin: (port: number) => () => void;
  /** How many descriptors the server is left with. */
  readonly descriptors?: number;
}

interface Peer {
  readonly sock: socket.socket;
  /** For what the attack counts. */
  count: number;
}

const good = request(search);
/** The most that the content of a request may be. */
const LARGE = 65_536;
/** A request that takes up to a gigabyte to arrive. */
const endless = request("", { "content-length": 2 ** 30 });
const large_header = Buffer.concat([Buffer.from([0xff, 0xff, 0x7b]), Buffer.alloc(65_534, 0x20)]);
const zeros = Buffer.alloc(LARGE);
const nested = request("[".repeat(LARGE));
const false_requests = Buffer.concat(["{}", "[]", "null", "0", '""'].map((json) => request(json)));
const pipelined = Buffer.concat(Array.from({ length: 1000 }, () => good));

/** A connection that blocks nobody. */
function connect(port: number): socket.socket {
  const sock = new socket.socket();
  try {
    sock.settimeout(0.2);
    sock.connect(["127.0.0.1", port]);
    sock.setblocking(false);
  } catch (error) {
    sock.close();
    throw error;
  }
  return sock;
}

/** What can be done without waiting. */
function without_waiting(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof BlockingIOError)) throw error;
  }
}

/** What goes wrong because the server defends itself. */
function whatever_comes(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
  }
}

function read({ sock }: Peer): void {
  without_waiting(() => {
    if (sock.recv(LARGE).length === 0) throw new ConnectionResetError();
  });
}

function send({ sock }: Peer, data: Buffer): void {
  without_waiting(() => sock.send(data));
}

/** Some connections, with each of which something is done in turn. One that the server has ended is replaced. */
function peers(size: number, act: (peer: Peer) => void): Attack["begin"] {
  return (port) => {
    const all: (Peer | null)[] = Array.from({ length: size }, () => null);
    return () => {
      for (const [index, peer] of all.entries()) {
        try {
          act((all[index] = peer ?? { sock: connect(port), count: 0 }));
        } catch (error) {
          if (!(error instanceof OSError)) throw error;
          all[index]?.sock.close();
          all[index] = null;
        }
      }
    };
  };
}

/** A connection at a time, which is closed when something has been done with it. */
function visits(act: (peer: Peer) => void): Attack["begin"] {
  return (port) => {
    let count = 0;
    return () => {
      whatever_comes(() => {
        using sock = connect(port);
        act({ sock, count: count++ });
      });
    };
  };
}

function rest_for(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** The next close of it sends RST. */
function reset(sock: socket.socket): void {
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Int32Array.of(1, 0));
}

export const attacks: Readonly<Record<string, Attack>> = {
  "10,000 idle peers": { begin: peers(10_000, read) },
  "more peers than descriptors": { begin: peers(200, read), descriptors: 64 },
  "connections that come and go": { begin: visits(() => {}) },
  "requests that never end, a byte at a time": {
    begin: peers(200, (peer) => {
      send(peer, endless.subarray(peer.count, ++peer.count));
      if (peer.count === 1) rest_for(1);
    }),
  },
  "requests in single bytes": {
    begin: peers(50, (peer) => {
      send(peer, good.subarray(peer.count % good.length, (peer.count % good.length) + 1));
      peer.count++;
      read(peer);
    }),
  },
  "half a request, and the end": {
    begin: peers(200, (peer) => {
      if (peer.count++ === 0) {
        send(peer, good.subarray(0, -10));
        peer.sock.shutdown(socket.SHUT_WR);
      }
      read(peer);
    }),
  },
  "content without end": {
    begin: peers(20, (peer) => send(peer, peer.count++ === 0 ? endless : zeros)),
  },
  "headers of 65,535 bytes": {
    begin: peers(20, (peer) => {
      send(peer, large_header);
      read(peer);
    }),
  },
  "every malformed field": {
    begin: visits(({ sock, count }) => {
      const all = Object.values(frames);
      const frame = all[count % all.length];
      const [data, is_reset] = Buffer.isBuffer(frame) ? [frame, false] : [frame[0], true];
      sock.send(data);
      if (is_reset) reset(sock);
      else sock.shutdown(socket.SHUT_WR);
    }),
  },
  "random bytes": {
    begin: peers(50, (peer) => {
      send(peer, randomBytes(1 + (peer.count++ % 4096)));
      read(peer);
    }),
  },
  "requests that Python finds false": {
    begin: peers(50, (peer) => {
      send(peer, false_requests);
      read(peer);
    }),
  },
  "JSON nested 65,536 deep": {
    begin: peers(20, (peer) => {
      send(peer, nested);
      read(peer);
    }),
  },
  "1,000 requests at a time": {
    begin: peers(20, (peer) => {
      send(peer, pipelined);
      read(peer);
    }),
  },
  "peers that never read": { begin: peers(50, (peer) => send(peer, pipelined)) },
  "resets in every state": {
    begin: visits(({ sock, count }) => {
      sock.send(good.subarray(0, count % (good.length + 1)));
      reset(sock);
    }),
  },
};
