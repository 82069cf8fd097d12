/** The text of a source file, for whoever reads the recording. */
import { fs } from "../native/on-demand.ts";
import type { Source } from "./recording.ts";

/** A source's text and its twin's; null if there is no such file. `path` is its name in the recording. */
export function source_of(path: string, file: string): Source | null {
  const { existsSync, readFileSync } = fs();
  if (!existsSync(file)) return null;
  const beside = twin(file);
  const has_twin = beside !== file && existsSync(beside);
  return {
    kind: "source",
    path,
    text: readFileSync(file, "utf8"),
    ...(has_twin && { twin: { path: twin(path), text: readFileSync(beside, "utf8") } }),
  };
}

/** The same program in Python. */
function twin(path: string): string {
  return path.replace(/\.[cm]?[jt]s$/, ".py");
}
