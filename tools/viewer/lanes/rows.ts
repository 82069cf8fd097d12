/** The lanes of a recording, from top to bottom. */
import { life_name, poller_of } from "../data/describe.ts";
import type { IndexedRecording, LifeLane, Process, Spans } from "../data/model.ts";

/** One lane. */
export type Row = {
  readonly y: number;
  readonly height: number;
  readonly process: Process;
  readonly label: string;
} & (
  | { readonly shows: "process" | "selector" | "marks" }
  | { readonly shows: "spans"; readonly spans: Spans; readonly depth: number }
  | { readonly shows: "life"; readonly lane: LifeLane }
);

const HEIGHT = { process: 28, selector: 28, spans: 19, marks: 18, life: 22 } as const;

type Unplaced = Row extends infer R ? (R extends Row ? Omit<R, "y" | "height"> : never) : never;

/** All lanes of processes, grouped by process. */
export function rows_of(
  recording: IndexedRecording,
  processes: readonly Process[],
): { rows: readonly Row[]; height: number } {
  const rows: Row[] = [];
  let y = 0;
  const add = (row: Unplaced) => {
    const height = HEIGHT[row.shows];
    rows.push({ ...row, y, height });
    y += height;
  };
  for (const process of processes) {
    const { header } = process;
    add({ shows: "process", process, label: header.program });
    const by = poller_of(recording, process);
    add({ shows: "selector", process, label: `the program${by === null ? "" : `, by ${by}`}` });
    for (const [depth, spans] of process.spans.entries()) {
      add({ shows: "spans", process, spans, depth, label: depth === 0 ? "handlers" : "" });
    }
    if (process.marks.length > 0) add({ shows: "marks", process, label: "printed" });
    for (const lane of process.lives) {
      add({ shows: "life", process, lane, label: life_name(lane).replaceAll(" · ", " ") });
    }
    y += 8;
  }
  return { rows, height: y };
}

/** The rows of descriptors, by the place of the life in the recording. */
export function rows_of_lives(rows: readonly Row[]): ReadonlyMap<number, Row> {
  return new Map(rows.flatMap((row) => (row.shows === "life" ? [[row.lane.index, row]] : [])));
}

/** The first row that reaches below `y`. */
export function row_at(rows: readonly Row[], y: number): number {
  const at = rows.findIndex((row) => row.y + row.height > y);
  return at === -1 ? rows.length : at;
}
