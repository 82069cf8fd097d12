/** What a format packs and unpacks, worked out by the compiler from its text. */

/** What `unpack` makes of each code. */
interface Unpacks {
  c: Buffer;
  b: number;
  B: number;
  "?": boolean;
  h: number;
  H: number;
  i: number;
  I: number;
  l: number | bigint;
  L: number | bigint;
  q: number | bigint;
  Q: number | bigint;
  n: number | bigint;
  N: number | bigint;
  P: number | bigint;
  e: number;
  f: number;
  d: number;
}

type Integer = number | bigint | boolean;

/** What `pack` takes for each code. */
interface Packs {
  c: Uint8Array;
  b: Integer;
  B: Integer;
  "?": unknown;
  h: Integer;
  H: Integer;
  i: Integer;
  I: Integer;
  l: Integer;
  L: Integer;
  q: Integer;
  Q: Integer;
  n: Integer;
  N: Integer;
  P: Integer;
  e: Integer;
  f: Integer;
  d: Integer;
}

/** As many of a type as the digits say; any number of them where the compiler cannot count so far. */
type Repeated<T, Digits extends string> = Digits extends ""
  ? [T]
  : Digits extends `${infer Count extends number}`
    ? number extends Count
      ? T[]
      : Digits extends `${number}${number}${number}${string}`
        ? T[]
        : Tuple<T, Count>
    : T[];

type Tuple<T, Count extends number, Made extends T[] = []> = Made["length"] extends Count
  ? Made
  : Tuple<T, Count, [...Made, T]>;

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";

type Fields<
  Format extends string,
  Of,
  Bytes,
  Digits extends string = "",
> = Format extends `${infer First}${infer Rest}`
  ? First extends Digit
    ? Fields<Rest, Of, Bytes, `${Digits}${First}`>
    : First extends "s" | "p"
      ? [Bytes, ...Fields<Rest, Of, Bytes>]
      : First extends keyof Of
        ? [...Repeated<Of[First], Digits>, ...Fields<Rest, Of, Bytes>]
        : Fields<Rest, Of, Bytes>
  : [];

/** What `unpack` returns for a format: a tuple, or of a text that is not known, any values. */
export type Unpacked<Format extends string> = string extends Format
  ? readonly (number | bigint | boolean | Buffer)[]
  : Readonly<Fields<Format, Unpacks, Buffer>>;

/** What `pack` takes for a format. */
export type Packed<Format extends string> = string extends Format
  ? unknown[]
  : Fields<Format, Packs, Uint8Array>;
