"""What nginx itself would have said: the checks that its configuration parser makes, in its words.

    tree of directives ─► checks ─► diagnostics

A snippet that nginx refused was never in force, so whatever it says is no behaviour to keep. The checks
follow nginx 1.22.1 (with ngx_lua 0.10 and headers-more 0.34), found by experiment; tests give every bad
input to the real one, too. `table` is what nginx says of each directive, `checker` walks over the tree, the
other modules hold what single directives check for themselves. Known variables are in `variables`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from snippet2wasm.checks.checker import Checker
from snippet2wasm.checks.levels import LEVELS, level_of, starts_with_directive
from snippet2wasm.checks.surroundings import NOTHING, Surroundings, around, of_ingress
from snippet2wasm.diagnostics import Diagnostic
from snippet2wasm.frontend.layers import Layers
from snippet2wasm.frontend.nginx import Directive

__all__ = [
    "LEVELS",
    "NOTHING",
    "Surroundings",
    "around",
    "check",
    "check_layers",
    "check_levels",
    "level_of",
    "of_ingress",
    "starts_with_directive",
]


def check(
    directives: Sequence[Directive], level: str = "", surroundings: Surroundings = NOTHING
) -> list[Diagnostic]:
    """What is wrong with the directives of one level.

    Args:
        directives: a text as it was read.
        level: the block that the text stands in: main, http, server or location; "" finds out (`level_of`).
        surroundings: what is declared around the text.
    """
    return check_levels([(level or level_of(directives), directives)], surroundings)


def check_layers(layers: Layers, variables: Collection[str]) -> list[Diagnostic]:
    """What is wrong with the snippets of an Ingress.

    Args:
        layers: the snippets.
        variables: names of variables that something besides them and ingress-nginx declares.
    """
    neighbours = tuple((each.modifier, each.path) for each in layers.neighbours)
    texts = [("http", layers.http), ("server", layers.server), ("location", layers.location)]
    of_sites = dict.fromkeys(directives for _, directives in layers.sites)
    texts += [("location", directives) for directives in of_sites]
    return check_levels(texts, of_ingress(variables, neighbours, whole=bool(layers.http)))


def check_levels(
    levels: Iterable[tuple[str, Sequence[Directive]]], surroundings: Surroundings = NOTHING
) -> list[Diagnostic]:
    """What is wrong with texts of several levels that belong together: one may use what another declares.

    Args:
        levels: pairs of a level and the directives there, from the outside to the inside.
        surroundings: what is declared around all of them.
    """
    checker = Checker(surroundings)
    for level, directives in levels:
        checker.check(directives, level)
    return checker.finish()
