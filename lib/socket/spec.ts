/**
 * What a socket is of: family, type, protocol. Many sockets share one of these, which also knows what
 * to do for one that nobody has closed.
 */
import { str } from "../core/repr.ts";
import { native } from "../native.ts";
import { new_name, read_name, sockaddr_size } from "./address.ts";

const name = new_name();

export class SocketSpec {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  /** A socket that nobody can reach any more and nobody has closed: warn, as Python does, and close it. */
  readonly unclosed: FinalizationRegistry<number>;

  private constructor(family: number, type: number, proto: number) {
    this.family = family;
    this.type = type;
    this.proto = proto;
    this.unclosed = new FinalizationRegistry((fd) => {
      const warning = `unclosed ${this.describe(fd)}`;
      native.close(fd);
      // Not where the process is about to end, which gives back everything: Python's would be silent.
      setImmediate(() => {
        process.emitWarning(warning, "ResourceWarning");
      }).unref();
    });
  }

  static readonly #known = new Map<string, SocketSpec>();

  static of(family: number, type: number, proto: number): SocketSpec {
    const key = `${family} ${type} ${proto}`;
    let spec = SocketSpec.#known.get(key);
    if (spec === undefined) {
      spec = new SocketSpec(family, type, proto);
      SocketSpec.#known.set(key, spec);
    }
    return spec;
  }

  /** A socket's repr, with the addresses of one that is open. */
  describe(fd: number, is_closed: boolean = false): string {
    const closed = is_closed ? " [closed]" : "";
    const { family, type, proto } = this;
    let text = `<socket.socket${closed} fd=${fd}, family=${family}, type=${type}, proto=${proto}`;
    if (is_closed) return `${text}>`;
    const size = sockaddr_size(family);
    const own = native.getsockname(fd, name, size) === 0 ? read_name(name) : null;
    if (own !== null && own.length > 0) text += `, laddr=${str(own)}`;
    const peer = native.getpeername(fd, name, size) === 0 ? read_name(name) : null;
    if (peer !== null && peer.length > 0) text += `, raddr=${str(peer)}`;
    return `${text}>`;
  }
}
