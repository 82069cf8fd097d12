/** The page for everybody: what axe-core finds wrong with it, at four widths and in both themes. */
import { source as axe } from "axe-core";
import { expect, test } from "vitest";

import { as_text, multiconn } from "../support/multiconn-recordings.ts";
import { opened, shows, step } from "../support/viewer-page.ts";
import type { TitledRecording } from "../support/viewer-page.ts";

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly unknown[] }[];
}

function recorded(by: "epoll" | "poll"): TitledRecording {
  return { title: `server-${by}`, text: as_text(multiconn({ turns: 12, clients: 2, by })) };
}

const themes = ["light", "dark"] as const;
const widths = [390, 768, 1024, 1440];

test.each(widths.flatMap((width) => themes.map((theme) => [width, theme] as const)))(
  "%i pixels, %s",
  async (width, colorScheme) => {
    for (const recordings of [[recorded("epoll")], [recorded("epoll"), recorded("poll")], []]) {
      const page = await opened(recordings, { width, colorScheme });
      if (recordings.length === 1) await shows(step(page), "epoll_wait");
      else await shows(page.getByRole("heading"), /What differs|Nothing is open/);
      // Its style elements are against the page's own policy, which is not what is tested.
      await page.evaluate(axe);
      const found = (await page.evaluate("axe.run()")) as { violations: readonly Violation[] };
      const named = found.violations.map(({ id, nodes }) => [
        id,
        nodes.map(({ target }) => target),
      ]);
      expect(named).toEqual([]);
    }
  },
);
