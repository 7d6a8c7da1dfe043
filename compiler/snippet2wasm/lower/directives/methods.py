"""`limit_except`: a level of its own for requests with other methods.

They never meet the rewrite directives of the location. How it behaves was asked of nginx; see
tests/directives/data/methods.yaml.
"""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Block, If, Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge

_METHODS = frozenset(
    (
        *("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "MKCOL", "COPY", "MOVE"),
        *("PROPFIND", "PROPPATCH", "LOCK", "UNLOCK"),
    )
)
"""Those that nginx takes."""


def limit_except(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """What stands in front of the rewrite directives of a location: other methods go to the block's level."""
    found = [each for each in level.inner if each.kind == "limit_except"]
    for inner in found[1:]:
        if inner.directive is not None:
            x.refuse(
                "S2W260",
                '"limit_except" directive is duplicate',
                inner.directive.span,
                "nginx refuses it, too",
            )
    if not found or found[0].directive is None:
        return []
    inner, directive = found[0], found[0].directive
    span = directive.name_span
    names = [x.constant(name, span) for name in _names(x, directive)]
    enter = x.act("nginx.enter", span, [x.constant(float(inner.number), span)])
    return [If(span, [(x.call("nginx.limit_except", span, [*names]), Block([enter, x.leave(span)]))], None)]


def _names(x: Lowering, directive: Directive) -> list[str]:
    """The methods that it is not for."""
    found: list[str] = []
    for each in directive.args:
        name = each.value.upper()
        if name not in _METHODS:
            x.refuse("S2W260", f'invalid method "{each.value}"', each.span, "nginx refuses it, too")
        for allowed in (name, *(("HEAD",) if name == "GET" else ())):
            if allowed not in found:
                found.append(allowed)
    return found


STEPS = (Step(Phase.SET, ("limit_except",), Merge.OWN, limit_except),)
