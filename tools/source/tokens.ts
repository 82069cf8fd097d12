/** Lexes TypeScript and Python as far as comparing their lines needs it; no parser. */

export type Language = "typescript" | "python";

/** A line, or the lines of one statement, literal or comment. */
export interface LogicalLine {
  /** Its first line, counted from 1. */
  readonly first: number;
  readonly last: number;
  readonly kind: "code" | "comment" | "doc" | "blank" | "braces";
  /** Its words in Python's spelling, with those inside strings and comments. */
  readonly words: readonly string[];
  /** The keyword with which the statement begins in Python: "if", "def", "" for an expression. */
  readonly head: string;
}

interface Token {
  readonly line: number;
  readonly last: number;
  readonly kind: "word" | "string" | "comment" | "doc" | "mark";
  readonly text: string;
}

const lexers: Readonly<Record<Language, RegExp>> = {
  python:
    /(?<comment>#.*)|(?<string>[bfrBFR]{0,2}(?:"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))|(?<word>[\p{L}_$][\p{L}\d_$]*|\d[\w.]*)|(?<mark>[=!<>]=|[^\s])/gu,
  typescript:
    /(?<comment>\/\/.*|\/\*[^]*?\*\/)|(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|\$\{(?:[^`{}]|`[^`]*`|\{[^{}]*\})*\}|[^`\\])*`)|(?<word>[\p{L}_$#][\p{L}\d_$]*|\d[\w.]*)|(?<mark>[=!]==?|=>|&&|\|\||\?\?|[^\s])/gu,
};

/** Python's spelling of TypeScript's words; "" for words that Python lacks. */
const spellings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    this: "self",
    null: "None",
    undefined: "None",
    true: "True",
    false: "False",
    throw: "raise",
    catch: "except",
    using: "with",
    constructor: "__init__",
    length: "len",
    size: "len",
    shift: "pop",
    has: "in",
    of: "in",
    instanceof: "isinstance",
    "===": "==",
    "!==": "!=",
    "&&": "and",
    "||": "or",
    "??": "or",
    "!": "not",
    const: "",
    let: "",
    new: "",
    function: "",
    export: "",
    async: "",
    str: "",
    as: "",
  }),
);

const heads = new Set(
  "if elif else while for try except finally def class with return raise break continue pass import".split(
    " ",
  ),
);

/** A function or a method with a block. */
const definition = /^(?:(?:export|default|async|static|function) )*(\w+) (?:<.*> )?\(.*(?<!=> )\{$/;

const openers = "([{";
const closers = ")]}";

/** After one of these, a brace begins a literal, a pattern or a type, otherwise a block. */
const before_literal = new Set(
  "= ( [ , : ? | & < ?? || && return import export type const let using throw".split(" "),
);

/** The lines of a text; no line follows the last line break. */
export function lines_of(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

export function logical_lines(text: string, language: Language): LogicalLine[] {
  const count = lines_of(text).length;
  const all = tokens(text, language);
  let next = 0;
  const result: LogicalLine[] = [];
  // Whether each open bracket begins a block, in which each line is logical by itself.
  const open: boolean[] = [];
  let before = "";
  for (let line = 1; line <= count; line++) {
    const first = line;
    const found: Token[] = [];
    do {
      for (; next < all.length && all[next].line <= line; next++) {
        const token = all[next];
        found.push(token);
        line = Math.max(line, token.last);
        if (token.kind === "comment" || token.kind === "doc") continue;
        if (token.kind === "mark" && openers.includes(token.text)) {
          open.push(language === "typescript" && token.text === "{" && !before_literal.has(before));
        }
        if (token.kind === "mark" && closers.includes(token.text)) open.pop();
        before = token.text;
      }
    } while (open.at(-1) === false && line++ < count);
    result.push(logical_line(first, Math.min(line, count), found, language));
  }
  return result;
}

function tokens(text: string, language: Language): Token[] {
  const found: Token[] = [];
  let line = 1;
  let counted = 0;
  for (const match of text.matchAll(lexers[language])) {
    line += breaks(text.slice(counted, match.index));
    counted = match.index;
    const groups = match.groups!;
    const kind = (["comment", "string", "word", "mark"] as const).find(
      (name) => groups[name] !== undefined,
    )!;
    const is_doc = /^(?:\/\*|[rR]?("""|'''))/.test(match[0]);
    found.push({
      line,
      last: line + breaks(match[0]),
      kind: is_doc ? "doc" : kind,
      text: match[0],
    });
  }
  return found;
}

function breaks(text: string): number {
  return text.split("\n").length - 1;
}

function logical_line(
  first: number,
  last: number,
  found: readonly Token[],
  language: Language,
): LogicalLine {
  const code = found.filter(({ kind }) => kind !== "comment" && kind !== "doc");
  if (found.length === 0) return { first, last, kind: "blank", words: [], head: "" };
  if (code.length === 0) {
    const kind = found[0].kind === "doc" ? "doc" : "comment";
    return { first, last, kind, words: found.flatMap(({ text }) => words_of(text)), head: "" };
  }
  const words = code.flatMap((token) => words_in(token, language)).filter((word) => word !== "");
  const kind = code.every(({ text }) => /^[(){}[\];,]$/.test(text)) ? "braces" : "code";
  return { first, last, kind, ...headed(words, code, language) };
}

/** The words, and the keyword with which Python would begin. */
function headed(
  words: string[],
  code: readonly Token[],
  language: Language,
): { readonly words: string[]; readonly head: string } {
  const source = code.map(({ text }) => text).join(" ");
  if (language === "typescript") {
    // Python names what it catches in the except clause, TypeScript inside the catch block.
    if (/^if \( (\w+) instanceof \w+ \) return ;$/.test(source)) return { words, head: "pass" };
    if (/^if \( .* \) throw \w+ ;$/.test(source)) return { words, head: "rethrow" };
    if (/^let [\w ,]+(?: : [^=]*)?;$/.test(source)) return { words, head: "declaration" };
    if (/^(?:export |declare )*(?:type|interface) /.test(source)) return { words, head: "type" };
    if (source.startsWith("} else if ")) {
      return { words: ["elif", ...words.slice(2)], head: "elif" };
    }
    const name = definition.exec(source)?.[1];
    const spelling = spellings.get(name ?? "") ?? name;
    if (spelling !== undefined && !heads.has(spelling)) {
      return { words: ["def", spelling], head: "def" };
    }
  }
  const head = heads.has(words[0]) ? words[0] : words[0] === "from" ? "import" : "";
  return { words, head };
}

function words_in({ kind, text }: Token, language: Language): string[] {
  if (kind === "string") {
    const is_bytes = /^(?:b|rb|br)["']/i.test(text);
    return is_bytes ? ["b", ...words_of(text.replace(/^\w+/, ""))] : words_of(text, language);
  }
  if (kind === "mark" && !/^(?:[=!<>]==?|&&|\|\||\?\?|!)$/.test(text)) return [];
  const spelling = language === "typescript" ? spellings.get(text) : undefined;
  return [spelling ?? (text === "str" || text === "as" ? "" : text)];
}

/** The words of a text. In a formatted string, expressions are code, and `!r` is a call of repr. */
export function words_of(text: string, language?: Language): string[] {
  const is_format = language === "python" ? /^[rR]?[fF]/.test(text) : text.startsWith("`");
  const plain = is_format ? text.replace(/^\w+/, "").replaceAll(/!r\}/g, " repr}") : text;
  const found = plain.match(/[\p{L}\d_]+|\p{Extended_Pictographic}/gu) ?? [];
  if (!is_format) return found;
  return found.map((word) => (language === "typescript" ? (spellings.get(word) ?? word) : word));
}
