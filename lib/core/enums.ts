/** Python's IntEnum and IntFlag: names for the numbers that constants are. */
import { ValueError } from "./exceptions.ts";
import { inspect_custom, repr } from "./repr.ts";

/** One of an enum class's values, with its name. Python: a member of an `enum.IntEnum`. */
export class EnumMember {
  readonly #of: string;
  /** Its name, `"SIGINT"`; of several flags their names, `"MSG_OOB|MSG_PEEK"`; null if it has none. */
  readonly name: string | null;
  /** The number. */
  readonly value: number;

  /** @internal */
  constructor(of: string, name: string | null, value: number) {
    this.#of = of;
    this.name = name;
    this.value = value;
    Object.freeze(this);
  }

  /** The number: `Number(member)`, and comparisons, get it. */
  valueOf(): number {
    return this.value;
  }

  /** The number's digits, as Python's `str` has them. */
  __str__(): string {
    return String(this.value);
  }

  /** The same as `__str__()`. */
  toString(): string {
    return this.__str__();
  }

  /** `<Signals.SIGINT: 2>` */
  __repr__(): string {
    return `<${this.#of}${this.name === null ? "" : `.${this.name}`}: ${this.value}>`;
  }

  /** How console.log shows it: by `__repr__()`. */
  [inspect_custom](): string {
    return this.__repr__();
  }
}

/**
 * An enum class: called with a number it returns the member, whose `name` is what one asks it for;
 * ValueError for a number without a name. Its properties are the numbers by their names, the same as
 * the module's constants. It iterates over its members. Python: a subclass of `enum.IntEnum`.
 */
export type IntEnum<Names extends string> = ((value: number) => EnumMember) & {
  readonly [Name in Names]: number;
} & Iterable<EnumMember>;

/**
 * An enum class of those constants whose names match. `flags`: a number may be several, or none. It is
 * made when it is first used: a program that imports the module usually does not, and the constants
 * are many.
 */
export function int_enum<Names extends string>(
  of: string,
  constants: Readonly<Record<string, number>>,
  names: RegExp,
  flags: boolean = false,
): IntEnum<Names> {
  let made: IntEnum<string> | undefined;
  const enum_class = (): IntEnum<string> =>
    (made ??= make_enum(
      of,
      Object.entries(constants).filter(([name]) => names.test(name)),
      flags,
    ));
  const target: unknown = Object.defineProperty(() => {}, "name", { value: of });
  return new Proxy(target as IntEnum<Names>, {
    apply: (_target, _this, [value]) => enum_class()(value as number),
    get: (_target, key) => Reflect.get(enum_class(), key) as unknown,
    has: (_target, key) => Reflect.has(enum_class(), key),
    ownKeys: () => Reflect.ownKeys(enum_class()),
    getOwnPropertyDescriptor(_target, key) {
      const found = Reflect.getOwnPropertyDescriptor(enum_class(), key);
      return found && { ...found, configurable: true };
    },
  });
}

function make_enum(
  of: string,
  constants: [name: string, value: number][],
  flags: boolean,
): IntEnum<string> {
  const members = new Map<number, EnumMember>();
  // Of two names for a number, the first one counts.
  constants.sort(([name, value], [other, its]) => value - its || (name < other ? -1 : 1));
  for (const [name, value] of constants) {
    if (!members.has(value)) members.set(value, new EnumMember(of, name, value));
  }
  const member = (value: number): EnumMember => {
    const known = members.get(value);
    if (known !== undefined) return known;
    if (!flags || !Number.isInteger(value)) {
      throw new ValueError(`${repr(value)} is not a valid ${of}`);
    }
    const parts = [...members.values()].filter((one) => (value & one.value) !== 0);
    const rest = parts.reduce((left, one) => left & ~one.value, value);
    const all = [...parts.map(({ name }) => name), ...(rest === 0 ? [] : [String(rest)])];
    return new EnumMember(of, parts.length === 0 ? null : all.join("|"), value);
  };
  const iterable = { [Symbol.iterator]: () => members.values() };
  const made: unknown = Object.assign(member, Object.fromEntries(constants), iterable);
  return made as IntEnum<string>;
}
