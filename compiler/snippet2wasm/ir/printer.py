"""The IR as text, for people: `compile --emit ir`."""

from __future__ import annotations

from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    ApplyValue,
    Assign,
    Binary,
    Block,
    Break,
    Closure,
    ConfigValue,
    Constant,
    Constructor,
    Continue,
    Define,
    DefineFunction,
    Do,
    Evaluate,
    Expr,
    Function,
    GenericFor,
    Goto,
    HookCall,
    If,
    Index,
    Invoke,
    Label,
    LibraryValue,
    Load,
    Local,
    Logical,
    NumericFor,
    Record,
    Repeat,
    Return,
    Stmt,
    Store,
    Unary,
    Unit,
    Vararg,
    While,
)
from snippet2wasm.ir.numbers import number_text


def print_unit(unit: Unit) -> str:
    """The whole unit; every value with its type, every action with a mark where it may wait."""
    lines = [f"unit {unit.name}"]
    if unit.location is not None:
        lines.append(
            f"  location {unit.location.modifier} {unit.location.path}".replace("  location  ", "  location ")
        )
    for config in unit.config:
        secret = ", secret" if config.secret else ""
        lines.append(f"  config {config.key}: {config.type}{secret}  ; {config.lua_name}")
    for hook in unit.hooks:
        lines.append(f"  hook {hook.lua_name} = hooks.{hook.go_name}")
    for handler in unit.handlers:
        lines.append("")
        lines.append(f"handler {handler.phase.value} {handler.body.chunk}{_marks(handler.body)}")
        lines.extend(_block(handler.body.body, 1))
    for function in unit.functions:
        parameters = ", ".join(f"{item.name}: {item.type}" for item in function.parameters)
        results = ", ".join(str(result) for result in function.results) or "nothing"
        lines.append("")
        name = function.name or f"main chunk of {function.chunk}"
        lines.append(f"function {name}({parameters}) -> {results}{_marks(function)}")
        lines.extend(_block(function.body, 1))
    return "\n".join(lines) + "\n"


def print_expression(expr: Expr) -> str:
    """One expression."""
    return _expr(expr)


def _marks(function: Function) -> str:
    marks = [name for name, holds in (("suspends", function.suspends), ("exits", function.exits)) if holds]
    return f"  ; {', '.join(marks)}" if marks else ""


def _block(block: Block, depth: int) -> list[str]:
    lines: list[str] = []
    for statement in block.statements:
        lines.extend(_statement(statement, depth))
    return lines


def _statement(statement: Stmt, depth: int) -> list[str]:
    indent = "  " * depth
    place = f"  ; :{statement.span.outermost().line}"
    match statement:
        case Define(variables=variables, values=values):
            names = ", ".join(f"{variable.name}: {variable.type}" for variable in variables)
            tail = f" = {_list(values)}" if values else ""
            return [f"{indent}local {names}{tail}{place}"]
        case Assign(variables=variables, values=values):
            return [f"{indent}{', '.join(variable.name for variable in variables)} = {_list(values)}{place}"]
        case Evaluate(call=call):
            return [f"{indent}do {_expr(call)}{place}"]
        case Return(values=values):
            return [f"{indent}return {_list(values)}".rstrip() + place]
        case Do(body=body):
            return [f"{indent}block{place}", *_block(body, depth + 1)]
        case If(arms=arms, otherwise=otherwise):
            lines = []
            for index, (condition, body) in enumerate(arms):
                word = "if" if index == 0 else "elseif"
                lines.append(f"{indent}{word} {_expr(condition)}{place if index == 0 else ''}")
                lines.extend(_block(body, depth + 1))
            if otherwise is not None:
                lines += [f"{indent}else", *_block(otherwise, depth + 1)]
            return lines
        case Store(object=object_, key=key, value=value):
            return [f"{indent}{_expr(object_)}[{_expr(key)}] = {_expr(value)}{place}"]
        case DefineFunction(function=function):
            return [f"{indent}function {function.name}{place}"]
        case Break():
            return [f"{indent}break{place}"]
        case Continue():
            return [f"{indent}continue{place}"]
        case Label(name=name):
            return [f"{indent}::{name}::{place}"]
        case Goto(label=label):
            return [f"{indent}goto {label.name}{place}"]
        case _:
            return _loop(statement, depth)


