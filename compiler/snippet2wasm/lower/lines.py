"""The lines that LuaJIT's errors name, where they are not those in which an expression begins or ends."""

from __future__ import annotations

import re

from snippet2wasm.ir.nodes import Call, Expr, Index
from snippet2wasm.source import Span

_NO_TOKENS = re.compile(rb"(?s)(?:\s+|--\[(=*)\[.*?\]\1\]|--[^\n]*)*")
_TAKEN_BEFORE = re.compile(rb"\)|:(?!:)|(?:and|or)\b|[-+*/%^<>]|==|~=|\.\.(?!\.)")


def beginning_at(found: Expr, callee: Span) -> Expr:
    """A call, whose line is that of the end of what is called: its arguments have to begin there."""
    if isinstance(found, Call):
        found.line = last(callee)
    return found


def last(span: Span) -> int:
    """The last line of a piece of Lua."""
    return span.source.line_column(max(span.end - 1, span.start))[0]


def behind(span: Span) -> int:
    """The line of the token behind a piece of Lua."""
    return span.source.line_column(_token_behind(span))[0]


def read_late(found: Index) -> Index:
    """An indexed value, which LuaJIT reads when it has taken an operator, colon or parenthesis behind it."""
    if _TAKEN_BEFORE.match(found.span.source.data, _token_behind(found.span)):
        found.line = behind(found.span)
    return found


def read_at_once(found: Expr) -> Expr:
    """A right operand, which LuaJIT reads before it takes what is behind it."""
    if isinstance(found, Index):
        found.line = 0
    return found


def _token_behind(span: Span) -> int:
    found = _NO_TOKENS.match(span.source.data, span.end)
    assert found is not None
    return min(found.end(), len(span.source.data) - 1)
