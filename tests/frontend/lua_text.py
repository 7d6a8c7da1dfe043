"""Writes a tree back as Lua: every operator in parentheses, every string in decimal escapes."""

from __future__ import annotations

from snippet2wasm.frontend import lua_ast as ast


def chunk(tree: ast.Chunk) -> bytes:
    """The text of a whole chunk; has the same bytecode as the text that the tree was read from."""
    return _block(tree.body).encode("utf-8", "surrogateescape")


def _block(block: ast.Block) -> str:
    return "".join(_statement(statement) + "\n" for statement in block.statements)


def _statement(node: ast.Statement) -> str:
    match node:
        case ast.Local(names, values):
            return f"local {_list(names)}" + (f" = {_list(values)}" if values else "")
        case ast.Assign(targets, values):
            return f"{_list(targets)} = {_list(values)}"
        case ast.CallStatement(call):
            return _expression(call)
        case ast.Do(body):
            return f"do\n{_block(body)}end"
        case ast.While(condition, body):
            return f"while {_expression(condition)} do\n{_block(body)}end"
        case ast.Repeat(body, condition):
            return f"repeat\n{_block(body)}until {_expression(condition)}"
        case ast.If(clauses, otherwise):
            text = "else".join(
                f"if {_expression(clause.condition)} then\n{_block(clause.body)}" for clause in clauses
            )
            return text + (f"else\n{_block(otherwise)}" if otherwise is not None else "") + "end"
        case ast.NumericFor(variable, start, stop, step, body):
            values = (start, stop) if step is None else (start, stop, step)
            return f"for {variable.name} = {_list(values)} do\n{_block(body)}end"
        case ast.GenericFor(variables, values, body):
            return f"for {_list(variables)} in {_list(values)} do\n{_block(body)}end"
        case ast.FunctionStatement(target, function, is_method):
            name = _expression(target) if not is_method else _method_name(target)
            return f"function {name}{_body(function, skip=1 if is_method else 0)}"
        case ast.LocalFunction(name, function):
            return f"local function {name.name}{_body(function)}"
        case ast.Return(values):
            return f"return {_list(values)}".rstrip()
        case ast.Break():
            return "break"
        case ast.Goto(label):
            return f"goto {label}"
        case ast.Label(label):
            return f"::{label}::"
    raise AssertionError(node)


def _method_name(target: ast.Name | ast.Index) -> str:
    assert isinstance(target, ast.Index)
    assert isinstance(target.key, ast.String)
    return f"{_expression(target.object)}:{_word(target.key)}"


def _word(string: ast.String) -> str:
    return string.value.decode("utf-8", "surrogateescape")


def _body(function: ast.Function, skip: int = 0) -> str:
    names = [name.name for name in function.parameters[skip:]] + ["..."] * function.is_vararg
    return f"({', '.join(names)})\n{_block(function.body)}end"


def _list(nodes: tuple[ast.Expression, ...]) -> str:
    return ", ".join([_expression(node) for node in nodes])


def _expression(node: ast.Expression) -> str:
    match node:
        case ast.Nil():
            return "nil"
        case ast.Boolean(value):
            return "true" if value else "false"
        case ast.Number(value):
            return "1e999" if value == float("inf") else repr(value)
        case ast.String(value):
            return '"' + "".join(f"\\{byte:03d}" for byte in value) + '"'
        case ast.Vararg():
            return "..."
        case ast.Name(name):
            return name
        case ast.Index(value, key, dotted):
            assert not dotted or isinstance(key, ast.String)
            suffix = f".{_word(key)}" if isinstance(key, ast.String) and dotted else f"[{_expression(key)}]"
            return _prefix(value) + suffix
        case ast.Call(function, arguments):
            return f"{_prefix(function)}({_list(arguments)})"
        case ast.MethodCall(value, method, arguments):
            return f"{_prefix(value)}:{_word(method)}({_list(arguments)})"
        case ast.Parenthesized(expression):
            return f"({_expression(expression)})"
        case ast.Function():
            return f"function{_body(node)}"
        case ast.Table(fields):
            return "{" + ", ".join([_field(field) for field in fields]) + "}"
        case ast.Unary(operator, operand):
            return f"({operator.value} {_expression(operand)})"
        case ast.Binary(operator, left, right) | ast.Logical(operator, left, right):
            return f"({_expression(left)} {operator.value} {_expression(right)})"
    raise AssertionError(node)


def _prefix(node: ast.Expression) -> str:
    """A node in front of an index or a call."""
    bare = ast.Name | ast.Index | ast.Call | ast.MethodCall | ast.Parenthesized | ast.Unary
    text = _expression(node)
    if isinstance(node, bare | ast.Binary | ast.Logical):
        return text
    return f"({text})"


def _field(field: ast.Field) -> str:
    if field.key is None:
        return _expression(field.value)
    if field.bracketed:
        return f"[{_expression(field.key)}] = {_expression(field.value)}"
    assert isinstance(field.key, ast.String)
    return f"{_word(field.key)} = {_expression(field.value)}"
