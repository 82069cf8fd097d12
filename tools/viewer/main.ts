/** What the page loads: the element `<iomux-recording>`, and `mount()` to put the viewer into any other. */
import { input_from_text, inputs_in } from "./inputs.ts";
import type { RecordingInput } from "./inputs.ts";
import lanes from "./style/lanes.css";
import narrow from "./style/narrow.css";
import panels from "./style/panels.css";
import state from "./style/state.css";
import theme from "./style/theme.css";
import troubles from "./style/troubles.css";
import { Viewer } from "./viewer.ts";

/** A recording, as the text of its file. */
export interface Text {
  readonly title: string;
  readonly text: string;
}

/** Shows recordings in `element`. */
export function mount(element: HTMLElement, recordings: readonly Text[]): void {
  attach(
    element,
    recordings.map(({ title, text }) => input_from_text(title, text)),
  );
}

function attach(element: HTMLElement, inputs: readonly RecordingInput[]): void {
  const viewer = new Viewer();
  const root = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([theme, lanes, panels, state, troubles, narrow].join("\n"));
  root.adoptedStyleSheets = [sheet];
  root.append(viewer.element);
  // A page of its own answers wherever the focus is; in another's page only inside.
  const around: HTMLElement | Document = element.hasAttribute("page") ? document : element;
  around.addEventListener("keydown", (event) => {
    if (viewer.key(event as KeyboardEvent)) event.preventDefault();
  });
  around.addEventListener("dragover", (event) => event.preventDefault());
  around.addEventListener("drop", (event) => {
    event.preventDefault();
    viewer.drop(event as DragEvent);
  });
  if (inputs.length > 0) void viewer.open(inputs);
}

class RecordingElement extends HTMLElement {
  connectedCallback(): void {
    if (this.shadowRoot !== null) return;
    const show = () => attach(this, inputs_in(this));
    // Before the page is read to its end, the recordings inside may not be there yet.
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", show, { once: true });
    } else {
      show();
    }
  }
}

if (customElements.get("iomux-recording") === undefined) {
  customElements.define("iomux-recording", RecordingElement);
}
