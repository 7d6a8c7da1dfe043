"""Which requests nginx takes, and how it reads them: `client_max_body_size`, `underscores_in_headers`,
`ignore_invalid_headers` and `merge_slashes`. They act before anything else of their level does.
"""

from __future__ import annotations

from snippet2wasm.checks import values
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.directives.upstream import of_location
from snippet2wasm.lower.levels import Level, Merge


def _body_size(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`client_max_body_size size;`."""
    found = []
    way_out = (
        "put it into a `location` of the server-snippet; for ingress-nginx, the annotation proxy-body-size"
    )
    counts = directives if level.answers else of_location(x, level, directives, way_out)
    for each in counts:
        size = values.offset(each.args[0].value)
        if size is None:
            x.refuse("S2W235", "client_max_body_size needs a size", each.span, "nginx refuses it, too")
            continue
        found.append(x.act("nginx.client_max_body_size", each.span, [x.constant(size, each.args[0].span)]))
    return found


def _names(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`underscores_in_headers` and `ignore_invalid_headers`: nginx drops headers with other names, a gateway
    does not, so that is done where a text asks for it.
    """
    said = {each.name: each for each in directives}
    if not _on(said.get("ignore_invalid_headers"), True):
        return []
    last = directives[-1]
    underscores = x.constant(_on(said.get("underscores_in_headers"), False), last.args[0].span)
    return [x.act("nginx.drop_invalid_headers", last.span, [underscores])]


def _slashes(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`merge_slashes off;`."""
    off = [each for each in directives if not _on(each, True)]
    return [x.act("nginx.merge_slashes", each.span, [x.constant(False, each.args[0].span)]) for each in off]


def _on(directive: Directive | None, default: bool) -> bool:
    return default if directive is None else directive.args[0].value.lower() == "on"


STEPS = (
    Step(Phase.SERVER_REWRITE, ("merge_slashes",), Merge.VALUE, _slashes),
    Step(Phase.SERVER_REWRITE, ("ignore_invalid_headers", "underscores_in_headers"), Merge.VALUE, _names),
    Step(Phase.SET, ("client_max_body_size",), Merge.VALUE, _body_size),
)
