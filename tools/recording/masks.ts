/** The names of the masks in a recording: the kernel's own, of poll(2) and epoll(7), and a selector's. */

/** Something can be read. The numbers are those of poll(2). */
export const POLLIN = 1;
/** Something urgent can be read. */
export const POLLPRI = 2;
/** There is room to write. */
export const POLLOUT = 4;
/** An error is pending. */
export const POLLERR = 8;
/** Both sides have ended. */
export const POLLHUP = 0x10;
/** The descriptor is not open. */
export const POLLNVAL = 0x20;
/** The peer has ended its side. */
export const POLLRDHUP = 0x2000;

/** A selector's: ready to be read. */
export const EVENT_READ = 1;
/** A selector's: ready to be written. */
export const EVENT_WRITE = 2;

const raw_names: readonly (readonly [mask: number, name: string])[] = [
  [POLLIN, "POLLIN"],
  [POLLPRI, "POLLPRI"],
  [POLLOUT, "POLLOUT"],
  [POLLERR, "POLLERR"],
  [POLLHUP, "POLLHUP"],
  [POLLNVAL, "POLLNVAL"],
  [POLLRDHUP, "POLLRDHUP"],
];

const event_names_table: readonly (readonly [mask: number, name: string])[] = [
  [EVENT_READ, "EVENT_READ"],
  [EVENT_WRITE, "EVENT_WRITE"],
];

/** A raw mask by its names, "POLLIN|POLLHUP"; bits without a name in hexadecimal, "0" for none. */
export function mask_names(mask: number): string {
  return names(mask, raw_names);
}

/** A selector's mask by its names, "EVENT_READ|EVENT_WRITE". */
export function event_names(events: number): string {
  return names(events, event_names_table);
}

/** By the names that strace prints, which has a few more than those above. */
const numbers = new Map([
  ...raw_names.map(([mask, name]) => [name, mask] as const),
  ["POLLRDNORM", 0x40],
  ["POLLRDBAND", 0x80],
  ["POLLWRNORM", 0x100],
  ["POLLWRBAND", 0x200],
]);

/** The raw mask with these names, "POLLIN|POLLHUP"; epoll(7)'s have the same numbers. */
export function mask_of(joined: string): number {
  return joined
    .split("|")
    .reduce((mask, name) => mask | (numbers.get(name.replace("EPOLL", "POLL")) ?? 0), 0);
}

/** What a selector was asked to watch for when it passes this raw mask to the kernel. */
export function events_of(mask: number): number {
  return ((mask & POLLIN) === 0 ? 0 : EVENT_READ) | ((mask & POLLOUT) === 0 ? 0 : EVENT_WRITE);
}

/** What a selector makes of a raw mask it gets back: hang-up and error become both events. */
export function to_events(mask: number): number {
  const write = (mask & ~POLLIN) === 0 ? 0 : EVENT_WRITE;
  return write | ((mask & ~POLLOUT) === 0 ? 0 : EVENT_READ);
}

function names(mask: number, table: readonly (readonly [number, string])[]): string {
  const found: string[] = [];
  let rest = mask;
  for (const [bit, name] of table) {
    if ((mask & bit) === 0) continue;
    found.push(name);
    rest &= ~bit;
  }
  // EPOLLET is the sign bit.
  if (rest !== 0) found.push(`0x${(rest >>> 0).toString(16)}`);
  return found.length === 0 ? "0" : found.join("|");
}
