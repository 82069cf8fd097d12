/** Loses a socket, which is found right before the process ends. Wants --expose-gc. */
import * as socket from "iomux/socket";

declare const gc: () => void;

/** In a function of its own, so that nothing of it stays on the stack. */
function lose(): number {
  return new socket.socket().fileno();
}

lose();
gc();
