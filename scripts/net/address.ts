/** Addresses as the programs beside this file print them. */
import type { Socket } from "node:net";

import { str, tuple } from "iomux/builtins";

/** Where the other end of a connection is: `('127.0.0.1', 54321)`. */
export function address_of(conn: Socket): string {
  return str(tuple([conn.remoteAddress, conn.remotePort]));
}
