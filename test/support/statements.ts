/**
 * The statements of a program in TypeScript and of one in Python, in the same words. What must be
 * otherwise in another language is said here, rule by rule: `Reader` has them all.
 */
import { parseSync } from "oxc-parser";
import type { Node, Program, Statement as Syntax } from "oxc-parser";

import { python } from "./python.ts";

/** A statement, or the `else`, `except` or `finally` of one; what it does is in `says`, as Python would say it. */
export interface Statement {
  readonly says: string;
  /** Counted from 1; null for what Python's syntax tree has no place for: "else", "finally". */
  readonly line: number | null;
  /** Where it stands in the text: lines in Python, characters in TypeScript. */
  readonly span: readonly [begin: number, end: number];
  readonly body: readonly Statement[];
}

/** Docstrings are comments, and imports are compared by themselves. */
const read_python = `
import ast

def name_of(node):
    if isinstance(node, ast.Attribute): return name_of(node.value) + "." + node.attr
    if isinstance(node, ast.Tuple): return ", ".join(map(name_of, node.elts))
    return node.id

def says(node):
    kind = type(node).__name__
    if kind == "Assign": return name_of(node.targets[0]) + " ="
    if kind == "AugAssign": return name_of(node.target) + " +="
    if kind == "Expr": return name_of(node.value.func) + "()"
    if kind == "For": return "for " + name_of(node.target)
    if kind == "With":
        item = node.items[0]
        return "with " + name_of(item.optional_vars or item.context_expr)
    if kind == "FunctionDef":
        args = [arg.arg for arg in node.args.args + node.args.kwonlyargs if arg.arg != "self"]
        return "def " + node.name + "(" + ", ".join(args) + ")"
    if kind == "ClassDef": return "class " + node.name
    if kind == "Raise": return "raise " + name_of(node.exc.func)
    if kind == "ExceptHandler": return "except " + name_of(node.type) + (" as " + node.name if node.name else "")
    return kind.lower()

def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

def part(word, nodes):
    return [dict(says=word, line=None, span=None, body=statements(nodes))] if nodes else []

def statements(nodes):
    result = []
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)) or is_docstring(node): continue
        body = statements(node.body) if hasattr(node, "body") else []
        span = [node.lineno, node.end_lineno]
        result.append(dict(says=says(node), line=node.lineno, span=span, body=body))
        result += statements(getattr(node, "handlers", []))
        result += part("else", getattr(node, "orelse", []))
        result += part("finally", getattr(node, "finalbody", []))
    return result

def read(text):
    try:
        return statements(ast.parse(text).body)
    except SyntaxError:
        return None

answers = [read(text) for text in questions]
`;

/** The statements of each text; null for one that is no Python. */
export function in_python(texts: readonly string[]): (Statement[] | null)[] {
  return python(read_python, texts) as (Statement[] | null)[];
}

/** Names that differ: `using` takes no pattern, so the connection has another name for one line. */
const other_names = new Map([["accepted", "conn"]]);

/** The statements of a text; an error for a statement that no rule knows. */
export function in_typescript(text: string): Statement[] {
  return new Reader(text).statements(parse(text).body);
}

function parse(text: string): Program {
  const { program, errors } = parseSync("program.ts", text);
  if (errors.length > 0) throw new Error(errors[0].message);
  return program;
}

