/** Four sentences about the page for whoever sees it for the first time. */
import { button, focus_on, h } from "./dom.ts";

/** What each is about, as a selector, and the sentence. */
const STOPS = [
  [".telling", "This sentence says what the step is, why the program woke, and what it does next."],
  [
    ".lanes-panel",
    "Time runs from left to right. A program is amber while it runs and hatched while it sleeps; below it, each socket has a lane.",
  ],
  [
    ".transport",
    "→ and ← go from call to call, with Shift from wait to wait. Below is the line of the program that made the call.",
  ],
  [
    ".side",
    "All calls are in the log. Troubles says what goes wrong, and Questions asks what happens next.",
  ],
] as const;

/** Where a browser keeps that the tour was seen; it may refuse to. */
const SEEN = "iomux-tour-seen";

function is_seen(): boolean {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return false;
  }
}

function remember(): void {
  try {
    localStorage.setItem(SEEN, "yes");
  } catch {
    // It begins again the next time.
  }
}

/** The tour through the panels in `page`; null for whoever has seen it. */
export function tour(page: HTMLElement): HTMLElement | null {
  if (is_seen()) return null;
  const sentence = h("p", { "aria-live": "polite" });
  const place = h("span", { class: "caption" });
  const next = button("Next", () => show(stop + 1));
  const element = h(
    "aside",
    { class: "tour", "aria-label": "Tour" },
    sentence,
    place,
    next,
    button("Skip", () => end(), "Skip the tour"),
  );
  let stop = 0;
  const mark = (index: number, on: boolean) =>
    page.querySelector(STOPS[index][0])?.classList.toggle("toured", on);
  const end = () => {
    mark(stop, false);
    element.remove();
    // What had the focus is gone.
    focus_on(page);
    remember();
  };
  const show = (index: number) => {
    if (index === STOPS.length) return end();
    mark(stop, false);
    stop = index;
    mark(stop, true);
    sentence.textContent = STOPS[stop][1];
    place.textContent = `${stop + 1} of ${STOPS.length}`;
    next.textContent = stop === STOPS.length - 1 ? "Done" : "Next";
  };
  show(0);
  return element;
}
