/** Charts of the results, as SVG. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

import { arms } from "./arms.ts";
import type { Results } from "./results.ts";
import { cpu_us, figure_of, PERCENTILES, summary_of } from "./statistics.ts";
import type { Figure, Summary } from "./statistics.ts";
import { short } from "./table.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

const colours = new Map(arms.map(({ name, colour }) => [name, colour]));

/** Three charts beside each other, of this width. */
const WIDTH = 360;
const LINES_HEIGHT = 280;

export interface Bar extends Figure {
  readonly arm: string;
}

function svg(options: Plot.PlotOptions): string {
  const chart = Plot.plot({ document, ...options });
  return chart.outerHTML;
}

/** A bar for each arm, and a line from its worst round to its best. */
export function bar_chart(bars: readonly Bar[], label: string): string {
  return svg({
    width: WIDTH,
    height: 40 + bars.length * 22,
    marginLeft: 100,
    marginRight: 50,
    x: { label, grid: true, nice: true },
    y: { label: null, domain: bars.map(({ arm }) => arm) },
    marks: [
      Plot.barX(bars, {
        y: "arm",
        x: "mean",
        fill: (bar: Bar) => colours.get(bar.arm),
        inset: 2,
      }),
      Plot.ruleY(bars, { y: "arm", x1: "min", x2: "max", stroke: "currentColor" }),
      Plot.text(bars, {
        y: "arm",
        x: "max",
        text: (bar: Bar) => short(bar.mean),
        textAnchor: "start",
        dx: 5,
      }),
      Plot.ruleX([0]),
    ],
  });
}

/** Latency by percentile, a line for each arm. */
export function latency_chart(summaries: readonly (readonly [string, Summary])[]): string {
  const points = summaries.flatMap(([arm, { latency_us }]) =>
    PERCENTILES.map((one) => ({ arm, percentile: `p${one}`, us: latency_us[String(one)] })),
  );
  return svg({
    ...line_chart(
      points.map(({ us }) => us),
      "latency, us",
    ),
    width: WIDTH,
    x: { label: null, domain: PERCENTILES.map((one) => `p${one}`), type: "point" },
    marks: lines(points, "percentile"),
  });
}

/** CPU time among more and more idle connections, a line for each arm. */
export function idle_chart(results: Results): string | null {
  const points = Object.entries(results.runs).flatMap(([name, by_arm]) => {
    const idle = /^idle-(\d+)$/.exec(name)?.[1];
    if (idle === undefined) return [];
    return Object.entries(by_arm).map(([arm, rounds]) => ({
      arm,
      idle,
      us: summary_of(rounds, false).cpu_us.mean,
    }));
  });
  const idles = [...new Set(points.map(({ idle }) => idle))];
  if (idles.length < 2) return null;
  return svg({
    ...line_chart(
      points.map(({ us }) => us),
      "CPU time a message, us",
    ),
    width: 2 * WIDTH,
    x: { label: "idle connections", domain: idles, type: "point" },
    marks: lines(points, "idle"),
  });
}

/** What all charts with a line for each arm share. */
function line_chart(values: readonly number[], label: string): Plot.PlotOptions {
  const domain = [Math.min(...values), Math.max(...values)];
  const y: Plot.ScaleOptions = { label, type: "log", domain, grid: true };
  return { height: LINES_HEIGHT, marginLeft: 45, marginRight: 100, y: { ...y, tickFormat: "~s" } };
}

interface Point {
  readonly arm: string;
  readonly us: number;
}

function lines<P extends Point>(points: readonly P[], x: keyof P & string): Plot.Markish[] {
  const stroke = ({ arm }: Point) => colours.get(arm);
  return [
    Plot.line(points, { x, y: "us", z: "arm", stroke }),
    Plot.dot(points, { x, y: "us", fill: stroke, r: 2.5 }),
    Plot.text(apart(points), { x, y: "us", text: "arm", fill: stroke, textAnchor: "start", dx: 6 }),
  ];
}

/** The last point of each line, for its name, moved so that no name is written over another. */
function apart<P extends Point>(points: readonly P[]): P[] {
  const last = [...new Map(points.map((point) => [point.arm, point])).values()];
  const values = points.map(({ us }) => us);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // A factor, because the scale is logarithmic.
  const step = (most / least) ** (12 / (LINES_HEIGHT - 50));
  let next = 0;
  return last
    .toSorted((a, b) => a.us - b.us)
    .map((point) => {
      const us = Math.max(point.us, next);
      next = us * step;
      return Object.assign({}, point, { us });
    });
}

export function bars_of(values: Readonly<Record<string, readonly number[]>>): Bar[] {
  return Object.entries(values).map(([arm, all]) => {
    const { mean, min, max } = figure_of(all);
    return { arm, mean, min, max };
  });
}

/**
 * A chart of each workload's CPU time as a file of its own, by the workload's name: on white, as it
 * knows nothing of the page that shows it.
 */
export function files_of(results: Results): ReadonlyMap<string, string> {
  const about = `xmlns="http://www.w3.org/2000/svg" style="background: white; color: #1d2126"`;
  return new Map(
    Object.entries(results.runs).map(([name, by_arm]) => {
      const values = Object.entries(by_arm).map(([arm, rounds]) => [arm, rounds.map(cpu_us)]);
      const bars = bars_of(Object.fromEntries(values) as Record<string, number[]>);
      return [name, `${bar_chart(bars, "CPU us").replace("<svg ", `<svg ${about} `)}\n`];
    }),
  );
}
