"""Method calls: which action `object:name(…)` is, once the type of the object is known."""

from __future__ import annotations

import dataclasses
import difflib

from snippet2wasm import catalogue
from snippet2wasm.catalogue import Entry
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.ir.nodes import (
    Action,
    Call,
    Invoke,
)
from snippet2wasm.ir.types import Type
from snippet2wasm.lower.variants import variant

_METHODS_OF_THE_CLIENT = frozenset(("redis:connect", "redis:commit_pipeline", "redis:hmset"))
"""What lua-resty-redis does itself; every other name is a command, in capitals too: `red:GET(key)`."""


def find_method(expr: Invoke, receiver: Type) -> tuple[Action | None, Diagnostic | None]:
    """The action that a method call is for a receiver of some type, and what is to be said of it."""
    found, said = _find(expr, receiver)
    if found is not None:
        found.line = expr.line
    return found, said


def _find(expr: Invoke, receiver: Type) -> tuple[Action | None, Diagnostic | None]:
    entries = catalogue.load().entries
    kinds = receiver.truthy.kinds
    kind = next(iter(kinds)) if len(kinds) == 1 else ""
    if "string" in kinds:
        kind = "string"
    if kind == "string":
        entry = entries.get(f"string.{expr.method}")
        if entry is not None:
            found = Action(expr.span, entry, entry.name, None, [expr.receiver, *expr.args])
            found.method, found.tail = True, expr.tail
            return found, None
    entry = entries.get(f"{kind}:{expr.method}")
    if entry is not None and not entry.refused:
        found = Action(expr.span, variant(entry, expr.args), entry.name, expr.receiver, expr.args)
        found.tail = expr.tail
        return found, None
    if kind == "redis" and entry is None:
        known = entries.get(f"redis:{expr.method.lower()}")
        if known is not None and known.refused:
            return None, _no_method(expr, receiver, kind, known)
        if known is not None and known.suspends and known.name not in _METHODS_OF_THE_CLIENT:
            as_written = dataclasses.replace(known, go=entries["redis:*"].go)
            return Action(expr.span, as_written, f"redis:{expr.method}", expr.receiver, expr.args), None
        unknown = entries["redis:*"]
        command = Action(expr.span, unknown, f"redis:{expr.method}", expr.receiver, expr.args)
        warning = Diagnostic(
            "S2W402",
            f"{expr.method!r} is not a Redis command that this version knows",
            expr.span,
            reason="lua-resty-redis sends any method name as a command, and so does the plugin",
            severity=Severity.WARNING,
        )
        return command, warning
    return None, _no_method(expr, receiver, kind, entry)


def _no_method(expr: Invoke, receiver: Type, kind: str, entry: Entry | None) -> Diagnostic:
    if entry is not None:
        return Diagnostic(
            "S2W305",
            f"the method {expr.method!r} can't be compiled",
            expr.span,
            entry.refused,
            entry.help,
        )
    later = catalogue.load().unsupported.get(f"string.{expr.method}") if kind == "string" else None
    if later is not None:
        return Diagnostic("S2W216", f"string.{expr.method} can't be compiled", expr.span, *later)
    names = [name.partition(":")[2] for name in catalogue.load().entries if name.startswith(f"{kind}:")]
    close = difflib.get_close_matches(expr.method, names, 1)
    return Diagnostic(
        "S2W305",
        f"there is no method {expr.method!r} for a {receiver}",
        expr.span,
        reason="" if kind else "the value's type must be known when the plugin is compiled",
        help=f"did you mean {close[0]!r}?" if close else "",
    )


def check_count(expr: Invoke, action: Action) -> Diagnostic | None:
    """What is wrong with the number of arguments of a method call."""
    parameters = action.entry.parameters
    least = sum(1 for parameter in parameters if parameter.required)
    spreads = bool(action.args) and isinstance(action.args[-1], Call) and not action.args[-1].adjusted
    count = len(action.args)
    is_limited = not (action.entry.variadic or action.entry.surplus)
    if (count < least and not spreads) or (count > len(parameters) and is_limited):
        wanted = str(least) if least == len(parameters) else f"{least} to {len(parameters)}"
        return Diagnostic("S2W304", f"{action.name} wants {wanted} arguments, this gives {count}", expr.span)
    return None
