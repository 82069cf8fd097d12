/**
 * Waits with a timeout: a selector's, and a socket's.
 *
 * Usage: npx tsx examples/timeout.ts
 */

import { b, print, repr, TimeoutError } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

const [left, right] = socket.socketpair();
{
  using near = left;
  using far = right;
  using sel = new selectors.DefaultSelector();
  sel.register(near, selectors.EVENT_READ);

  print("nothing yet:", sel.select(0.1));
  far.sendall(b`hello`);
  print(
    "ready, for:",
    sel.select(0.1).map(([, mask]) => mask),
  );
  print("received:", near.recv(1024));

  near.settimeout(0.1);
  try {
    near.recv(1024);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    print("no more:", repr(error));
  }
}
