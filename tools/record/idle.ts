/** Connections that stay idle while a server is recorded: what they cost is the point of epoll and kqueue. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

import { UsageError } from "../usage-error.ts";
import { digits } from "../words.ts";
import type { ListeningAddress } from "./processes.ts";

/** Fewer than any server's backlog. */
const AT_ONCE = 32;

/** Connects peers that say nothing. Throws UsageError if one of them is refused. */
export async function connect_idle(address: ListeningAddress, count: number): Promise<Socket[]> {
  const peers: Socket[] = [];
  while (peers.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - peers.length) }, () =>
      connect(address),
    );
    peers.push(...some);
    try {
      await Promise.all(some.map(async (peer) => once(peer, "connect")));
    } catch (error) {
      for (const peer of peers) peer.destroy();
      throw new UsageError(
        `No ${digits(count)} idle connections can be made: ${(error as Error).message}. ` +
          `Is \`ulimit -n\` high enough?`,
        { cause: error },
      );
    }
    // The server may reset one later, which its recording shows.
    for (const peer of some) peer.on("error", () => {});
  }
  return peers;
}
