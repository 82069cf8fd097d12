/** Arrays of millions of numbers: how they grow, and search in sorted ones. */

type Numbers = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

export interface Sorted {
  readonly [index: number]: number;
  readonly length: number;
}

/** A typed array that grows. */
export class Column<Of extends Numbers> {
  readonly #make: new (length: number) => Of;
  #room: Of;
  length = 0;

  constructor(make: new (length: number) => Of) {
    this.#make = make;
    this.#room = new make(64);
  }

  push(value: number): void {
    if (this.length === this.#room.length) {
      const larger = new this.#make(this.length * 2);
      larger.set(this.#room);
      this.#room = larger;
    }
    this.#room[this.length++] = value;
  }

  /** The values so far. */
  done(): Of {
    return this.#room.subarray(0, this.length) as Of;
  }
}

/** The first index from `from` on whose value is at least `value`; the length if there is none. */
export function at_least(values: Sorted, value: number, from = 0): number {
  let low = from;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The same by `keys`, of which `values` are indices; gallops first, as the next index is often near. */
export function at_least_by(values: Sorted, keys: Sorted, key: number, from = 0): number {
  let step = 1;
  let low = from;
  let high = from;
  while (high < values.length && keys[values[high]] < key) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = Math.min(high, values.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[values[middle]] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Gives names numbers, and finds them again. */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  number(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#names.length;
      this.#numbers.set(name, number);
      this.#names.push(name);
    }
    return number;
  }

  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  name(number: number): string {
    return this.#names[number] ?? "";
  }
}
