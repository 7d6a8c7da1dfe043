"""`sub_filter` and what belongs to it: what it says of a response stands with the headers, and acts on each
piece of the body.
"""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge


def _settings(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`sub_filter_once`, `sub_filter_last_modified` and `sub_filter_types`, where there is a sub_filter."""
    if not level.effective(("sub_filter",), Merge.ARRAY):
        return []
    return [statement for each in directives for statement in _setting(x, each)]


def _setting(x: Lowering, directive: Directive) -> list[Stmt]:
    act = f"nginx.{directive.name}"
    if directive.name == "sub_filter_types":
        types = [x.constant(each.value, each.span) for each in directive.args]
        return [x.act(act, directive.span, [*types])]
    on = directive.args[0].value.lower() == "on"
    if on == (directive.name == "sub_filter_once"):
        return []  # as it is without
    return [x.act(act, directive.span, [x.constant(on, directive.args[0].span)])]


def _pairs(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`sub_filter pattern replacement;`."""
    return [
        x.act("nginx.sub_filter", each.span, [x.text(each.args[0]), x.text(each.args[1])])
        for each in directives
    ]


def _pieces(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """What sub_filter does with a piece of the body."""
    return [x.act("nginx.substitute", directives[0].span)]


SETTINGS = ("sub_filter_once", "sub_filter_last_modified", "sub_filter_types")

STEPS = (
    Step(Phase.HEADERS, SETTINGS, Merge.VALUE, _settings),
    Step(Phase.HEADERS, ("sub_filter",), Merge.ARRAY, _pairs),
    Step(Phase.BODY, ("sub_filter",), Merge.ARRAY, _pieces),
)
