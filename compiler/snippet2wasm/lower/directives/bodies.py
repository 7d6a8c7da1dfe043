"""`sub_filter`, `subs_filter` and what belongs to them: what they say of a response stands with the headers,
and acts on each piece of the body.
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


def _lines(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`subs_filter pattern replacement flags;`."""
    return [_line(x, each) for each in directives]


def _line(x: Lowering, directive: Directive) -> Stmt:
    pattern, replacement, *rest = directive.args
    flags = "".join(each.value for each in rest)
    if "r" in flags:
        x.refuse(
            "S2W271",
            "subs_filter with a regular expression can't be compiled",
            directive.span,
            reason="a plugin has a body in pieces that do not end with its lines",
            help="use a text instead, or ngx.re.gsub in a body_filter_by_lua_block",
        )
    shown = "".join(flag for flag in "io" if flag in flags)
    operands = [
        x.constant(pattern.value, pattern.span),
        x.text(replacement),
        x.constant(shown, directive.span),
    ]
    return x.act("nginx.subs_filter", directive.span, operands)


def _line_types(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`subs_filter_types type…;`, where there is a subs_filter."""
    if not level.effective(("subs_filter",), Merge.ARRAY):
        return []
    return [
        x.act("nginx.subs_filter_types", each.span, [x.constant(name.value, name.span) for name in each.args])
        for each in directives
    ]


def _pieces(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """What sub_filter and subs_filter do with a piece of the body."""
    return [x.act("nginx.substitute", directives[0].span)]


SETTINGS = ("sub_filter_once", "sub_filter_last_modified", "sub_filter_types")

STEPS = (
    Step(Phase.HEADERS, SETTINGS, Merge.VALUE, _settings),
    Step(Phase.HEADERS, ("sub_filter",), Merge.ARRAY, _pairs),
    Step(Phase.HEADERS, ("subs_filter_types",), Merge.VALUE, _line_types),
    Step(Phase.HEADERS, ("subs_filter",), Merge.ARRAY, _lines),
    Step(Phase.BODY, ("sub_filter", "subs_filter"), Merge.VALUE, _pieces),
)
