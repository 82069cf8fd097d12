/** What a page loads: the element `<iomux-recording>`, and `mount()` for any other element. */
import { input_from_text, inputs_in } from "./inputs.ts";
import type { RecordingInput } from "./inputs.ts";
import compare from "./style/compare.css";
import head from "./style/head.css";
import lanes from "./style/lanes.css";
import narrow from "./style/narrow.css";
import panels from "./style/panels.css";
import state from "./style/state.css";
import theme from "./style/theme.css";
import troubles from "./style/troubles.css";
import { Viewer } from "./viewer.ts";

/** A recording, as the text of its file. */
export interface RecordingText {
  readonly title: string;
  readonly text: string;
}

/** Shows recordings in `element`. */
export function mount(element: HTMLElement, recordings: readonly RecordingText[]): void {
  attach(
    element,
    recordings.map(({ title, text }) => input_from_text(title, text)),
  );
}

function attach(element: HTMLElement, inputs: readonly RecordingInput[]): void {
  const is_page = element.hasAttribute("page");
  const viewer = new Viewer(is_page);
  const root = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([theme, head, lanes, panels, state, troubles, compare, narrow].join("\n"));
  root.adoptedStyleSheets = [sheet];
  root.append(viewer.element);
  // The viewer's own page takes keys and files anywhere, another page only inside the element.
  const around: HTMLElement | Document = is_page ? document : element;
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
    // The recordings inside may not have been parsed yet.
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
