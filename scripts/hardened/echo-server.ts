/**
 * Sends back to everyone what they send.
 *
 * Usage: npx tsx scripts/hardened/echo-server.ts [options] <host> <port>
 */
import { Connection } from "./connection.ts";
import { parse } from "./options.ts";
import { serve } from "./serve.ts";

class Echo extends Connection {
  #has_echoed = false;

  override on_data(data: Buffer) {
    this.send(data);
    this.served();
    this.#has_echoed = true;
  }

  override get at_rest() {
    return this.#has_echoed;
  }
}

serve(
  parse(["max-connections", "max-buffer", "idle-timeout", "drain-timeout", "workers"]),
  (loop, sock, addr) => new Echo(loop, sock, addr),
);