def _loop(statement: Stmt, depth: int) -> list[str]:
    match statement:
        case While(condition=condition, body=body):
            head = f"while {_expr(condition)}"
        case Repeat(condition=condition, body=body):
            head = f"repeat until {_expr(condition)}"
        case NumericFor(variable=variable, start=start, stop=stop, step=step, body=body):
            bounds = [start, stop] if step is None else [start, stop, step]
            head = f"for {variable.name}: {variable.type} = {_list(bounds)}"
        case GenericFor(variables=variables, values=values, body=body, over=over):
            names = ", ".join(f"{variable.name}: {variable.type}" for variable in variables)
            head = f"for {names} in {over}({_list(values)})" if over else f"for {names} in {_list(values)}"
        case _:
            raise AssertionError(f"unknown statement {type(statement).__name__}")
    place = f"  ; :{statement.span.outermost().line}"
    return [f"{'  ' * depth}{head}{place}", *_block(body, depth + 1)]


def _list(exprs: list[Expr]) -> str:
    return ", ".join(_expr(expr) for expr in exprs)


def _expr(expr: Expr) -> str:
    match expr:
        case Constant(value=value, name=name):
            return name or _constant(value)
        case LibraryValue(entry=entry):
            return entry.name
        case Index(object=object_, key=key):
            return f"{_expr(object_)}[{_expr(key)}]"
        case Local(variable=variable):
            narrowed = f":{expr.type}" if expr.type != variable.type else ""
            return f"{variable.name}{narrowed}"
        case ConfigValue(config=config):
            return f"config.{config.key}"
        case Record(fields=fields):
            return "{" + ", ".join(f"{name} = {_expr(value)}" for name, value in fields.items()) + "}"
        case Action(entry=action, receiver=receiver, args=args):
            operands = ([receiver] if receiver is not None else []) + args
            wait = "~" if action.suspends else ""
            return f"{action.name}{wait}({_list(operands)})"
        case Invoke(receiver=receiver, method=method, args=args):
            return f"{_expr(receiver)}:{method}({_list(args)})"
        case Apply(function=function, args=args):
            return f"{function.name or f'main chunk of {function.chunk}'}({_list(args)})"
        case Load(name=name):
            return f'require "{name}"'
        case HookCall(hook=hook, args=args):
            return f"hook {hook.lua_name}({_list(args)})"
        case Unary(operator=operator, operand=operand):
            return f"({operator}{' ' if operator == 'not' else ''}{_expr(operand)})"
        case (
            Binary(operator=operator, left=left, right=right)
            | Logical(operator=operator, left=left, right=right)
        ):
            return f"({_expr(left)} {operator} {_expr(right)})"
        case _:
            return _dynamic(expr)


def _dynamic(expr: Expr) -> str:
    match expr:
        case Constructor(fields=entries):
            shown = [
                _expr(value) if key is None else f"[{_expr(key)}] = {_expr(value)}" for key, value in entries
            ]
            return "{" + ", ".join(shown) + "}"
        case Closure(function=function):
            return f"function {function.name or 'at line'} {function.span.outermost().line}"
        case Vararg():
            return "..."
        case ApplyValue(callee=callee, args=args):
            return f"{_expr(callee)}({_list(args)})"
        case _:
            raise AssertionError(f"unknown expression {type(expr).__name__}")


def _constant(value: bool | float | bytes | None) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return '"' + value.decode("latin-1").encode("unicode_escape").decode().replace('"', '\\"') + '"'
    return number_text(value)
