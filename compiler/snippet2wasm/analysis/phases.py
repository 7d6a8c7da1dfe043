"""Which phases a function may run in, and what nginx does not allow there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from snippet2wasm import catalogue
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Closure,
    Constant,
    DefineFunction,
    Function,
    Load,
    Phase,
    Unit,
    walk_expressions,
    walk_statements,
)

_OF_REQUEST = frozenset((Phase.REWRITE, Phase.ACCESS, Phase.CONTENT))
_ALLOWED = {
    "request": _OF_REQUEST,
    "request, header_filter": _OF_REQUEST | {Phase.HEADER_FILTER},
    "body_filter": frozenset((Phase.BODY_FILTER,)),
}
"""The phases that `Entry.phases` stands for."""
_ELSEWHERE = {"body_filter": "do it in body_filter_by_lua*"}
"""Where to do what is not allowed, by `Entry.phases`."""


_NEEDS_REQUEST = (
    *("ngx.var", "ngx.req.", "ngx.resp.", "ngx.arg", "ngx.header", "ngx.ctx", "ngx.status", "ngx.get_phase"),
    *("ngx.exit", "ngx.redirect", "ngx.say", "ngx.print", "ngx.flush", "ngx.eof", "ngx.send_headers"),
    "resty.cookie",
)
"""How the names begin of what is there with a request only."""


def settle(unit: Unit) -> list[Diagnostic]:
    """Marks the actions that may run in a phase that does not allow them: they raise nginx's error there.

    `ngx.exit` ends no handler where that may be header_filter_by_lua: control comes back. `ngx.req.set_uri`
    ends it where it certainly jumps.

    Returns:
        Warnings about those that always raise.

    Raises:
        Refusal: S2W227, init code needs a request.
    """
    _check_start(unit)
    warnings = []
    for function, phases in phases_of(unit).items():
        for action in _actions(function):
            if action.entry.name == "ngx.req.set_uri" and _jumps(action):
                action.entry, action.args = catalogue.load().acts["nginx.jump_to"], action.args[:1]
            if not action.entry.phases:
                continue
            allowed = _ALLOWED[action.entry.phases]
            action.guarded = bool(phases - allowed)
            if action.guarded and not phases & allowed:
                warnings.append(_always(action, phases))
            if action.entry.name == "ngx.exit" and Phase.HEADER_FILTER in phases:
                action.entry = replace(action.entry, ends=False, effect=True, go="r.ExitFilter")
    return warnings


def _jumps(action: Action) -> bool:
    """Whether the second argument is the constant true."""
    match action.args:
        case [_, Constant(value=True)]:
            return True
        case _:
            return False


def _check_start(unit: Unit) -> None:
    """Refuses what needs a request in the code that runs before there is one: nginx would not start."""
    reached: set[Function] = set()
    pending = [] if unit.start is None else [unit.start]
    while pending:
        function = pending.pop()
        if function not in reached:
            reached.add(function)
            values = {each.function for each in walk_expressions(function.body) if isinstance(each, Closure)}
            pending += [callee for callee in _callees(function) if callee not in values]
    refused = [
        Diagnostic(
            "S2W227",
            f"{action.name} needs a request, and this runs before there is one",
            action.span,
            reason="nginx does not start with this in init_by_lua; in init_worker_by_lua it logs an error,"
            " and leaves out the rest",
            help="do it in a handler",
        )
        for function in unit.functions
        if function in reached
        for action in _actions(function)
        if action.entry.suspends or action.entry.name.startswith(_NEEDS_REQUEST)
    ]
    if refused:
        raise Refusal(refused)


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
        elif isinstance(expr, Load):
            yield expr.main
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
        help=_ELSEWHERE.get(action.entry.phases, "do it in a handler of an earlier phase"),
        severity=Severity.WARNING,
    )
