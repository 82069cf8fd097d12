/** What the words mean that the page cannot do without: shown where they stand, and all in the help. */
import { h } from "./dom.ts";

const MEANINGS: Readonly<Record<string, string>> = {
  fd: "File descriptor: the number by which a program names an open socket or file. The kernel gives the lowest that is free.",
  descriptor: "A number by which a program names an open socket or file.",
  epoll: "A list in the kernel of descriptors to watch. One call waits for all of them.",
  turn: "One round of the program's loop: wait until something is ready, then serve it.",
  POLLIN: "Something can be read without waiting: bytes, a connection to accept, or the end.",
  POLLOUT: "There is room in the send buffer, or a connection has been made.",
  POLLPRI: "Urgent data can be read.",
  POLLERR: "An error is pending, or the other side of a pipe has closed.",
  POLLHUP: "Both sides have ended: nothing more will come, and nothing can be sent.",
  POLLRDHUP: "The peer has ended its side: nothing more will come.",
  POLLNVAL: "The descriptor is not open.",
  EAGAIN: "Not now. A non-blocking call says so instead of waiting: no failure.",
  EINPROGRESS: "The connection has begun, and is made while the program goes on: no failure.",
  EINTR: "A signal came, for example by Ctrl-C, and ended the wait: no failure.",
  ECONNRESET: "The peer has broken off the connection: what was on its way is lost.",
  ECONNREFUSED: "Nobody listens at that address.",
  EADDRINUSE: "Another socket has that address, or had it until a moment ago.",
  EPIPE: "The peer has closed, and reads nothing more.",
  EMFILE: "The program has as many descriptors as it may have.",
  "send buffer": "Where the kernel keeps what a program has sent until the peer has confirmed it.",
  "receive buffer": "Where the kernel keeps what has arrived until the program reads it.",
  unacked: "Bytes that were sent and that the peer's kernel has not confirmed yet.",
  timeout: "How long a wait lasts at most.",
  Asked: "What the program wants to hear of: something to read, room to write.",
  "Kernel said": "What the system call reported.",
  Selected: "What the selector made of it for the program.",
  LISTEN: "TCP: the socket waits for connections.",
  ESTABLISHED: "TCP: the connection is open in both directions.",
  "SYN SENT": "TCP: the first packet of a connection is on its way.",
  "CLOSE WAIT": "TCP: the peer has closed its side, and this program has not closed its own yet.",
  "FIN WAIT1": "TCP: this side has closed, which the peer has not confirmed.",
  "FIN WAIT2": "TCP: this side has closed, and the peer's side is still open.",
  "LAST ACK": "TCP: both sides have closed, and the last confirmation is awaited.",
  "TIME WAIT": "TCP: closed. The address is kept for a minute, in case a late packet comes.",
};

const TERMS = Object.keys(MEANINGS).toSorted((a, b) => b.length - a.length);
const any_term = new RegExp(`\\b(${TERMS.join("|")})\\b`);

/** A text in which the terms can be pointed at and focused, each where it stands first. */
export function glossed(text: string): (Node | string)[] {
  const seen = new Set<string>();
  return text
    .split(any_term)
    .filter((part) => part !== "")
    .map((part) => {
      if (!Object.hasOwn(MEANINGS, part) || seen.has(part)) return part;
      seen.add(part);
      return h("span", { class: "term", tabindex: 0, "aria-description": MEANINGS[part] }, part);
    });
}

/** What shows the meaning of the term in `root` that the pointer or the focus is on. */
export function meanings_in(root: HTMLElement): HTMLElement {
  const note = h("div", { class: "meaning", "aria-hidden": "true", hidden: true });
  const show = (event: Event) => {
    const term = (event.target as Element).closest<HTMLElement>(".term");
    note.hidden = term === null;
    if (term === null) return;
    note.textContent = term.getAttribute("aria-description");
    const { left, bottom, top } = term.getBoundingClientRect();
    const around = root.getBoundingClientRect();
    const { width, height } = note.getBoundingClientRect();
    const x = Math.max(0, Math.min(left - around.left, around.width - width - 8));
    const below = bottom - around.top + 4;
    const y = below + height > around.height ? top - around.top - height - 4 : below;
    note.style.left = `${x}px`;
    note.style.top = `${y}px`;
  };
  const hide = () => (note.hidden = true);
  root.addEventListener("pointerover", show);
  root.addEventListener("focusin", show);
  root.addEventListener("focusout", hide);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  return note;
}

/** All terms and their meanings. */
export function glossary(): HTMLElement {
  const rows = Object.entries(MEANINGS).flatMap(([term, meaning]) => [
    h("dt", {}, term),
    h("dd", {}, meaning),
  ]);
  return h("dl", { class: "glossary" }, ...rows);
}
