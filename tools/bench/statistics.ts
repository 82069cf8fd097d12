/** The figures that are shown, from the rounds. */
import type { Measured } from "./measure.ts";

/** A figure over all rounds. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function figure_of(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  return { median: middle, min: sorted[0], max: sorted.at(-1)! };
}

export const PERCENTILES = [50, 90, 99, 99.9, 99.99] as const;

export interface Summary {
  /** Messages a second. */
  readonly throughput: Figure;
  /** Microseconds of the server's CPU time for a message. */
  readonly cpu_us: Figure;
  /** Microseconds, of all rounds together, by percentile. */
  readonly latency_us: Readonly<Record<string, number>>;
  /** The share of a processor that the server took, and that the load took. */
  readonly server_share: Figure;
  readonly load_share: Figure;
  /** Whether `throughput` is only the least that the server can do: see `is_load_bound`. */
  readonly is_load_bound: boolean;
}

/**
 * Whether the load was busier than the server: how much more the server could do is unknown, so its
 * throughput goes into no ratio. With a rate, the load polls the clock all the time: that it is busy
 * means nothing.
 */
export function is_load_bound(rounds: readonly Measured[], has_rate: boolean): boolean {
  const share = (cpu: (round: Measured) => number) =>
    figure_of(rounds.map((round) => cpu(round) / round.seconds)).median;
  const is_load_busy = share((round) => round.load_cpu) > 0.9;
  return !has_rate && is_load_busy && share((round) => round.server_cpu) < 0.85;
}

export function summary_of(rounds: readonly Measured[], has_rate: boolean): Summary {
  const each = (figure: (round: Measured) => number) => figure_of(rounds.map(figure));
  return {
    throughput: each((round) => round.messages / round.seconds),
    cpu_us: each((round) => (round.server_cpu / round.messages) * 1e6),
    latency_us: percentiles(rounds),
    server_share: each((round) => round.server_cpu / round.seconds),
    load_share: each((round) => round.load_cpu / round.seconds),
    is_load_bound: is_load_bound(rounds, has_rate),
  };
}

/** The least latency that so many per cent of the messages do not exceed. */
function percentiles(rounds: readonly Measured[]): Readonly<Record<string, number>> {
  const all = rounds
    .flatMap(({ latencies }) => latencies)
    .toSorted(([one], [other]) => one - other);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  const at = (percentile: number): number => {
    let seen = 0;
    const found = all.find(([, count]) => (seen += count) >= (total * percentile) / 100);
    return found?.[0] ?? 0;
  };
  return Object.fromEntries(PERCENTILES.map((one) => [String(one), at(one) / 1e3]));
}

/** A figure of one arm divided by another's, round by round: what disturbs a round hits both. */
export function ratio_of(
  ours: readonly Measured[],
  theirs: readonly Measured[],
  figure: (round: Measured) => number,
): Figure {
  const count = Math.min(ours.length, theirs.length);
  const ratios = Array.from({ length: count }, (_, index) => {
    return figure(ours[index]) / figure(theirs[index]);
  });
  return figure_of(ratios);
}

export function throughput(round: Measured): number {
  return round.messages / round.seconds;
}

export function cpu_us(round: Measured): number {
  return (round.server_cpu / round.messages) * 1e6;
}
