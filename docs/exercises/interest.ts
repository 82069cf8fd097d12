/** How often does select return for an idle connection that is watched for writing? */

import { b, print, repr, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

const [left, right] = socket.socketpair();
{
  using _left = left;
  using _right = right;
  using sel = new selectors.DefaultSelector();
  sel.register(left, selectors.EVENT_READ | selectors.EVENT_WRITE);
  let turns = 0;
  while (turns < 1000 && sel.select(0.1).length > 0) {
    turns += 1;
  }
  print(`reading and writing: ${turns} turns, and nothing has happened`);

  sel.modify(left, selectors.EVENT_READ);
  print(`reading: ${repr(sel.select(0.1))}`);

  right.sendall(b`Hello, world`);
  const [[, mask]] = sel.select();
  print(`reading, once something is there: ${str(mask === selectors.EVENT_READ)}`);
}
