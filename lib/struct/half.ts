/** Floating point numbers in two bytes: binary16 of IEEE 754. */
import { OverflowError } from "../core/exceptions.ts";

/** The bits of a number, rounded to even. Throws OverflowError if it is too large. */
export function half_bits(value: number): number {
  const sign = Object.is(Math.sign(value), -0) || value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size === Infinity) return sign | 0x7c00;
  // Half of the way to the next power of two is rounded up to it.
  if (size >= 65520) throw new OverflowError("float too large to pack with e format");
  if (size < 2 ** -14) return sign | rounded(size * 2 ** 24);
  let exponent = Math.floor(Math.log2(size));
  // A logarithm may be off by the last bit.
  if (2 ** exponent > size) exponent--;
  else if (2 ** (exponent + 1) <= size) exponent++;
  // A fraction that is rounded up to 2 makes the exponent one larger, which is what the sum does.
  return sign | (((exponent + 14) << 10) + rounded((size / 2 ** exponent) * 1024));
}

/** The nearest integer, the even one of two. */
function rounded(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The number with these bits. */
export function half_value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
