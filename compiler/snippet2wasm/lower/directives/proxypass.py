"""`proxy_pass`: which service gets a request is what the gateway's routes say; which path it is asked for,
when `proxy_pass` has one, is made here.

How nginx makes it was asked of nginx; see tests/directives/data/proxypass.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import takewhile

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import PASSES, Level, Merge, location_arguments, server_of

_URL = re.compile(r"(?P<service>\w+://(?:unix:[^:$]+:?|\[[^\]$]*\](?::\d+)?|[^/?#$]+))(?P<uri>.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True)
class Target:
    """What a `proxy_pass` names.

    Attributes:
        service: scheme, host and port, without variables: `http://backend`.
        uri: what follows; "" for the request's own.
    """

    service: str
    uri: str

    @property
    def host(self) -> str:
        """The Host that nginx gives the service: its name, with a port that is not the scheme's own."""
        scheme, _, host = self.service.partition("://")
        return host.removesuffix(_PORTS.get(scheme, ""))


def pass_of(level: Level) -> Directive | None:
    """The directive that sends the requests of a level to a server; None if there is none."""
    found = level.effective(PASSES, Merge.LOCATION)
    return found[-1] if found else None


def target_of(directive: Directive, level: Level, written: Collection[str]) -> Target | None:
    """What a directive at a level names; None where its variables say which service it is.

    Args:
        directive: one of PASSES.
        level: where it counts.
        written: the names of the variables that Lua sets, `*` among them if it computes names.
    """
    text = directive.args[0].value
    if directive.name != "proxy_pass":
        return Target(text, "")
    text = _VARIABLE.sub(lambda match: _constant(match[1] or match[2], level, written) or match[0], text)
    found = _URL.fullmatch(text)
    return Target(found["service"], found["uri"]) if found else None


def _constant(name: str, level: Level, written: Collection[str]) -> str | None:
    """The value of a variable that is a constant where a level passes requests on: its own `set`, or the only
    one of its server, gives it, and nothing else sets it.
    """
    if name.lower() in written or "*" in written:
        return None
    location = level if level.kind == "location" or level.outer is None else level.outer
    own = [each for each in location.own if _sets(each, name)]
    if own:
        before = list(takewhile(lambda each: each is not own[0], location.own))
        skipped = any(each.name in ("if", "rewrite", "break", "return") for each in before)
        inside = any(_sets(each, name) for outer in location.own for each in _all(outer.block or []))
        return _text(own[0]) if len(own) == 1 and not skipped and not inside else None
    server = server_of(level)  # requests do not go from one to another
    above = server.chain()[:-1]
    maps = [each for outer in above for each in outer.own]
    sets = [each for each in [*maps, *_all(server.own)] if _sets(each, name)]
    around = [each for outer in level.chain() for each in outer.own]
    return _text(sets[0]) if len(sets) == 1 and any(sets[0] is each for each in around) else None


def _text(directive: Directive) -> str | None:
    """The constant that a `set` gives; None for what is none."""
    value = directive.args[1].value if directive.name == "set" else "$"
    return None if "$" in value else value


def _sets(directive: Directive, name: str) -> bool:
    named = (f"${name.lower()}", f"(${name.lower()})")
    return any(each.value.lower() in named for each in directive.args[:2]) and (
        directive.name.startswith(("set", "map", "geo", "split_clients", "auth_request_set"))
    )


def _all(directives: list[Directive]) -> list[Directive]:
    found: list[Directive] = []
    for each in directives:
        found += [each, *_all(each.block or [])]
    return found


def _lower(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """The path for the upstream, where `proxy_pass` says it."""
    directive = directives[-1]
    target = target_of(directive, level, x.program.lua_sets)
    argument = directive.args[0]
    if target is None:
        x.refuse(
            "S2W230",
            f"{argument.value} names another service for each request",
            directive.span,
            reason="a plugin does not choose the service: the gateway's routes do",
            help="set a request header to what it depends on, and give the gateway a route for each value"
            " (in Higress: canary-by-header)",
        )
        return []
    if not target.uri:
        return []
    if "$" in argument.value:
        return [x.act("nginx.proxy_uri", directive.span, [x.text(target.uri, argument.span)])]
    location = level
    while location.kind != "location" and location.outer is not None:
        location = location.outer
    path = location_arguments(location.directive)[1] if location.directive is not None else ""
    operands = [x.plain(target.uri, argument.span), x.plain(path, directive.name_span)]
    return [x.act("nginx.proxy_path", directive.span, operands)]


STEPS = (Step(Phase.PROXY, ("proxy_pass",), Merge.LOCATION, _lower),)
