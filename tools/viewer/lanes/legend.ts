/** What the colours and shapes of the lanes mean. */
import { h } from "../dom.ts";

const MEANINGS = [
  ["running", "running"],
  ["asleep", "asleep in the kernel"],
  ["recorder", "held up by the recorder"],
  ["handler", "a function"],
  ["read", "reads"],
  ["write", "writes"],
  ["accept", "accepts, connects"],
  ["poller", "tells the poller"],
  ["not-now", "not now (EAGAIN, EINPROGRESS, EINTR)"],
  ["failed", "failed"],
  ["ready", "ready"],
  ["other", "other calls"],
  ["opened", "opened"],
  ["closed", "closed"],
  ["listener", "a listener"],
  ["printed", "printed"],
  ["arrow", "leads to a call elsewhere"],
] as const;

export function legend(): HTMLDetailsElement {
  const items = MEANINGS.map(([look, meaning]) =>
    h("li", {}, h("span", { class: `swatch ${look}`, "aria-hidden": "true" }), meaning),
  );
  return h(
    "details",
    { class: "legend", open: true },
    h("summary", {}, "Legend"),
    h("ul", { role: "list", "aria-label": "Legend" }, ...items),
  );
}
