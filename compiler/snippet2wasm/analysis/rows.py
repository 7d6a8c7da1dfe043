"""Tables of tables: lists of rules, maps of routes. What a loop finds in one is a table, so that its fields
can be had without a check.

Such a table is made in one place, is in one variable all its life, and nobody else gets to see it; other
functions may use the variable. What is in it, the type inference finds out (`Variable.rows`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from snippet2wasm.ir.nodes import (
    Action,
    Assign,
    Block,
    Constructor,
    Define,
    Evaluate,
    Expr,
    GenericFor,
    Index,
    Local,
    Record,
    Store,
    Unary,
    Unit,
    Variable,
    walk_expressions,
    walk_functions,
    walk_statements,
)
from snippet2wasm.ir.types import NEVER, NIL, Type

_READERS = frozenset(
    (
        "table.insert",
        "table.concat",
        "table.sort",
        "table.remove",
        "table.maxn",
        "cjson.encode",
        "type",
        "next",
    )
)
"""Functions that take a table and give it to nobody; what table.insert adds is looked at."""


def mark(unit: Unit) -> None:
    """Notes the variables that may hold such tables, before the types are known."""
    made: Counter[Variable] = Counter()
    holding: set[Variable] = set()
    filled: set[Variable] = set()
    uses: Counter[Variable] = Counter()
    fitting: Counter[Variable] = Counter()
    for function in walk_functions(unit):
        made.update(function.parameters)
        made.update(_set(function.body))
        holding.update(_holding(function.body))
        filled.update(_filled(function.body))
        found = (expr for expr in walk_expressions(function.body) if isinstance(expr, Local))
        uses.update(expr.variable for expr in found)
        fitting.update(_fitting(function.body))
    for variable in holding & filled:
        seen = variable.lasting in ("global", "field")  # also by names that are put together
        if made[variable] == 1 and uses[variable] == fitting[variable] and not seen:
            variable.rows = NEVER


def of(table: Expr) -> Type | None:
    """What an expression, a table, holds, if that is tables; nothing is known to be in it at first."""
    match table:
        case Local(variable=Variable(rows=Type() as rows)) if rows.kinds <= {"table", "nil"}:
            return rows | NIL
        case _:
            return None


def first(value: Expr) -> list[Expr]:
    """What a new table holds."""
    match value:
        case Record(fields=fields):
            return list(fields.values())
        case Constructor(fields=entries):
            return [item for _, item in entries]
        case _:
            return []


def _set(block: Block) -> Iterator[Variable]:
    """The variables that statements set."""
    for statement in walk_statements(block):
        match statement:
            case Define(variables=variables) | Assign(variables=variables) | GenericFor(variables=variables):
                yield from variables
            case _:
                pass


def _holding(block: Block) -> Iterator[Variable]:
    """The variables that are set to a new table."""
    for statement in walk_statements(block):
        match statement:
            case Define() | Assign() if len(statement.values) <= len(statement.variables):
                for variable, value in zip(statement.variables, statement.values, strict=False):
                    if isinstance(value, Record | Constructor):
                        yield variable
            case _:
                pass


def _filled(block: Block) -> Iterator[Variable]:
    """The variables whose tables something is put into."""
    for statement in walk_statements(block):
        match statement:
            case Define() | Assign():
                for variable, value in zip(statement.variables, statement.values, strict=False):
                    if first(value):
                        yield variable
            case Store(object=Local(variable=variable)):
                yield variable
            case Evaluate(call=Action(entry=entry, args=[Local(variable=variable), *_])) if (
                entry.name == "table.insert"
            ):
                yield variable
            case _:
                pass


def _fitting(block: Block) -> Iterator[Variable]:
    """The variables of all uses that show the table to nobody."""
    for statement in walk_statements(block):
        match statement:
            case Store(object=Local(variable=variable)):
                yield variable
            case GenericFor(over="pairs" | "ipairs", values=[Local(variable=variable)]):
                yield variable
            case _:
                pass
    for expr in walk_expressions(block):
        match expr:
            case (
                Index(object=Local(variable=variable)) | Unary(operator="#", operand=Local(variable=variable))
            ):
                yield variable
            case Action(entry=entry, args=[Local(variable=variable), *_]) if entry.name in _READERS:
                yield variable
            case _:
                pass
