/** A socket's family, type and protocol. Sockets that agree in them share one object. */
import { str } from "../core/repr.ts";
import { native } from "../native.ts";
import { new_name, read_name, sockaddr_size } from "./address.ts";

const name = new_name();

export class SocketSpec {
  readonly family: number;
  readonly type: number;
  readonly proto: number;

  private constructor(family: number, type: number, proto: number) {
    this.family = family;
    this.type = type;
    this.proto = proto;
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
