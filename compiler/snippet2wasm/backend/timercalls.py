"""Timers of functions that are known by name → Go: `r.After(1, func(r *ngx.Request, late bool) { … })`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from snippet2wasm.backend.goast import Go, Name, method, show
from snippet2wasm.ir.nodes import (
    Action,
    Assign,
    Constant,
    Expr,
    Function,
    Local,
    Variable,
    declared,
    walk_statements,
)
from snippet2wasm.ir.types import BOOLEAN

if TYPE_CHECKING:
    from snippet2wasm.backend.calls import Calls


def _timer_at(calls: Calls, expr: Action) -> Go:
    return method(Name("r"), "After", _delay(calls, expr), _function(calls, expr))


def _timer_every(calls: Calls, expr: Action) -> Go:
    place = calls.argument_place(expr, 0)
    return method(Name("r"), "Every", _delay(calls, expr), place, _function(calls, expr))


def _delay(calls: Calls, expr: Action) -> Go:
    return calls.argument(expr, 0, expr.args[0])


def _function(calls: Calls, expr: Action) -> Go:
    """The function that calls the one of the program, with operands that were computed before."""
    function = expr.later
    assert function is not None
    names = [each.name for each in function.parameters[1:]] + ["surplus"] * len(expr.args)
    args = [_kept(calls, arg, name) for arg, name in zip(expr.args[1:], names, strict=False)]
    premature = Local(expr.span, Variable("premature", expr.span, BOOLEAN))
    premature.type = BOOLEAN
    taken = {calls.context.target(arg.variable) for arg in args if isinstance(arg, Local)}
    taken.add(calls.context.file.functions[function])
    name = calls.context.names.child().new("premature") if "premature" in taken else "premature"
    calls.context.reuse(premature.variable, name)
    given: list[Expr] = [premature, *args]
    shown = show(calls.call_of(function, given[: len(function.parameters)]))
    request = "r" if function.needs_request and not function.nested else "_"
    flag = name if function.parameters else "_"
    return Name(f"func({request} *ngx.Request, {flag} bool) {{ {shown} }}")


def _kept(calls: Calls, arg: Expr, name: str) -> Expr:
    """An operand that keeps the value which it has now; `name` is for a variable that holds it."""
    if isinstance(arg, Constant):
        return arg
    if (
        isinstance(arg, Local)
        and arg.variable not in calls.context.pairs
        and _is_steady(arg.variable, calls.context.function)
    ):
        return arg
    return calls.context.lift(arg, name)


def _is_steady(variable: Variable, function: Function) -> bool:
    """Whether the Go variable of a variable gets a value only once: those of one name may share one."""
    if variable.assigned or variable.lasting:
        return False
    made = [each.name for each in function.parameters]
    for statement in walk_statements(function.body):
        assigned = statement.variables if isinstance(statement, Assign) else []
        made += [each.name for each in (*declared(statement), *assigned)]
    return made.count(variable.name) == 1


SPECIALS: dict[str, Callable[[Calls, Action], Go]] = {"timer_at": _timer_at, "timer_every": _timer_every}
