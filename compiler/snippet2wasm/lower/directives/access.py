"""Who may: `allow` and `deny`, `satisfy`.

How they behave was asked of nginx; see tests/directives/data/access.yaml.
"""

from __future__ import annotations

import itertools

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Block, If, Phase, Stmt, Unary
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge


def satisfy(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`satisfy any`: what follows in the phase, and access_by_lua, are alternatives."""
    if not one_is_enough(level):
        return []
    return [x.act("nginx.satisfy_any", directives[-1].span)]


def one_is_enough(level: Level) -> bool:
    """Whether `satisfy any` counts at a level."""
    found = level.effective(("satisfy",), Merge.VALUE)
    return bool(found) and [each.value.lower() for each in found[-1].args] == ["any"]


def rules(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`allow` and `deny`: the first that is for the client counts.

    Neighbours of one kind make one call. What follows a rule stands where it was not for the client; a
    `deny` in front of it ends the request, unless something else may still allow it.
    """
    alternatives = one_is_enough(level)
    groups = [(name, list(found)) for name, found in itertools.groupby(directives, lambda each: each.name)]
    rest: list[Stmt] = []
    for name, group in reversed(groups):
        span = group[0].span
        networks = [x.constant(each.args[0].value, each.args[0].span) for each in group]
        call = x.call(f"nginx.{name}", span, [*networks])
        act = x.act(f"nginx.{name}", span, [*networks])
        if name == "deny" and not alternatives:
            rest = [act, *rest]
        elif rest:
            rest = [If(span, [(Unary(span, "not", call), Block(rest))], None)]
        elif alternatives:
            rest = [act]
    return rest


STEPS = (
    Step(Phase.RULES, ("satisfy",), Merge.VALUE, satisfy),
    Step(Phase.RULES, ("allow", "deny"), Merge.ARRAY, rules),
)
"""In nginx's order."""
