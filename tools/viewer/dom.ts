/** Helpers that make elements. */

type Attribute = string | number | boolean | ((event: Event) => void);
type Child = Node | string | null;

/**
 * An element with attributes and children. A function is a listener for the event of that name; true sets an
 * attribute without a value, false leaves it out.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** A button. `label` names one whose text is only a sign, for screen readers and as a tooltip. */
export function button(text: string, action: () => void, label?: string): HTMLButtonElement {
  const names = label === undefined ? {} : { "aria-label": label, title: label };
  return h("button", { type: "button", ...names, click: action }, text);
}

/** Replaces what is in an element. The focus stays on what has the same text, or else on the element. */
export function refill(element: HTMLElement, ...children: readonly (Node | string)[]): void {
  const { activeElement } = element.getRootNode() as Document | ShadowRoot;
  const had_focus = activeElement !== element && element.contains(activeElement);
  element.replaceChildren(...children);
  if (!had_focus) return;
  const all = [...element.querySelectorAll<HTMLElement>("button:enabled, [tabindex]")];
  focus_on(all.find((one) => one.textContent === activeElement?.textContent) ?? element);
}

/** Puts the focus on an element, which need not be one that Tab goes to. */
export function focus_on(element: HTMLElement): void {
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** A panel's heading. */
export function heading(text: string): HTMLElement {
  return h("h2", {}, text);
}

/** Text that may wrap after a dot, an opening bracket or a bar: long names wrap between their parts. */
export function breakable(text: string): (string | HTMLElement)[] {
  return text
    .split(/(?<=[.([|])/)
    .flatMap((part) => (/[.([|]$/.test(part) ? [part, h("wbr")] : [part]));
}

/** A function that has `draw` called before the next frame, once for all its calls until then. */
export function once_a_frame(draw: () => void): () => void {
  let is_scheduled = false;
  return () => {
    if (is_scheduled) return;
    is_scheduled = true;
    requestAnimationFrame(() => {
      is_scheduled = false;
      draw();
    });
  };
}
