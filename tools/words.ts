/** Numbers, times, addresses and lists as text, for terminals, pages and troubles. */

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const three_digits = new Intl.NumberFormat("en-US", {
  maximumSignificantDigits: 3,
  maximumFractionDigits: 0,
  roundingPriority: "morePrecision",
  useGrouping: false,
});
const lists = {
  and: new Intl.ListFormat("en-GB", { type: "conjunction" }),
  or: new Intl.ListFormat("en-GB", { type: "disjunction" }),
};

/** "1,200", "0.25". */
export function digits(n: number): string {
  return whole.format(n);
}

/** A count with its noun: "1 byte", "300,000 bytes". */
export function amount(n: number, thing: string, things: string = `${thing}s`): string {
  return `${digits(n)} ${n === 1 ? thing : things}`;
}

/** Numbers in order, those that follow each other as one range. */
export function ranges(numbers: readonly number[]): [first: number, last: number][] {
  const found: [first: number, last: number][] = [];
  for (const number of numbers) {
    const before = found.at(-1);
    if (before !== undefined && before[1] === number - 1) before[1] = number;
    else found.push([number, number]);
  }
  return found;
}

/** "once", "twice", "1,200 times". */
export function times(n: number): string {
  if (n === 1) return "once";
  return n === 2 ? "twice" : `${digits(n)} times`;
}

/** "a", "a and b", "a, b and c". */
export function listed(names: readonly string[], word: "and" | "or" = "and"): string {
  return lists[word].format(names);
}

/** Nanoseconds in a fitting unit, with three digits that matter: "1.9 s", "350 ms", "12.5 µs". */
export function duration(ns: number): string {
  const [unit, size] = units.find(([, least]) => ns >= least) ?? ["ns", 1];
  return `${three_digits.format(ns / size)} ${unit}`;
}

const units = [
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
] as const;

/** An address from a recording: a host and port as "127.0.0.1:65432", "[::1]:65432". */
export function address_text(address: unknown): string {
  if (!Array.isArray(address)) return String(address);
  const [host, port] = address as unknown[];
  if (typeof port !== "number") return address.map(String).join(" ");
  return String(host).includes(":") ? `[${String(host)}]:${port}` : `${String(host)}:${port}`;
}
