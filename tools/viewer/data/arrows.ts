/**
 * What one program does to another: a connect leads to an accept, what is sent to its receive, a close to the end of
 * the stream.
 */
import { KINDS } from "./kinds.ts";
import { FAILED, NOT_NOW } from "./model.ts";
import type { Arrow, Columns, LifeLane } from "./model.ts";

/** One end of a connection, at the call that made it. */
export interface End {
  readonly entry: number;
  readonly lane: LifeLane;
  readonly connects: boolean;
  /** That of the end that connects. */
  readonly address: string;
}

const READ = KINDS.indexOf("read");
const WRITE = KINDS.indexOf("write");
const CLOSE = KINDS.indexOf("close");

/** All arrows between connections of which the recording has both ends, in the order of their beginnings. */
export function arrows_of(
  ends: readonly End[],
  peeked: ReadonlySet<LifeLane>,
  columns: Columns,
): Arrow[] {
  const arrows: Arrow[] = [];
  for (const [connect, accept] of pairs_of(ends, columns)) {
    arrows.push({ from: connect.entry, to: accept.entry });
    for (const [one, other] of [
      [connect.lane, accept.lane],
      [accept.lane, connect.lane],
    ]) {
      // Received twice, bytes cannot be counted.
      if (!peeked.has(other)) arrows.push(...sent(one, other, columns));
    }
  }
  return arrows.toSorted((a, b) => a.from - b.from);
}

/** A port is used again and again: an accept belongs to the latest connect before its end. */
function pairs_of(ends: readonly End[], { t, d }: Columns): [End, End][] {
  const pairs: [End, End][] = [];
  const connected = new Map<string, End>();
  for (const end of ends.toSorted((a, b) => time_of(a) - time_of(b))) {
    if (end.connects) connected.set(end.address, end);
    const other = end.connects ? undefined : connected.get(end.address);
    if (other === undefined) continue;
    pairs.push([other, end]);
    connected.delete(end.address);
  }
  return pairs;

  /** A connect has an effect when it begins, and an accept when it ends. */
  function time_of({ entry, connects }: End): number {
    return connects ? t[entry] : t[entry] + d[entry];
  }
}

/** From each send to the receive that gets its last byte, and from the close to the receive of nothing. */
function sent(from: LifeLane, to: LifeLane, columns: Columns): Arrow[] {
  const { kind, flags, bytes } = columns;
  const succeeds = (entry: number): boolean => (flags[entry] & (FAILED | NOT_NOW)) === 0;
  const receives = to.entries.filter((entry) => kind[entry] === READ && succeeds(entry));
  const arrows: Arrow[] = [];
  let given = 0;
  let taken = 0;
  let at = 0;
  for (const entry of from.entries) {
    if (!succeeds(entry)) continue;
    if (kind[entry] === WRITE && bytes[entry] > 0) {
      given += bytes[entry];
      while (at < receives.length && taken < given) taken += bytes[receives[at++]];
      if (taken < given) return arrows;
      arrows.push({ from: entry, to: receives[at - 1] });
    } else if (kind[entry] === CLOSE) {
      const end = receives.subarray(at).find((receive) => bytes[receive] === 0);
      return end === undefined ? arrows : [...arrows, { from: entry, to: end }];
    }
  }
  return arrows;
}
