/** The page for everybody: what axe-core finds wrong with it, at four widths and in both themes. */
import { readFileSync } from "node:fs";

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

/** WCAG 2's relative luminance. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test("every mark in the lanes has a contrast of 3 to 1, in both themes", () => {
  const css = readFileSync("tools/viewer/style/theme.css", "utf8");
  const [light, dark] = css.split('.viewer[data-theme="dark"]');
  for (const theme of [light, dark]) {
    const colours = new Map(
      [...theme.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name, colour]),
    );
    const marks = [...colours.keys()].filter((name) =>
      /^(?:kind-.*|running|recorder|asleep|failed|not-now|thread|listener|ready-edge|handler-edge|step)$/.test(
        name,
      ),
    );
    expect(marks).toHaveLength(18);
    const ground = luminance(colours.get("paper")!);
    const faint = marks.filter((name) => {
      const [brighter, darker] = [luminance(colours.get(name)!), ground].toSorted((a, b) => b - a);
      return (brighter + 0.05) / (darker + 0.05) < 3;
    });
    expect(faint).toEqual([]);
  }
});
