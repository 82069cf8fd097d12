/** The exercises of the course: a folder each, with a broken server, its client, and what there is to say. */
import { readFileSync } from "node:fs";

import { PACKAGE } from "../record/package.ts";

/** In the order in which they build on one another. */
export const NAMES = [
  "spin",
  "lost-rest",
  "blocking-handler",
  "message",
  "unregister",
  "stale-key",
] as const;
export type Name = (typeof NAMES)[number];

/** What a learner gets to work on. */
export const FILES = ["server.ts", "server.py", "client.ts"] as const;

export interface Exercise {
  readonly title: string;
  readonly story: string;
  /** Each says more than the one before. */
  readonly hints: readonly string[];
  readonly solution: string;
}

export function folder_of(name: Name): string {
  return `${PACKAGE}course/${name}/`;
}

/** Reads exercise.md: a title, the story, a numbered list of hints, the solution. */
export function read(name: Name): Exercise {
  const text = readFileSync(`${folder_of(name)}exercise.md`, "utf8");
  const [beginning, hints, solution] = text.split(/^## .*$/m).map((part) => part.trim());
  const [title, ...story] = beginning.split("\n\n");
  return {
    title: title.replace("# ", ""),
    story: unfolded(story.join("\n\n")),
    hints: hints
      .split(/^\d+\. /m)
      .slice(1)
      .map(unfolded),
    solution: unfolded(solution),
  };
}

/** Paragraphs without line breaks, as a terminal has its own width, and without Markdown's marks. */
function unfolded(text: string): string {
  const paragraphs = text.trim().split("\n\n");
  const plain = paragraphs.map((one) => one.replaceAll(/\s*\n\s*/g, " "));
  return plain.join("\n\n").replaceAll(/`([^`]*)`|\b_(\w+)_\b/g, "$1$2");
}
