/** What does the tutorial's server do with a header that lacks a name? */

import { b, print, str, tuple, ValueError } from "iomux/builtins";
import { json_encode } from "iomux/protocol";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as struct from "iomux/struct";

import * as libserver from "../../scripts/libserver.ts";

const [left, right] = socket.socketpair();
{
  using _left = left;
  using _right = right;
  using sel = new selectors.DefaultSelector<libserver.Message | null, socket.socket>();
  const message = new libserver.Message(sel, right, tuple(["127.0.0.1", 0]));
  sel.register(right, selectors.EVENT_READ, message);
  const header = json_encode({ byteorder: "little", "content-type": "text/json" }, "utf-8");
  left.sendall(b`${struct.pack(">H", header.length)}${header}`);
  for (const [key, mask] of sel.select()) {
    try {
      key.data!.process_events(mask);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      print(`ValueError: ${str(error)}`);
      key.data!.close();
    }
  }
}
