/** Which runtime this is. What it does not have in common with Node is asked for where it matters. */
const { bun, deno, node } = process.versions;

export const is_bun: boolean = bun !== undefined;
export const is_deno: boolean = deno !== undefined;

/** Name and version. */
export const RUNTIME: string = is_deno
  ? `Deno ${deno}`
  : is_bun
    ? `Bun ${bun}`
    : `Node.js v${node}`;
