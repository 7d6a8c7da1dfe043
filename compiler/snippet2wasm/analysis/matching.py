"""Calls of the library's functions for patterns, where the pattern is constant: what can be said of them."""

from __future__ import annotations

import copy
import dataclasses
import re

from snippet2wasm.analysis.luapatterns import captures
from snippet2wasm.ir.nodes import Action, Call, Constant, Constructor, Expr, GenericFor, Invoke, Record
from snippet2wasm.ir.types import OPT_STRING, STRING, Type

_MATCHES = ("", "", "lua.MatchTwo", "lua.MatchThree", "lua.MatchFour")


def cannot_fail(action: Action) -> bool:
    """Whether a call of string.find, string.match or string.gsub can raise no error but that its first
    operand is no text.
    """
    match action.args:
        case [_, Constant(value=bytes() as pattern), *rest]:
            pass
        case _:
            return False
    known = captures(pattern)
    match action.entry.name:
        case "string.find":
            plain = len(rest) == 2 and isinstance(rest[1], Constant) and rest[1].value is True
            return (plain or known is not None) and not any(isinstance(each, Call) for each in rest)
        case "string.match":
            return known is not None and not any(isinstance(each, Call) for each in rest)
        case "string.gsub":
            return known is not None and len(rest) == 1 and _replaces(rest[0], len(known))
        case _:
            return False


def _replaces(replacement: Expr, captured: int) -> bool:
    """Whether a replacement of string.gsub is one with any match."""
    match replacement:
        case Constant(value=bytes() as text):
            wanted = [int(digit) for digit in re.findall(rb"%(\d)", text.replace(b"%%", b""))]
            return max(wanted, default=0) <= captured and not text.replace(b"%%", b"").endswith(b"%")
        case Record(fields=fields):
            values = list(fields.values())
        case Constructor(fields=entries):
            values = [value for _, value in entries]
        case _:
            return False
    return all(isinstance(value, Constant) and isinstance(value.value, bytes) for value in values)


def is_replacement(expr: Expr) -> bool:
    """Whether an expression is a call of string.gsub that can't fail."""
    return isinstance(expr, Action) and expr.entry.name == "string.gsub" and cannot_fail(expr)


def captured_texts(call: Call) -> Action | None:
    """A call of string.match that gives two to four texts, or nil for each, as one with as many results."""
    if not isinstance(call, Action) or len(call.args) != 2:
        return None
    found = match_captures(call) or []
    if not 2 <= len(found) < len(_MATCHES):
        return None
    counted = copy.copy(call)
    entry = call.entry
    counted.entry = dataclasses.replace(
        entry,
        go=_MATCHES[len(found)],
        parameters=entry.parameters[:2],
        results=(OPT_STRING,) * len(found),
        open=False,
        at=False,
    )
    return counted


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
