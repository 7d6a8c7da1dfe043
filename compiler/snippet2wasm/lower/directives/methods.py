"""`limit_except`: a level of its own for requests with other methods.

They never meet the rewrite directives of the location. How it behaves was asked of nginx; see
tests/directives/data/methods.yaml.
"""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Block, If, Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge


def limit_except(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """What stands in front of the rewrite directives of a location: other methods go to the block's level."""
    found = [each for each in level.inner if each.kind == "limit_except"]
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
        for allowed in (name, *(("HEAD",) if name == "GET" else ())):
            if allowed not in found:
                found.append(allowed)
    return found


STEPS = (Step(Phase.SET, ("limit_except",), Merge.OWN, limit_except),)
