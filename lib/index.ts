/** All modules as namespaces: `import { socket, selectors } from "iomux"`. */
export * as builtins from "./builtins.ts";
export * as bytes from "./bytes.ts";
export * as protocol from "./protocol.ts";
export * as select from "./select.ts";
export * as selectors from "./selectors.ts";
export * as signal from "./signal.ts";
export * as socket from "./socket.ts";
export * as socketserver from "./socketserver.ts";
export * as struct from "./struct.ts";
export * as sys from "./sys.ts";
export * as trace from "./trace.ts";
