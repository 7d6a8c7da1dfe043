"""`charset`: the charset that Content-Type says; nothing is recoded."""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge

ASKED_FOR = frozenset(("charset_types",))


def charset(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`charset name`, with the `charset_types` of the level."""
    directive = directives[-1]
    argument = directive.args[0]
    if argument.value == "off":
        return []
    if "$" in argument.value:
        x.refuse(
            "S2W230",
            "a charset with variables can't be compiled",
            argument.span,
            reason="nginx closes the connection where the variable is empty",
            help="write the charset, or set Content-Type with more_set_headers",
        )
        return []
    found = level.effective(("charset_types",), Merge.ARRAY)
    types = [x.constant("text/html", each.name_span) for each in found[:1]]
    types += [x.constant(kind.value, kind.span) for each in found for kind in each.args]
    return [x.act("nginx.charset", directive.span, [x.constant(argument.value, argument.span), *types])]


def _types(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`charset_types`: see `charset`. Levels with other types have functions of their own."""
    return []


STEPS = (
    Step(Phase.HEADERS, ("charset",), Merge.VALUE, charset),
    Step(Phase.HEADERS, ("charset_types",), Merge.ARRAY, _types),
)
