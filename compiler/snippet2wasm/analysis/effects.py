"""What functions do beyond computing: whether they may wait, end the handler, or touch the request or the
configuration.
"""

from __future__ import annotations

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.ir.nodes import Action, Apply, ConfigValue, Function, HookCall, Unit, walk_expressions

_REQUEST_SPECIALS = frozenset(
    ("special.log", "special.redis_new", "special.os_time", "special.ngx_time", "special.ngx_now")
)


def settle(unit: Unit) -> None:
    """Fills in the effects of every function, through all calls."""
    functions = [handler.body for handler in unit.handlers] + unit.functions
    changed = True
    while changed:
        before = [_summary(function) for function in functions]
        for function in functions:
            _look(function)
        changed = before != [_summary(function) for function in functions]


def refuse_recursion(unit: Unit) -> None:
    """Recursion is as deep as the input says, and a plugin whose stack overflows takes its VM down with it.

    It also has no finite types: `return 1, f()` has one result more each time. So this comes before typing.

    Raises:
        Refusal: S2W224, a function that the handlers reach, calls itself.
    """
    callees = _callees([handler.body for handler in unit.handlers])
    for function in callees:
        reached: set[Function] = set()
        pending = set(callees[function])
        while pending:
            callee = pending.pop()
            reached.add(callee)
            pending |= callees[callee] - reached
        if function in reached:
            raise Refusal(
                Diagnostic(
                    "S2W224",
                    f"the function {function.name!r} calls itself",
                    function.span,
                    reason="this version does not compile recursion: its depth could exceed the VM's stack",
                    help="write it as a Go hook: globals: {NAME: {go: ./hooks}} in the bindings file",
                )
            )


def _callees(roots: list[Function]) -> dict[Function, set[Function]]:
    """What each function that can be reached calls, in the order in which they are met."""
    found: dict[Function, set[Function]] = {}
    pending = list(roots)
    while pending:
        function = pending.pop(0)
        if function not in found:
            calls = [expr.function for expr in walk_expressions(function.body) if isinstance(expr, Apply)]
            found[function] = set(calls)
            pending += calls
    return found


def _summary(function: Function) -> tuple[bool, bool, bool, bool]:
    return function.suspends, function.exits, function.needs_request, function.needs_config


def _look(function: Function) -> None:
    for expr in walk_expressions(function.body):
        match expr:
            case Action(entry=entry):
                function.suspends |= entry.suspends and not (expr.used == 0 and bool(entry.unused))
                function.exits |= entry.ends
                function.needs_request |= entry.request or entry.go in _REQUEST_SPECIALS
            case Apply(function=callee):
                function.suspends |= callee.suspends
                function.exits |= callee.exits
                function.needs_request |= callee.needs_request
                function.needs_config |= callee.needs_config
            case HookCall(hook=hook):
                function.needs_request |= hook.takes_request
            case ConfigValue():
                function.needs_config = True
            case _:
                pass


def check_target(unit: Unit, target: str) -> None:
    """Checks that the target can do all that the unit wants.

    Raises:
        Refusal: S2W307.
    """
    refused = [
        Diagnostic(
            "S2W307",
            f"'{expr.name}' can't be compiled for the target {target}",
            expr.span,
            reason=dict(expr.entry.not_for)[target],
            help="use red:eval(script, …), whose answers do get through, or another target",
        )
        for function in [handler.body for handler in unit.handlers] + unit.functions
        for expr in walk_expressions(function.body)
        if isinstance(expr, Action) and target in dict(expr.entry.not_for)
    ]
    if refused:
        raise Refusal(refused)


def uses_redis(unit: Unit) -> bool:
    """Whether any function of the unit makes a Redis client."""
    return any(
        isinstance(expr, Action) and expr.entry.go == "special.redis_new"
        for function in [handler.body for handler in unit.handlers] + unit.functions
        for expr in walk_expressions(function.body)
    )
