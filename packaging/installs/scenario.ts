import type { Site } from "./site.ts";

/** One way to install or use the package. */
export interface Scenario {
  readonly name: string;
  /** What it shows, as a sentence with Markdown's backticks. */
  readonly shows: string;
  /** Tries it, and resolves to what there is to say in two words; throws if it does not work. */
  readonly run: (site: Site) => Promise<string>;
}
