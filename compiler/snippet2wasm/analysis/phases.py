"""Which phases a function may run in, and what nginx does not allow there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Closure,
    DefineFunction,
    Function,
    Phase,
    Unit,
    walk_expressions,
    walk_statements,
)

_OF_REQUEST = frozenset((Phase.REWRITE, Phase.ACCESS, Phase.CONTENT))
_ALLOWED = {"request": _OF_REQUEST, "request, header_filter": _OF_REQUEST | {Phase.HEADER_FILTER}}
"""The phases that `Entry.phases` stands for."""


def settle(unit: Unit) -> list[Diagnostic]:
    """Marks the actions that may run in a phase that does not allow them: they raise nginx's error there.

    `ngx.exit` ends no handler where that may be header_filter_by_lua: control comes back.

    Returns:
        Warnings about those that always raise.
    """
    warnings = []
    for function, phases in phases_of(unit).items():
        for action in _actions(function):
            if not action.entry.phases:
                continue
            allowed = _ALLOWED[action.entry.phases]
            action.guarded = bool(phases - allowed)
            if action.guarded and not phases & allowed:
                warnings.append(_always(action, phases))
            if action.entry.name == "ngx.exit" and Phase.HEADER_FILTER in phases:
                action.entry = replace(action.entry, ends=False, effect=True, go="r.ExitFilter")
    return warnings


def phases_of(unit: Unit) -> dict[Function, set[Phase]]:
    """The phases of each function; one that is a value may be called in all."""
    every = {handler.phase for handler in unit.handlers}
    found: dict[Function, set[Phase]] = {handler.body: {handler.phase} for handler in unit.handlers}
    found |= {function: set(every) if function.value else set() for function in unit.functions}
    pending = list(found)
    while pending:
        function = pending.pop()
        for callee in _callees(function):
            known = found.setdefault(callee, set())
            if not found[function] <= known:
                known |= found[function]
                pending.append(callee)
    return found


def _callees(function: Function) -> Iterator[Function]:
    for expr in walk_expressions(function.body):
        if isinstance(expr, Apply | Closure):
            yield expr.function
    for statement in walk_statements(function.body):
        if isinstance(statement, DefineFunction):
            yield statement.function


def _actions(function: Function) -> Iterator[Action]:
    return (expr for expr in walk_expressions(function.body) if isinstance(expr, Action))


def _always(action: Action, phases: set[Phase]) -> Diagnostic:
    names = ", ".join(f"{phase.value}_by_lua*" for phase in Phase if phase in phases)
    return Diagnostic(
        "S2W421",
        f"{action.name} always raises an error here",
        action.span,
        reason=f"nginx says: API disabled in the context of {names}",
        help="do it in a handler of an earlier phase",
        severity=Severity.WARNING,
    )
