"""Loops over the matches of a constant pattern, whose variables have Go types of their own."""

from __future__ import annotations

from snippet2wasm.analysis.luapatterns import captures
from snippet2wasm.ir.nodes import Action, Constant, GenericFor, Invoke
from snippet2wasm.ir.types import STRING, Type


def match_captures(action: Action) -> list[Type] | None:
    """The types of the captures of `text:match("…")`; None if nothing is known of the pattern, or if not all
    are texts.
    """
    match action.args:
        case [_, Constant(value=bytes() as pattern), *_] if action.entry.name == "string.match":
            found = captures(pattern)
        case _:
            return None
    return found if found and all(type_ == STRING for type_ in found) else None


_MOST = 2  # Go's `range` gives two values


def matched(statement: GenericFor) -> list[Type] | None:
    """The types of what a loop `for … in text:gmatch("…")` gives; None if it is no such loop, or one whose
    variables can't be typed: some are positions, more than two are wanted, or more than there are.
    """
    match statement.values:
        case [Invoke(action=Action() as action)] | [Action() as action]:
            pass
        case _:
            return None
    match action.args:
        case [_, Constant(value=bytes() as pattern)] if action.entry.name == "string.gmatch":
            # `^` has no meaning here: gmatch takes it for itself.
            found = captures(b"%^" + pattern[1:] if pattern.startswith(b"^") else pattern)
        case _:
            return None
    wanted = len(statement.variables)
    if found is None or wanted > min(_MOST, len(found)) or any(type_ != STRING for type_ in found[:wanted]):
        return None
    assigned = any(variable.assigned for variable in statement.variables)
    return None if assigned else found
