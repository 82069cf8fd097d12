/** Tabs, after the ARIA Authoring Practices Guide. */
import { h } from "./dom.ts";

/** The panels, each a name and an element, of which one is visible. */
export function tabs(
  ...panels: readonly (readonly [name: string, panel: HTMLElement])[]
): HTMLElement {
  const heads = panels.map(([name], index) =>
    h("button", { type: "button", role: "tab", click: () => show(index) }, name.trim()),
  );
  const bodies = panels.map(([name, panel]) =>
    h("div", { role: "tabpanel", class: "tab-panel", "aria-label": name.trim() }, panel),
  );
  const show = (shown: number) => {
    for (const [index, head] of heads.entries()) {
      head.setAttribute("aria-selected", String(index === shown));
      head.tabIndex = index === shown ? 0 : -1;
      bodies[index].hidden = index !== shown;
    }
  };
  const list = h("div", { role: "tablist", class: "tabs", "aria-label": "Panels" }, ...heads);
  list.addEventListener("keydown", (event) => {
    const at = heads.findIndex((head) => head.tabIndex === 0);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.stopPropagation();
    event.preventDefault();
    const next = (at + by + heads.length) % heads.length;
    show(next);
    heads[next].focus();
  });
  show(0);
  return h("section", { class: "side", "aria-label": "Panels" }, list, ...bodies);
}
