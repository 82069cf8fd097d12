/** The figures that are shown, from the rounds. */
import type { Measured } from "./measure.ts";

/** A figure over all rounds. */
export interface Figure {
  /**
   * The geometric mean: that of two arms' ratios, round by round, is then the ratio of their means, so
   * that no row contradicts itself.
   */
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export function figure_of(values: readonly number[]): Figure {
  return { mean: mean_of(values), min: Math.min(...values), max: Math.max(...values) };
}

function mean_of(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
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
    figure_of(rounds.map((round) => cpu(round) / round.seconds)).mean;
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

/** A figure of one arm divided by another's. */
export interface Ratio extends Figure {
  /** Where the mean is, with 95 %: see `interval_of`. Null for too few rounds to tell. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** An interval is told from so many rounds on. */
export const ENOUGH_ROUNDS = 5;
/** A wider interval, to each side, is not settled: another run may well say something else. */
export const WIDEST = 0.15;

/** A figure of one arm divided by another's, round by round: what disturbs a round hits both. */
export function ratio_of(
  ours: readonly Measured[],
  theirs: readonly Measured[],
  figure: (round: Measured) => number,
): Ratio {
  const count = Math.min(ours.length, theirs.length);
  const ratios = Array.from({ length: count }, (_, index) => {
    return figure(ours[index]) / figure(theirs[index]);
  });
  return { ...figure_of(ratios), interval: count < ENOUGH_ROUNDS ? null : interval_of(ratios) };
}

export function is_settled({ mean, interval }: Ratio): boolean {
  return interval !== null && (interval[1] - interval[0]) / 2 <= WIDEST * mean;
}

const RESAMPLES = 2000;

/**
 * The bootstrap's interval: the means of as many rounds, drawn again and again from those that there
 * are, without the lowest and the highest 2.5 %. The same values always give the same interval.
 */
export function interval_of(values: readonly number[]): readonly [low: number, high: number] {
  const random = generator();
  const means = Array.from({ length: RESAMPLES }, () =>
    mean_of(values.map(() => values[Math.floor(random() * values.length)])),
  ).toSorted((one, other) => one - other);
  return [means[Math.floor(RESAMPLES * 0.025)], means[Math.ceil(RESAMPLES * 0.975) - 1]];
}

/** Numbers in [0, 1), always the same: a linear congruential generator, as in Numerical Recipes. */
function generator(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function throughput(round: Measured): number {
  return round.messages / round.seconds;
}

export function cpu_us(round: Measured): number {
  return (round.server_cpu / round.messages) * 1e6;
}
