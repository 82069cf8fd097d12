/**
 * A value as Python prints it: `repr` and `str`, and `tuple`, which marks what prints as one.
 * `lib/core/exceptions.ts` is built on this file, so it imports nothing.
 */

/** A value's own methods, if it has any. */
type Says = Partial<Record<"__repr__" | "__str__", unknown>>;

/** `util.inspect.custom`, which is documented as this symbol: Node.js needs a while to load node:util. */
export const inspect_custom: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** The containers that `repr` is inside of: one that contains itself prints as dots there. */
const open = new Set<object>();

/**
 * The text of a value as Python would write it in a program: strings in quotes, `None` for `null`
 * and `undefined`, `b'...'` for bytes, frozen arrays as tuples, other arrays as lists, Maps and
 * plain objects as dicts. Python's `repr()`.
 *
 * A safe integer prints as an int and every other number as a float. An object's method `__repr__`
 * overrides this; TypeError if it does not return a string.
 */
export function repr(value: unknown): string {
  switch (typeof value) {
    case "string":
      return string(value);
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : float(value);
    case "boolean":
      return value ? "True" : "False";
    case "bigint":
    case "symbol":
      return String(value);
    default:
      if (value === null || value === undefined) return "None";
      return told(value, "__repr__") ?? object(value);
  }
}

/**
 * The text of a value for people: a string itself, an error's message, `repr` of anything else. An
 * object's method `__str__` overrides this. Python's `str()`.
 */
export function str(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return repr(value);
  }
  return told(value, "__str__") ?? (value instanceof Error ? value.message : repr(value));
}

/**
 * A new frozen array of the values, which stands for a tuple. Python's `tuple()`; throws TypeError
 * if the argument is not iterable.
 */
export function tuple(): readonly [];
export function tuple<T extends readonly unknown[] | []>(items: T): Readonly<T>;
export function tuple<T>(items: Iterable<T>): readonly T[];
export function tuple(items: Iterable<unknown> = []): readonly unknown[] {
  if (typeof (items as typeof items | null)?.[Symbol.iterator] !== "function") {
    throw new TypeError(`'${type_name(items)}' object is not iterable`);
  }
  return Object.freeze([...items]);
}

/** Python's name for the type of a value, as in its error messages. */
export function type_name(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "NoneType";
    case "number":
      return Number.isSafeInteger(value) ? "int" : "float";
    case "bigint":
      return "int";
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "symbol":
      return "symbol";
    default:
  }
  if (value === null) return "NoneType";
  if (Array.isArray(value)) return Object.isFrozen(value) ? "tuple" : "list";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Map) return "dict";
  if (value instanceof Set) return "set";
  const name = (value as object).constructor?.name;
  return name === undefined || name === "Object" ? "dict" : name;
}

