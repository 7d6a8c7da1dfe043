"""`valid_referers`: what $invalid_referer is.

How it behaves was asked of nginx; see tests/directives/data/referer.yaml.
"""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Expr
from snippet2wasm.lower.directives import perlevel
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.directives.perlevel import Settings
from snippet2wasm.lower.levels import Level, Merge

NAMES = frozenset(("valid_referers",))


def declare(x: Lowering, level: Level) -> None:
    """Declares $invalid_referer."""

    def value(found: Settings, first: Directive) -> list[Expr]:
        if not found:
            return [x.constant("", first.span)]
        arguments = [argument for each in found for argument in each.args]
        patterns = any(argument.value.startswith("~") for argument in arguments)
        names: list[Expr] = [x.constant(argument.value, argument.span) for argument in arguments]
        name = "nginx.invalid_referer_by_pattern" if patterns else "nginx.invalid_referer"
        return [x.call(name, found[0].span, names)]

    perlevel.declare(x, level, "invalid_referer", (NAMES, Merge.ARRAY), value)
