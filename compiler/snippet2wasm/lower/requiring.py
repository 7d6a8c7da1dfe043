"""The function that `require` of a computed name becomes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from snippet2wasm import catalogue
from snippet2wasm.ir.nodes import (
    Action,
    Binary,
    Block,
    Constant,
    Evaluate,
    Expr,
    Function,
    If,
    Local,
    Return,
    Variable,
)
from snippet2wasm.source import Span

if TYPE_CHECKING:
    from snippet2wasm.lower.program import Program


def require_any(program: Program, names: list[str], chunk: str, span: Span, *, protected: bool) -> Function:
    """A function that loads the module whose name it is given; it raises LuaJIT's error for a name that is
    none of these, without a position if it is `protected`: what `pcall` calls.
    """
    given = Variable("name", span)
    arms: list[tuple[Expr, Block]] = []
    for name in names:
        module = program.modules.by_name[name]
        is_it = Binary(span, "==", Local(span, given), _text(name, span))
        load = program.load(module, span)
        arms.append((is_it, Block([Return(span, [load])])))
    entry = catalogue.load().entries["package.require"]
    if protected:
        entry = replace(entry, go="lua.NoProtectedModule")
    places = [_text(pattern, span) for pattern in program.modules.search.shown()]
    missing = Action(span, entry, entry.name, None, [Local(span, given), *places])
    body = Block([If(span, arms, None), Evaluate(span, missing)])
    function = Function("require", span, chunk, [given], body)
    program.functions.append(function)
    return function


def _text(text: str, span: Span) -> Constant:
    return Constant(span, text.encode("utf-8", "surrogateescape"))
