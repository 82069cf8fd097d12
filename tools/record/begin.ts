/** What is done in a program before its own code: starts the recording, and makes the faults inside it. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import {
  getEnvironmentData,
  isMainThread,
  setEnvironmentData,
  threadId,
} from "node:worker_threads";

import type * as Signal from "../../lib/signal.ts";
import type * as Socket from "../../lib/socket.ts";
import type * as Trace from "../../lib/trace.ts";
import type { RegisterOptions } from "./program.ts";

/** Of the program's own iomux, which may not be the one that this file came with. */
export interface Modules {
  readonly trace: typeof Trace;
  readonly sockets: typeof Socket;
  readonly signal: typeof Signal;
}

/** Where the threads of the program find the options. */
const KEY = "iomux trace";

/** What the environment says; null in a child process of the program, which is not recorded. */
export function take_options(): RegisterOptions | null {
  if (!isMainThread) return of_worker(getEnvironmentData(KEY) as RegisterOptions | undefined);
  const text = process.env.IOMUX_TRACE;
  if (text === undefined) return null;
  delete process.env.IOMUX_TRACE;
  const options = JSON.parse(text) as RegisterOptions;
  setEnvironmentData(KEY, options);
  return options;
}

/** A worker thread is recorded as a program of its own. */
function of_worker(options: RegisterOptions | undefined): RegisterOptions | null {
  if (options === undefined) return null;
  const { argv, output, faults } = options;
  const [script, ...args] = argv;
  return {
    ...options,
    output: `${output}.${threadId}`,
    argv: [`${script} (worker ${threadId})`, ...args],
    // Only the main thread handles signals.
    faults: faults.filter((fault) => fault !== "signal"),
  };
}

/** The modules as a CommonJS program gets them. */
export function required({ modules }: RegisterOptions): Modules {
  const require = createRequire(import.meta.url);
  return {
    trace: require(fileURLToPath(modules.trace)) as typeof Trace,
    sockets: require(fileURLToPath(modules.socket)) as typeof Socket,
    signal: require(fileURLToPath(modules.signal)) as typeof Signal,
  };
}

export function begin(
  { output, argv, why, watch, faults }: RegisterOptions,
  { trace, sockets, signal }: Modules,
): void {
  // So that line numbers are those of the source.
  process.setSourceMapsEnabled(true);
  const recording = trace.start(output, { why, watch, argv });

  if (faults.includes("tiny-buffers")) {
    const { socket, SOL_SOCKET, SO_SNDBUF } = sockets;
    const accept = Reflect.get(socket.prototype, "accept");
    socket.prototype.accept = function (this: Socket.socket) {
      const accepted = accept.call(this);
      const [conn] = accepted;
      conn.setsockopt(SOL_SOCKET, SO_SNDBUF, 1);
      const size = conn.getsockopt(SOL_SOCKET, SO_SNDBUF);
      recording.fault(
        "tiny-buffers",
        `the send buffer of fd ${conn.fileno()} is now ${size} bytes`,
      );
      return accepted;
    };
  }

  if (faults.includes("full-backlog")) {
    const { socket } = sockets;
    const listen = Reflect.get(socket.prototype, "listen");
    socket.prototype.listen = function (this: Socket.socket) {
      recording.fault("full-backlog", "the backlog is 0: one connection may wait to be accepted");
      listen.call(this, 0);
    };
  }

  if (faults.includes("signal")) {
    signal.signal(signal.SIGUSR2, () =>
      recording.fault("signal", "SIGUSR2 arrived and was handled"),
    );
  }
}
