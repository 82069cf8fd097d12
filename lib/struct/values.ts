import { bool } from "../builtins.ts";
/** Values of each code, to bytes and back. */
import { OverflowError } from "../core/exceptions.ts";
import { error } from "./error.ts";
import type { Field, Layout } from "./format.ts";
import { half_bits, half_value } from "./half.ts";

const signed = new Set("bhilqn");
const floats = new Set("efd");

/** Writes a value where its field is, `start` bytes into memory that is zero there. */
export function write_value(
  memory: Buffer,
  start: number,
  field: Field,
  layout: Layout,
  value: unknown,
): void {
  const { code, size } = field;
  const at = start + field.offset;
  if (code === "s" || code === "p") {
    if (!(value instanceof Uint8Array))
      throw new error(`argument for '${code}' must be a bytes object`);
    write_text(memory, at, size, value, code === "p");
  } else if (code === "c") {
    if (!(value instanceof Uint8Array) || value.length !== 1)
      throw new error("char format requires a bytes object of length 1");
    [memory[at]] = value;
  } else if (code === "?") memory[at] = Number(bool(value));
  else if (floats.has(code)) {
    try {
      write_float(memory, at, layout, code, as_float(value));
    } catch (caught) {
      const is_integer = typeof value === "bigint" || Number.isSafeInteger(value);
      if (!is_integer || !(caught instanceof OverflowError)) throw caught;
      throw new error("int too large to convert");
    }
  } else write_integer(memory, at, size, layout, as_integer(value, code, size));
}

/** As many bytes as fit; in Pascal's way, their number first. */
function write_text(
  memory: Buffer,
  at: number,
  size: number,
  value: Uint8Array,
  has_length: boolean,
): void {
  if (!has_length) {
    memory.set(value.subarray(0, size), at);
  } else if (size > 0) {
    const kept = value.subarray(0, size - 1);
    memory[at] = Math.min(kept.length, 255);
    memory.set(kept, at + 1);
  }
}

function as_float(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "bigint" && Number.isFinite(Number(value))) return Number(value);
  throw new error("required argument is not a float");
}

function write_float(
  memory: Buffer,
  at: number,
  { is_little, is_native }: Layout,
  code: string,
  value: number,
): void {
  if (code === "d") {
    if (is_little) memory.writeDoubleLE(value, at);
    else memory.writeDoubleBE(value, at);
  } else if (code === "f") {
    // The C compiler's conversion makes it infinite.
    if (!is_native && Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
      throw new OverflowError("float too large to pack with f format");
    if (is_little) memory.writeFloatLE(value, at);
    else memory.writeFloatBE(value, at);
  } else {
    const bits = half_bits(value);
    if (is_little) memory.writeUInt16LE(bits, at);
    else memory.writeUInt16BE(bits, at);
  }
}

function as_integer(value: unknown, code: string, size: number): bigint | number {
  const is_integer =
    typeof value === "bigint" || typeof value === "boolean" || Number.isSafeInteger(value);
  if (!is_integer) throw new error("required argument is not an integer");
  const integer = typeof value === "boolean" ? Number(value) : (value as bigint | number);
  const bits = BigInt(size * 8);
  const is_signed = signed.has(code);
  // A pointer may be given as either.
  const least = is_signed || code === "P" ? -(2n ** (bits - 1n)) : 0n;
  const most = is_signed ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n;
  if (integer >= least && integer <= most) return integer;
  throw new error(
    code === "P"
      ? "int too large to convert"
      : `'${code}' format requires ${least} <= number <= ${most}`,
  );
}

function write_integer(
  memory: Buffer,
  at: number,
  size: number,
  { is_little }: Layout,
  value: bigint | number,
): void {
  if (size === 8) {
    const bits = BigInt.asUintN(64, BigInt(value));
    if (is_little) memory.writeBigUInt64LE(bits, at);
    else memory.writeBigUInt64BE(bits, at);
    return;
  }
  const bits = Number(value) & (size === 1 ? 0xff : size === 2 ? 0xffff : -1);
  if (is_little) memory.writeUIntLE(bits >>> 0, at, size);
  else memory.writeUIntBE(bits >>> 0, at, size);
}

/** Reads the value of a field, `start` bytes into memory. */
export function read_value(
  memory: Buffer,
  start: number,
  { code, offset, size }: Field,
  layout: Layout,
): unknown {
  const at = start + offset;
  switch (code) {
    case "s":
      return Buffer.from(memory.subarray(at, at + size));
    case "c":
      return Buffer.from(memory.subarray(at, at + 1));
    case "p": {
      const length = Math.min(memory[at] ?? 0, Math.max(0, size - 1));
      return Buffer.from(memory.subarray(at + 1, at + 1 + length));
    }
    case "?":
      return memory[at] !== 0;
    case "d":
      return layout.is_little ? memory.readDoubleLE(at) : memory.readDoubleBE(at);
    case "f":
      return layout.is_little ? memory.readFloatLE(at) : memory.readFloatBE(at);
    case "e":
      return half_value(layout.is_little ? memory.readUInt16LE(at) : memory.readUInt16BE(at));
    default:
      return read_integer(memory, at, size, layout, signed.has(code));
  }
}

/** A number if it is exact, a bigint otherwise. */
function read_integer(
  memory: Buffer,
  at: number,
  size: number,
  { is_little }: Layout,
  is_signed: boolean,
): bigint | number {
  if (size === 8) {
    const bits = is_little ? memory.readBigUInt64LE(at) : memory.readBigUInt64BE(at);
    const integer = is_signed ? BigInt.asIntN(64, bits) : bits;
    const number = Number(integer);
    return Number.isSafeInteger(number) ? number : integer;
  }
  if (is_signed) return is_little ? memory.readIntLE(at, size) : memory.readIntBE(at, size);
  return is_little ? memory.readUIntLE(at, size) : memory.readUIntBE(at, size);
}
