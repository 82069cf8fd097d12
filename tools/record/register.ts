/** Loaded into a program before its own code by `node --import`. */
import type * as Signal from "../../lib/signal.ts";
import type * as Socket from "../../lib/socket.ts";
import type * as Trace from "../../lib/trace.ts";
import { begin, required, take_options } from "./begin.ts";
import type { Modules } from "./begin.ts";
import type { RegisterOptions } from "./program.ts";

const options = take_options();
if (options !== null)
  begin(options, options.requires ? required(options) : await imported(options));

async function imported({ modules }: RegisterOptions): Promise<Modules> {
  return {
    trace: (await import(modules.trace)) as typeof Trace,
    sockets: (await import(modules.socket)) as typeof Socket,
    signal: (await import(modules.signal)) as typeof Signal,
  };
}
