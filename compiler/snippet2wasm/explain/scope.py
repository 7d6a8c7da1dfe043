"""Finding one's way in the IR whatever node kinds it has: blocks, expressions and functions inside a node.

Explaining must not fail for a kind of node that it has no words for, so this module looks at the fields of
the nodes' dataclasses instead of naming the kinds.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator

from snippet2wasm.ir.nodes import (
    Apply,
    Block,
    Call,
    Constant,
    Define,
    Expr,
    Function,
    Stmt,
    Unit,
    Variable,
    spreads,
)


def parts(node: object) -> Iterator[object]:
    """The statements' blocks, expressions and functions that a node holds itself, in the order of its
    fields.
    """
    names: Iterable[str] = getattr(node, "__dataclass_fields__", ())  # fields() takes its time
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Block | Expr | Function):
            yield value
        elif isinstance(value, list | tuple | dict):
            yield from _parts(value)


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, Block | Expr | Function):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _parts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _parts(key)
            yield from _parts(item)


def blocks(statement: Stmt) -> list[Block]:
    """The blocks inside a statement."""
    return [part for part in parts(statement) if isinstance(part, Block)]


def expressions(statement: Stmt) -> list[Expr]:
    """The expressions that a statement holds itself."""
    return [part for part in parts(statement) if isinstance(part, Expr)]


def statements(block: Block) -> Iterator[Stmt]:
    """Every statement of a block and of the blocks inside it, in source order."""
    for statement in block.statements:
        yield statement
        for inner in blocks(statement):
            yield from statements(inner)


def subexpressions(expr: Expr) -> Iterator[Expr]:
    """An expression and all inside it."""
    yield expr
    for part in parts(expr):
        if isinstance(part, Expr):
            yield from subexpressions(part)


def all_expressions(block: Block) -> Iterator[Expr]:
    """Every expression of a block and of the blocks inside it."""
    for statement in statements(block):
        for expr in expressions(statement):
            yield from subexpressions(expr)


def functions(unit: Unit) -> list[Function]:
    """Every function that the handlers can reach: the unit's own, in its order, then those inside
    expressions.
    """
    handlers = {handler.body for handler in unit.handlers}
    found = dict.fromkeys(unit.functions)
    pending = deque([*(handler.body for handler in unit.handlers), *found])
    while pending:
        function = pending.popleft()
        for holder in (*statements(function.body), *all_expressions(function.body)):
            for part in parts(holder):
                if isinstance(part, Function) and part not in found and part not in handlers:
                    found[part] = None
                    pending.append(part)
    return list(found)


@dataclasses.dataclass(frozen=True)
class Definition:
    """What a variable is given where it is declared: the `index`th result of `value`."""

    value: Expr
    index: int


def definitions(unit: Unit) -> dict[Variable, Definition]:
    """The variables that get a value once, where they are declared."""
    found: dict[Variable, Definition] = {}
    for function in (*(handler.body for handler in unit.handlers), *functions(unit)):
        for statement in statements(function.body):
            if isinstance(statement, Define):
                found.update(_definitions(statement))
    return found


def constant_parameters(unit: Unit) -> dict[Variable, tuple[float, ...]]:
    """The parameters that every call gives a constant number, and these numbers in order."""
    found: dict[Variable, set[float]] = {}
    others: set[Variable] = set()
    inner = functions(unit)
    for function in inner:
        taken = (parameter for parameter in function.parameters if function.value or parameter.assigned)
        others.update(taken)
    for function in (*(handler.body for handler in unit.handlers), *inner):
        for expr in all_expressions(function.body):
            if isinstance(expr, Apply):
                _note_constants(expr, found, others)
    return {variable: tuple(sorted(values)) for variable, values in found.items() if variable not in others}


def _note_constants(call: Apply, found: dict[Variable, set[float]], others: set[Variable]) -> None:
    for index, parameter in enumerate(call.function.parameters):
        arg = call.args[index] if index < len(call.args) else None
        if isinstance(arg, Constant) and isinstance(arg.value, float):
            found.setdefault(parameter, set()).add(arg.value)
        else:
            others.add(parameter)


def _definitions(statement: Define) -> Iterator[tuple[Variable, Definition]]:
    last = spreads(statement.values)
    for index, variable in enumerate(statement.variables):
        if variable.assigned or variable.foreign:
            continue
        if isinstance(last, Call) and index >= len(statement.values) - 1:
            yield variable, Definition(last, index - len(statement.values) + 1)
        elif index < len(statement.values):
            yield variable, Definition(statement.values[index], 0)
