/**
 * Loaded into a program before its own code (`node --import`). Starts the recording and makes the faults
 * inside the program, as the environment says.
 */
import type * as Signal from "../../lib/signal.ts";
import type * as Socket from "../../lib/socket.ts";
import type * as Trace from "../../lib/trace.ts";
import type { RegisterOptions } from "./program.ts";

const { modules, output, argv, why, watch, faults } = JSON.parse(
  process.env.IOMUX_TRACE ?? "",
) as RegisterOptions;
// Child processes of the program are not recorded.
delete process.env.IOMUX_TRACE;
// So that line numbers are those of the source.
process.setSourceMapsEnabled(true);

// The program's own iomux, which may not be the one that this file came with.
const trace = (await import(modules.trace)) as typeof Trace;
const recording = trace.start(output, { why, watch, argv });

if (faults.includes("tiny-buffers")) {
  const { socket, SOL_SOCKET, SO_SNDBUF } = (await import(modules.socket)) as typeof Socket;
  const accept = Reflect.get(socket.prototype, "accept");
  socket.prototype.accept = function (this: Socket.socket) {
    const accepted = accept.call(this);
    const [conn] = accepted;
    conn.setsockopt(SOL_SOCKET, SO_SNDBUF, 1);
    const size = conn.getsockopt(SOL_SOCKET, SO_SNDBUF);
    recording.fault("tiny-buffers", `the send buffer of fd ${conn.fileno()} is now ${size} bytes`);
    return accepted;
  };
}

if (faults.includes("full-backlog")) {
  const { socket } = (await import(modules.socket)) as typeof Socket;
  const listen = Reflect.get(socket.prototype, "listen");
  socket.prototype.listen = function (this: Socket.socket) {
    recording.fault("full-backlog", "the backlog is 0: one connection may wait to be accepted");
    listen.call(this, 0);
  };
}

if (faults.includes("signal")) {
  const signal = (await import(modules.signal)) as typeof Signal;
  signal.signal(signal.SIGUSR2, () => recording.fault("signal", "SIGUSR2 arrived and was handled"));
}
