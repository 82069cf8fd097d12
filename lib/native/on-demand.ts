/**
 * Modules of Node's that many programs do without, loaded when they are first used. It takes Node.js a
 * millisecond and a half to import node:fs, which brings all of its streams along.
 */
interface Modules {
  readonly "node:buffer": typeof import("node:buffer");
  readonly "node:fs": typeof import("node:fs");
  readonly "node:module": typeof import("node:module");
  readonly "node:tty": typeof import("node:tty");
  readonly "node:v8": typeof import("node:v8");
}

function on_demand<Name extends keyof Modules>(name: Name): () => Modules[Name] {
  let module: Modules[Name] | undefined;
  return () => (module ??= process.getBuiltinModule(name) as Modules[Name]);
}

export const buffer: () => Modules["node:buffer"] = on_demand("node:buffer");

export const fs: () => Modules["node:fs"] = on_demand("node:fs");

export const node_module: () => Modules["node:module"] = on_demand("node:module");

export const tty: () => Modules["node:tty"] = on_demand("node:tty");

export const v8: () => Modules["node:v8"] = on_demand("node:v8");