/** A text's length as Python counts it: a surrogate pair is one. */
export function code_points(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

/** Whether an object is one of `{}` or `Object.create(null)`: a dict to Python. */
export function is_plain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A number as Python's float: the fewest digits that say it exactly. */
function float(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0.0";
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  // JavaScript switches to an exponent elsewhere than Python, and does not pad it.
  const power = Number(exponent);
  if (power >= -4 && power < 16) {
    // JavaScript itself writes an exponent only below 1e-6.
    const text = String(value);
    return text.includes(".") ? text : `${text}.0`;
  }
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** Text that needs neither escapes nor other quotes: nearly every string. */
const plain_text = /^[ -&(-[\]-~]*$/;

// Python's str.isprintable: no control, format, surrogate, unassigned, separator, but the space.
const unprintable = /(?! )[\\\p{C}\p{Z}]/gu;

function string(text: string): string {
  if (plain_text.test(text)) return `'${text}'`;
  const quote = quote_of(text);
  const escaped = text.replace(unprintable, (character) => {
    return escape(character.codePointAt(0) as number);
  });
  return quote + escape_quote(escaped, quote) + quote;
}

/** Every byte as in a bytes literal, except the quotes. */
const byte_texts: readonly string[] = Array.from({ length: 0x100 }, (_, byte) => {
  const is_printable = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
  return is_printable ? String.fromCharCode(byte) : escape(byte);
});

function bytes(view: Uint8Array): string {
  // A new view, because detached memory cannot be iterated over.
  const all = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const text = all.toString("latin1");
  if (plain_text.test(text)) return `b'${text}'`;
  const quote = quote_of(text);
  let escaped = "";
  for (const byte of all) escaped += byte_texts[byte];
  return `b${quote}${escape_quote(escaped, quote)}${quote}`;
}

/** Python prefers single quotes, unless only double quotes need no escapes. */
function quote_of(text: string): string {
  return text.includes("'") && !text.includes('"') ? '"' : "'";
}

function escape_quote(text: string, quote: string): string {
  // Double quotes are only chosen when none need escapes.
  return quote === "'" && text.includes("'") ? text.replaceAll("'", "\\'") : text;
}

function escape(code: number): string {
  switch (code) {
    case 0x09:
      return "\\t";
    case 0x0a:
      return "\\n";
    case 0x0d:
      return "\\r";
    case 0x5c:
      return "\\\\";
    default:
      return hex_escape(code);
  }
}

/** A character's number as an escape: `\x7f`, `\u2028`, `\U000e0001`. */
export function hex_escape(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${hex.padStart(4, "0")}`;
  return `\\U${hex.padStart(8, "0")}`;
}

function object(value: object): string {
  if (Array.isArray(value)) return Object.isFrozen(value) ? items_of_tuple(value) : list(value);
  if (value instanceof Uint8Array) return bytes(value);
  if (value instanceof Map) return dict(value, value);
  if (value instanceof Set) return set(value);
  if (is_plain(value)) return dict(value, Object.entries(value));
  if (typeof value === "function") {
    if (is_class(value)) return `<class ${string(value.name)}>`;
    return `<function ${value.name === "" ? "<lambda>" : value.name}>`;
  }
  if (value instanceof Error) {
    return `${error_name(value)}(${value.message === "" ? "" : string(value.message)})`;
  }
  if (is_memory(value)) return `bytearray(${bytes(bytes_in(value))})`;
  if (ArrayBuffer.isView(value)) return array(value as unknown as NumberArray);
  return `<${class_name(value)} object>`;
}

function list(items: readonly unknown[]): string {
  return within(items, "[...]", () => `[${joined(items)}]`);
}

function items_of_tuple(items: readonly unknown[]): string {
  return within(items, "(...)", () => `(${joined(items)}${items.length === 1 ? "," : ""})`);
}

function set(items: ReadonlySet<unknown>): string {
  if (items.size === 0) return "set()";
  return within(items, "set(...)", () => `{${joined(items)}}`);
}

function dict(value: object, entries: Iterable<readonly [unknown, unknown]>): string {
  return within(value, "{...}", () => {
    const parts: string[] = [];
    for (const [key, item] of entries) parts.push(`${repr(key)}: ${repr(item)}`);
    return `{${parts.join(", ")}}`;
  });
}

function joined(items: Iterable<unknown>): string {
  const parts: string[] = [];
  for (const item of items) parts.push(repr(item));
  return parts.join(", ");
}

/** Python's Py_ReprEnter and Py_ReprLeave. */
function within(container: object, dots: string, print: () => string): string {
  if (open.has(container)) return dots;
  const outermost = open.size === 0;
  open.add(container);
  try {
    return print();
  } finally {
    // Out of stack, an inner `delete` can fail too: the outermost container clears them all.
    if (outermost) open.clear();
    else open.delete(container);
  }
}

interface NumberArray extends Iterable<number | bigint> {
  readonly length: number;
  readonly [Symbol.toStringTag]: string;
}

/** The type codes of Python's array module. */
const type_codes: Readonly<Record<string, string>> = {
  Int8Array: "b",
  Uint8ClampedArray: "B",
  Int16Array: "h",
  Uint16Array: "H",
  Int32Array: "i",
  Uint32Array: "I",
  BigInt64Array: "q",
  BigUint64Array: "Q",
  Float32Array: "f",
  Float64Array: "d",
};

function array(view: NumberArray): string {
  // By its kind of typed array, whatever its subclass is called.
  const code = type_codes[view[Symbol.toStringTag]];
  if (code === undefined) return `<${class_name(view)} object>`;
  if (view.length === 0) return `array('${code}')`;
  const is_float = code === "f" || code === "d";
  const parts: string[] = [];
  for (const item of view) parts.push(is_float ? float(item as number) : String(item));
  return `array('${code}', [${parts.join(", ")}])`;
}

/** Whether a value is raw memory, which prints as a bytearray. */
function is_memory(value: object): value is ArrayBufferLike | DataView {
  return (
    value instanceof ArrayBuffer || value instanceof SharedArrayBuffer || value instanceof DataView
  );
}

function bytes_in(memory: ArrayBufferLike | DataView): Uint8Array {
  if (!(memory instanceof DataView)) return new Uint8Array(memory);
  return new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
}

function told(value: object, method: "__repr__" | "__str__"): string | null {
  const says = (value as Says)[method];
  if (typeof says !== "function") return null;
  const text: unknown = says.call(value);
  if (typeof text === "string") return text;
  throw new TypeError(`${method} returned non-string`);
}

/** Classes, built-in ones too, are the functions whose `prototype` is read-only. */
function is_class(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}

function class_name(value: object): string {
  const type: unknown = (value as { constructor?: unknown }).constructor;
  return typeof type === "function" && type.name !== "" ? type.name : "object";
}

/** An error's `name` if it or its class has set one, else the name of the class. */
function error_name(error: Error): string {
  const prototype: unknown = Object.getPrototypeOf(error);
  const named = Object.hasOwn(error, "name") || Object.hasOwn(prototype as object, "name");
  return named ? error.name : class_name(error);
}
