"""Library functions whose results depend on what they are given: os.time, os.date, file:read."""

from __future__ import annotations

from dataclasses import replace

from snippet2wasm.catalogue import Entry
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import Constant, Expr

TABLE_FORMATS = (b"*t", b"!*t")


def variant(entry: Entry, args: list[Expr]) -> Entry:
    """The entry for a call with these arguments: the results as far as they are known from constants."""
    match entry.name:
        case "os.time" if not _is_given(args, 0):
            return replace(entry, results=(types.NUMBER,), raises=False)
        case "file:read":
            return _read(entry, args)
        case "os.date":
            return _date(entry, args)
        case _:
            return entry


def _read(entry: Entry, args: list[Expr]) -> Entry:
    """With one constant format, all or a line, it gives a string."""
    match args:
        case [Constant(value=bytes() as form)] if form.lstrip(b"*")[:1] == b"a":
            return replace(entry, results=(types.STRING,), open=False)
        case [] | [Constant(value=b"*l" | b"l" | b"*line")]:
            return replace(entry, results=(types.OPT_STRING,), open=False)
        case _:
            return entry


def _date(entry: Entry, args: list[Expr]) -> Entry:
    """With a constant format it gives a table or a string; nil is for times that are far away."""
    result = types.STRING
    if _is_given(args, 0):
        match args[0]:
            case Constant(value=bytes() as form):
                result = types.TABLE if form in TABLE_FORMATS else types.STRING
            case _:
                return entry
    if _is_given(args, 1):
        result |= types.NIL
    return replace(entry, results=(result,), raises=False)


def _is_given(args: list[Expr], index: int) -> bool:
    """Whether there is an argument, and not the constant nil."""
    if index >= len(args):
        return False
    arg = args[index]
    return not (isinstance(arg, Constant) and arg.value is None)
