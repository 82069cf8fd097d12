"""Python statements as JavaScript, as far as the programs of this folder need it.

What the languages do not share (calls with keywords, classes without `new`, slices, `in`) becomes a
call of a function of runtime.ts, whose names end in an underscore.
"""

import ast
import json


def statement(node: ast.stmt) -> str:
    """One statement; the value of an expression is returned."""
    match node:
        case ast.Expr(value):
            return f"return {expression(value)};"
        case ast.Assign([target], value):
            return f"{assignment(target, expression(value))};"
        case ast.With([ast.withitem(context, target)], body):
            bound = "const it_ = " if target is None else f"const it_ = names_.{target.id} = "
            return f"{bound}{expression(context)}; try {{ {block(body)} }} finally {{ exit_(it_); }}"
        case ast.For(target, values, body, []):
            each = assignment(target, "item_")
            return f"for (const item_ of iter_({expression(values)})) {{ {each}; {block(body)} }}"
        case ast.Delete([ast.Name(name)]):
            return f"delete names_.{name};"
    raise NotImplementedError(ast.dump(node))


def block(nodes: list[ast.stmt]) -> str:
    """Statements inside of another, whose values nobody asks for."""
    return " ".join(statement(node).removeprefix("return ") for node in nodes)


def assignment(target: ast.expr, value: str) -> str:
    match target:
        case ast.Name(name):
            return f"names_.{name} = {value}"
        case ast.Tuple(targets):
            return f"[{', '.join(f'names_.{one.id}' for one in targets)}] = iter_({value})"
        case ast.Attribute(owner, name):
            return f"{expression(owner)}.{name} = {value}"
    raise NotImplementedError(ast.dump(target))


BINARY = {
    ast.Add: "add_", ast.Mult: "multiply_", ast.Sub: "subtract_", ast.Pow: "power_",
    ast.BitOr: "or_", ast.BitAnd: "and_",
}
COMPARISON = {
    ast.Eq: "equal_({}, {})", ast.NotEq: "!equal_({}, {})", ast.Is: "{} === {}",
    ast.IsNot: "{} !== {}", ast.In: "in_({}, {})", ast.NotIn: "!in_({}, {})",
    ast.Lt: "{} < {}", ast.LtE: "{} <= {}", ast.Gt: "{} > {}", ast.GtE: "{} >= {}",
}


def expression(node: ast.expr) -> str:
    match node:
        case ast.Constant(value):
            return constant(value)
        case ast.Name(name):
            return name
        case ast.Attribute(owner, name):
            return f"attribute_({expression(owner)}, '{name}')"
        case ast.Call(ast.Name("in_thread"), [ast.Constant(source)]):
            # Another thread has no names of this one: it gets the program's text.
            return f"in_thread({json.dumps(statement(ast.parse(source).body[0]))})"
        case ast.Call(ast.Attribute(owner, name), arguments, keywords):
            return f"method_({expression(owner)}, '{name}', {parts(arguments, keywords)})"
        case ast.Call(function, arguments, keywords):
            return f"call_({expression(function)}, {parts(arguments, keywords)})"
        case ast.Tuple(items):
            return f"tuple([{listed(items)}])"
        case ast.List(items):
            return f"[{listed(items)}]"
        case ast.Dict(keys, values):
            pairs = (f"[{expression(k)}, {expression(v)}]" for k, v in zip(keys, values))
            return f"new Map([{', '.join(pairs)}])"
        case ast.Subscript(owner, ast.Slice(lower, upper, None)):
            ends = ", ".join("undefined" if end is None else expression(end) for end in (lower, upper))
            return f"slice_({expression(owner)}, {ends})"
        case ast.Subscript(owner, index):
            return f"item_of_({expression(owner)}, {expression(index)})"
        case ast.BinOp(left, operator, right):
            return f"{BINARY[type(operator)]}({expression(left)}, {expression(right)})"
        case ast.UnaryOp(ast.Not(), operand):
            return f"!bool({expression(operand)})"
        case ast.UnaryOp(operator, operand):
            sign = {ast.USub: "-", ast.Invert: "~"}[type(operator)]
            return f"({sign}{expression(operand)})"
        case ast.Compare(left, [operator], [right]):
            return f"({COMPARISON[type(operator)].format(expression(left), expression(right))})"
        case ast.Lambda(ast.arguments(args=arguments), body):
            return f"(({', '.join(one.arg for one in arguments)}) => {expression(body)})"
        case ast.ListComp(element, [ast.comprehension(ast.Name(name), values, [], 0)]):
            return f"Array.from(iter_({expression(values)}), ({name}) => {expression(element)})"
        case ast.ListComp(element, [ast.comprehension(ast.Tuple(names), values, [], 0)]):
            bound = ", ".join(one.id for one in names)
            return f"Array.from(iter_({expression(values)}), ([{bound}]) => {expression(element)})"
    raise NotImplementedError(ast.dump(node))


def constant(value: object) -> str:
    if isinstance(value, bytes):
        return f"Buffer.from({json.dumps(value.decode('latin1'))}, 'latin1')"
    if isinstance(value, int) and abs(value) > 2**53:
        return f"{value}n"
    return json.dumps(value)


def listed(nodes: list[ast.expr]) -> str:
    return ", ".join(expression(node) for node in nodes)


def parts(arguments: list[ast.expr], keywords: list[ast.keyword]) -> str:
    """The arguments of a call: a list, and an object of those that have a name."""
    named = ", ".join(f"{one.arg}: {expression(one.value)}" for one in keywords)
    return f"[{listed(arguments)}], {{{named}}}"
