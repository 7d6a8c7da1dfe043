"""Which variables hold what a request no longer has.

A variable that holds the header `X` is told as "the header `X`", but not where the snippet has changed that
header since: then it keeps its own name.
"""

from __future__ import annotations

from collections.abc import Iterable

from snippet2wasm.catalogue.phrases import phrases
from snippet2wasm.explain.scope import Definition, subexpressions
from snippet2wasm.ir.nodes import Action, Constant, Expr, Local, Variable

_AFFECTED = {
    "header of the request": frozenset(("header", "headers", "cookie")),
    "arguments of the request": frozenset(("argument", "arguments", "query string")),
    "path of the request": frozenset(("path", "argument", "arguments", "query string")),
}
"""What is read another way after a change, by kind."""


def stale(exprs: list[Expr], definitions: dict[Variable, Definition]) -> frozenset[Variable]:
    """The variables that are used behind a change of what they were set to.

    Args:
        exprs: all expressions of the unit.
        definitions: the variables that are set once.
    """
    changes = [expr for expr in exprs if isinstance(expr, Action) and _kind(expr) in _AFFECTED]
    if not changes:
        return frozenset()
    found: set[Variable] = set()
    for expr in exprs:
        if isinstance(expr, Local) and expr.variable in definitions and expr.variable not in found:
            value = definitions[expr.variable].value
            behind = (
                change
                for change in changes
                if change.span.source is expr.span.source and change.span.end <= expr.span.start
            )
            if any(_affects(change, subexpressions(value)) for change in behind):
                found.add(expr.variable)
    return frozenset(found)


def _kind(action: Action) -> str:
    phrase = phrases().get(action.entry.name)
    return phrase.changes if phrase is not None else ""


def _affects(change: Action, exprs: Iterable[Expr]) -> bool:
    kind = _kind(change)
    for expr in exprs:
        phrase = phrases().get(expr.entry.name) if isinstance(expr, Action) else None
        if phrase is None or phrase.reads not in _AFFECTED[kind]:
            continue
        names = {_name(change), _name(expr)} if phrase.reads == "header" else {""}
        if len(names) == 1 or "" in names:
            return True
    return False


def _name(expr: Expr) -> str:
    """The name of the header that an action is about; "" if it is computed."""
    match expr:
        case Action(args=[Constant(value=bytes() as name), *_]):
            return name.decode("latin-1").lower().replace("_", "-")
        case _:
            return ""
