"""Variables that nginx computes when they are first read, from what the level of the request has then."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Block, Expr, If, Return, Stmt
from snippet2wasm.lower.directives.computed import Computed
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.levels import Level, Merge

Settings = tuple[Directive, ...]
"""The directives of a level that say what the variable is there; none where it has no value of its own."""


def declare(
    x: Lowering,
    top: Level,
    name: str,
    settings: tuple[frozenset[str], Merge],
    value: Callable[[Settings, Directive], Sequence[Stmt | Expr]],
    absent: bool = False,
    first: Directive | None = None,
) -> None:
    """Declares a variable, if a level of the text has something to say of it.

    Args:
        x: what makes the IR.
        top: the outermost level.
        name: of the variable.
        settings: the names of the directives that say what it is, and which of them a level has.
        value: makes the value of those of a level: statements, and the value at the end. It is given the
            first directive of the text, too.
        absent: the value may be nil.
        first: the directive that declares it where no level has something to say.
    """
    names, merge = settings
    said = (each for level in top.walk() for each in level.own if each.name in names)
    first = next(said, first)
    if first is None:
        return
    span = first.span

    def body(_: Callable[[Expr], Stmt]) -> list[Stmt]:
        places: dict[Settings, list[Level]] = {}
        for level in x.levels:
            places.setdefault(tuple(level.effective(names, merge)), []).append(level)
        arms = [(levels, _returning(value(found, first))) for found, levels in places.items()]
        statements: list[Stmt] = []
        for levels, arm in arms[:-1]:
            numbers: list[Expr] = [x.constant(float(level.number), span) for level in levels]
            statements.append(If(span, [(x.call("nginx.at", span, numbers), Block(arm))], None))
        return [*statements, *arms[-1][1]]

    x.program.computed[name] = Computed(x, first, name, body, True, False, name, absent)


def _returning(found: Sequence[Stmt | Expr]) -> list[Stmt]:
    """Statements with a value at the end, as the end of a function."""
    return [each if isinstance(each, Stmt) else Return(each.span, [each]) for each in found]