/** Reads TypeScript's syntax tree as Python's. */
class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  statements(nodes: readonly Syntax[]): Statement[] {
    const result: Statement[] = [];
    for (const [index, node] of nodes.entries()) {
      const rest = nodes.slice(index + 1);
      // What stands after `using` stands inside `with`.
      if (node.type === "VariableDeclaration" && node.kind === "using") {
        const says = `with ${this.#name(node.declarations[0].id)}`;
        return [...result, this.#statement(node, says, this.statements(rest))];
      }
      // A catch that returns what it was for, and throws the rest: what comes after it is `else`.
      const passed = node.type === "TryStatement" ? this.#passed(node) : null;
      if (passed !== null) {
        return [...result, ...passed, this.#part("else", this.statements(rest))];
      }
      result.push(...this.#read(node));
    }
    return result;
  }

  #read(node: Syntax): Statement[] {
    switch (node.type) {
      // A block around `using` is there for it alone.
      case "BlockStatement":
        return this.statements(node.body);
      // Imports are compared by themselves; types and declarations say nothing that happens.
      case "ImportDeclaration":
      case "TSTypeAliasDeclaration":
        return [];
      case "ExportNamedDeclaration":
        return node.declaration === null ? [] : this.#read(node.declaration);
      case "VariableDeclaration": {
        const [{ id, init }] = node.declarations;
        // `let x;` before a block, and `const x = this.x as T`, which gives a type to what is there.
        if (init === null || this.#is_cast_of(id.type === "Identifier" ? id.name : "", init))
          return [];
        return [this.#statement(node, `${this.#name(id)} =`)];
      }
      case "ExpressionStatement":
        return [this.#statement(node, this.#effect(node.expression))];
      case "IfStatement":
        return this.#if(node);
      case "WhileStatement":
        return [this.#statement(node, "while", this.#body(node.body))];
      case "ForOfStatement":
      case "ForStatement": {
        const declaration = node.type === "ForStatement" ? node.init : node.left;
        if (declaration?.type !== "VariableDeclaration") throw this.#unknown(node);
        const says = `for ${this.#name(declaration.declarations[0].id)}`;
        return [this.#statement(node, says, this.#body(node.body))];
      }
      case "TryStatement":
        return this.#try(node);
      case "FunctionDeclaration":
        return [this.#function(node, node.id!.name, node)];
      case "ClassDeclaration": {
        // Fields are declared; Python's come into being where they are first set.
        const methods = node.body.body.flatMap((member) => {
          if (member.type !== "MethodDefinition") return [];
          const name = this.#name(member.key).replace(/^constructor$/, "__init__");
          return [this.#function(member, name, member.value)];
        });
        return [this.#statement(node, `class ${node.id!.name}`, methods)];
      }
      case "ReturnStatement":
        return [this.#statement(node, "return")];
      case "BreakStatement":
        return [this.#statement(node, "break")];
      case "ThrowStatement":
        if (node.argument.type !== "NewExpression") throw this.#unknown(node);
        return [this.#statement(node, `raise ${this.#name(node.argument.callee)}`)];
      default:
        throw this.#unknown(node);
    }
  }

  #if(node: Extract<Syntax, { type: "IfStatement" }>): Statement[] {
    // What Python raises by itself: only TypeScript has to ask for it.
    const raises = /^(?:\{\s*)?throw new TypeError\("/.test(this.#source(node.consequent));
    if (raises && node.alternate === null) return [];
    const result = [this.#statement(node, "if", this.#body(node.consequent))];
    if (node.alternate !== null) result.push(this.#part("else", this.#body(node.alternate)));
    return result;
  }

  #try(node: Extract<Syntax, { type: "TryStatement" }>): Statement[] {
    const result = [this.#statement(node, "try", this.statements(node.block.body))];
    if (node.handler !== null) {
      const [first, ...rest] = node.handler.body.body;
      const source = this.#source(first);
      // `except X` is a catch that lets pass what is no X; `except Exception`, one that lets Ctrl-C pass.
      const only = /^if \(!\(\w+ instanceof (\w+)\)\) throw \w+;$/.exec(source);
      const but = /^if \(\w+ instanceof KeyboardInterrupt\) throw \w+;$/.test(source);
      const body = this.statements(only !== null || but ? rest : node.handler.body.body);
      // Only an error that is printed has a name in Python.
      const name = this.#name(node.handler.param!);
      const says = `except ${only?.[1] ?? "Exception"}${name === "e" ? " as e" : ""}`;
      result.push(this.#statement(node.handler, says, body));
    }
    if (node.finalizer !== null) {
      result.push(this.#part("finally", this.statements(node.finalizer.body)));
    }
    return result;
  }

  /** `catch (error) { if (error instanceof X) return; throw error; }` is `except X: pass`. */
  #passed(node: Extract<Syntax, { type: "TryStatement" }>): Statement[] | null {
    const [first, second, ...rest] = node.handler?.body.body ?? [];
    if (second === undefined || rest.length > 0 || this.#source(second) !== "throw error;")
      return null;
    const type = /^if \(error instanceof (\w+)\) return;$/.exec(this.#source(first))?.[1];
    if (type === undefined) return null;
    return [
      this.#statement(node, "try", this.statements(node.block.body)),
      this.#statement(node.handler!, `except ${type}`, [this.#statement(first, "pass")]),
    ];
  }

  #function(
    node: Node,
    name: string,
    value: {
      readonly params: readonly Node[];
      readonly body: { readonly body: readonly Syntax[] } | null;
    },
  ): Statement {
    const params = value.params.map((param) => this.#name(param)).join(", ");
    return this.#statement(node, `def ${name}(${params})`, this.statements(value.body!.body));
  }

  /** An assignment or a call. `x = Buffer.concat([x, ...])` is `x += ...`: bytes are not added here. */
  #effect(node: Node): string {
    if (node.type === "CallExpression") return `${this.#name(node.callee)}()`;
    if (node.type !== "AssignmentExpression") throw this.#unknown(node);
    const concat = this.#source(node.right).startsWith(
      `Buffer.concat([${this.#source(node.left)}, `,
    );
    return `${this.#name(node.left)} ${concat ? "+=" : node.operator}`;
  }

  #is_cast_of(name: string, node: Node): boolean {
    return node.type === "TSAsExpression" && this.#source(node.expression) === `this.${name}`;
  }

  #name(node: Node): string {
    switch (node.type) {
      case "Identifier":
        return other_names.get(node.name) ?? node.name;
      case "ThisExpression":
        return "self";
      case "MemberExpression":
        return `${this.#name(node.object)}.${this.#name(node.property)}`;
      case "ArrayPattern":
        return node.elements.map((element) => this.#name(element!)).join(", ");
      // What Python takes by keyword only.
      case "ObjectPattern":
        return node.properties
          .map((property) => this.#name(property.type === "Property" ? property.key : property))
          .join(", ");
      default:
        throw this.#unknown(node);
    }
  }

  #body(node: Syntax): Statement[] {
    return this.statements([node]);
  }

  #statement(node: Node, says: string, body: readonly Statement[] = []): Statement {
    return { says, line: line_at(this.#text, node.start), span: [node.start, node.end], body };
  }

  #part(says: string, body: readonly Statement[]): Statement {
    return { says, line: null, span: [0, 0], body };
  }

  #source(node: Node | undefined): string {
    return node === undefined ? "" : this.#text.slice(node.start, node.end);
  }

  #unknown(node: Node): Error {
    return new Error(`no rule says what this is in Python: ${this.#source(node)}`);
  }
}

function line_at(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** A statement, and how deep it stands. */
export interface Flat extends Statement {
  readonly depth: number;
}

/** All of them, one after the other as they stand in the text. */
export function flat(statements: readonly Statement[], depth: number = 0): Flat[] {
  return statements.flatMap((each) => [{ ...each, depth }, ...flat(each.body, depth + 1)]);
}

/** The statements as a text in which depth is to be seen. */
export function outline(statements: readonly Statement[]): string {
  return flat(statements)
    .map(({ says, depth }) => `${"  ".repeat(depth)}${says}`)
    .join("\n");
}
