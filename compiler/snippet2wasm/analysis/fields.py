"""Tables whose keys are strings and nothing else: those that nginx makes of arguments and headers, and those
that the program fills with strings for keys. `pairs` over one gives Go strings.

Such a table is in one local variable all its life, and nobody else can add to it. What its keys are, the type
inference finds out (`Variable.keys`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from snippet2wasm.ir.nodes import (
    Action,
    Block,
    Constructor,
    Define,
    Expr,
    GenericFor,
    Index,
    Local,
    Record,
    Store,
    Unit,
    Variable,
    inner_functions,
    walk_expressions,
    walk_statements,
)
from snippet2wasm.ir.types import NEVER, NUMBER, STRING, Type

_KEYED = frozenset(
    ("ngx.req.get_uri_args", "ngx.req.get_post_args", "ngx.req.get_headers", "ngx.resp.get_headers")
)
_READERS = frozenset(("ngx.encode_args", "ngx.req.set_uri_args", "cjson.encode", "type", "next"))
"""Functions that take a table and don't change it."""


def mark(unit: Unit) -> None:
    """Notes the variables that may hold such tables, before the types are known."""
    for outer in unit.bodies:
        for function in (outer, *inner_functions(outer.body)):
            candidates = dict(_defined(function.body))
            if not candidates:
                continue
            found = (expr.variable for expr in walk_expressions(function.body) if isinstance(expr, Local))
            uses = Counter(variable for variable in found if variable in candidates)
            fitting = Counter(_fitting(function.body))
            for variable, keys in candidates.items():
                if uses[variable] == fitting[variable]:
                    variable.keys = keys


def keys_of(table: Expr) -> Type | None:
    """The types of the keys of a table; None if they may be any."""
    match table:
        case Local(variable=Variable(keys=Type() as keys)) if keys.kinds <= {"string"}:
            return keys
        case Action(entry=entry) if entry.name in _KEYED:
            return STRING
        case _:
            return None


def first_keys(value: Expr) -> Type:
    """The types of the keys that a table begins with."""
    if not isinstance(value, Constructor):
        return STRING if isinstance(value, Action) or (isinstance(value, Record) and value.fields) else NEVER
    found = NEVER
    for key, _ in value.fields:
        found |= NUMBER if key is None else key.type
    return found


def _defined(block: Block) -> Iterator[tuple[Variable, Type]]:
    """The variables that begin as a table that nobody else has."""
    for statement in walk_statements(block):
        if isinstance(statement, Define) and len(statement.variables) >= len(statement.values):
            for variable, value in zip(statement.variables, statement.values, strict=False):
                if _is_new(value) and not (variable.assigned or variable.captured or variable.lasting):
                    yield variable, NEVER


def _is_new(value: Expr) -> bool:
    return isinstance(value, Record | Constructor) or (
        isinstance(value, Action) and value.entry.name in _KEYED
    )


def _fitting(block: Block) -> Iterator[Variable]:
    """The variables of all uses that leave the keys what they are."""
    for statement in walk_statements(block):
        match statement:
            case Store(object=Local(variable=variable)):
                yield variable
            case GenericFor(over="pairs", values=[Local(variable=variable)]):
                yield variable
            case _:
                pass
    for expr in walk_expressions(block):
        match expr:
            case Index(object=Local(variable=variable)):
                yield variable
            case Action(entry=entry, args=[Local(variable=variable), *_]) if entry.name in _READERS:
                yield variable
            case _:
                pass
