/** Aligns the lines of a TypeScript program with those of the same program in Python. */
import { lines_of, logical_lines, words_of } from "./tokens.ts";
import type { LogicalLine } from "./tokens.ts";

/** The numbers of two lines that say the same, from 1; null if one language has no such line. */
export interface Pair {
  readonly typescript: number | null;
  readonly python: number | null;
}

/** The likeness from which on two lines are the same statement. */
const ENOUGH = 0.35;

/** The likeness of blank lines, which prevents no other pair. */
const BLANK = 0.001;

/** Words that many lines have, and that weigh less. */
const common_words = new Set(["self", "==", "!=", "not", "and", "or", "len", "0", "<", ">", "="]);

/** Statements that are paired by their keyword alone. */
const paired_by_keyword = new Set([
  "else",
  "try",
  "except",
  "finally",
  "break",
  "continue",
  "pass",
]);

/**
 * Pairs the lines of both in order, so that they have the most in common; each line is in exactly one
 * pair. As this uses no parser, it also pairs texts with errors, and incomplete ones.
 */
export function align(typescript: string, python: string): readonly Pair[] {
  const left = logical_lines(typescript, "typescript");
  const right = logical_lines(python, "python");
  const text = { typescript: lines_of(typescript), python: lines_of(python) };
  return best_order(left, right, likeness, ({ kind }) => kind !== "blank").flatMap(([one, other]) =>
    inside(one, other, text),
  );
}

type Likeness<T> = (one: T, other: T) => number;

/**
 * The pairs, in order, with the largest sum of likenesses, and the unpaired items between them. Where
 * an item of either side could come next, the right one does if it `goes_first`.
 */
function best_order<T>(
  left: readonly T[],
  right: readonly T[],
  like: Likeness<T>,
  goes_first: (other: T) => boolean,
): readonly (readonly [T | null, T | null])[] {
  const width = right.length + 1;
  // best[i * width + j] is the largest sum from left[i] and right[j] on.
  const best = new Float64Array((left.length + 1) * width);
  const likes = new Float64Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const at = i * width + j;
      likes[at] = like(left[i], right[j]);
      const paired = likes[at] > 0 ? likes[at] + best[at + width + 1] : 0;
      best[at] = Math.max(paired, best[at + 1], best[at + width]);
    }
  }
  const result: (readonly [T | null, T | null])[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const at = i * width + j;
    const is_inside = i < left.length && j < right.length;
    const is_pair = is_inside && likes[at] > 0 && best[at] === likes[at] + best[at + width + 1];
    // Whether the largest sum can do without the next item of a side.
    const may_left = i < left.length && (!is_inside || best[at] === best[at + width]);
    const may_right = j < right.length && (!is_inside || best[at] === best[at + 1]);
    if (is_pair) {
      result.push([left[i++], right[j++]]);
    } else if (may_left && !(may_right && goes_first(right[j]))) {
      result.push([left[i++], null]);
    } else {
      result.push([null, right[j++]]);
    }
  }
  return result;
}

function likeness(one: LogicalLine, other: LogicalLine): number {
  if (one.kind !== other.kind || one.kind === "braces") return 0;
  if (one.kind === "blank") return BLANK;
  // A method's comment is before it in TypeScript and inside it in Python, so the method weighs more.
  if (one.kind !== "code") return enough(shared(one.words, other.words)) / 2;
  if (one.head !== other.head) return 0;
  if (paired_by_keyword.has(one.head)) return 0.5 + shared(one.words, other.words) / 2;
  // Functions are paired by name, as only TypeScript has types.
  if (one.head === "def") return one.words[1] === other.words[1] ? 1 : 0;
  return enough(shared(one.words, other.words));
}

function enough(part: number): number {
  return part >= ENOUGH ? part : 0;
}

/** How much two lists of words have in common, from 0 to 1; repeated words count. */
function shared(one: readonly string[], other: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of one) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of other) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    common += weight(word);
    left.set(word, count - 1);
  }
  const all = [...one, ...other].reduce((sum, word) => sum + weight(word), 0);
  return all === 0 ? 0 : (2 * common) / all;
}

function weight(word: string): number {
  return common_words.has(word) ? 0.3 : 1;
}

/** Pairs the lines of a statement with those of its twin: first with first, last with last. */
function inside(
  typescript: LogicalLine | null,
  python: LogicalLine | null,
  text: Readonly<Record<"typescript" | "python", readonly string[]>>,
): readonly Pair[] {
  const left = numbers(typescript);
  const right = numbers(python);
  if (typescript === null || python === null) {
    return [
      ...left.map((line) => ({ typescript: line, python: null })),
      ...right.map((line) => ({ typescript: null, python: line })),
    ];
  }
  const like: Likeness<number> = (one, other) => {
    const ends_both = one === typescript.last && other === python.last;
    const begins_both = one === typescript.first && other === python.first;
    if (typescript.kind === "code" && begins_both) return 10;
    if (typescript.kind === "code" && (one === typescript.first || other === python.first))
      return 0;
    const words = [words_of(text.typescript[one - 1]), words_of(text.python[other - 1])] as const;
    if (words[0].length === 0 && words[1].length === 0) return ends_both ? 0.5 : BLANK;
    return enough(shared(...words));
  };
  return best_order(left, right, like, () => false).map(([one, other]) => ({
    typescript: one,
    python: other,
  }));
}

function numbers(line: LogicalLine | null): number[] {
  if (line === null) return [];
  return Array.from({ length: line.last - line.first + 1 }, (_, index) => line.first + index);
}
