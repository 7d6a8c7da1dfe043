"""Subrequests of Lua, `ngx.location.capture`: what the location that serves one asks of its service.

How they behave was asked of nginx; see tests/directives/data/captures.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from snippet2wasm.checks import values
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import (
    Action,
    Constant,
    Constructor,
    Expr,
    Handler,
    Phase,
    Stmt,
    Unit,
)
from snippet2wasm.lower.directives import authrequest, proxypass
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge
from snippet2wasm.source import Span

_CAPTURES = re.compile(rb"\bcapture(_multi)?\b")
_SERVICE = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^/:?$\[\]]+)(?::\d+)?")
_SERVING = frozenset(("proxy_pass", "return", "rewrite", "try_files"))
_TAKEN = frozenset(("proxy_read_timeout",))


def in_lua(texts: Iterable[bytes]) -> bool:
    """Whether Lua may make subrequests."""
    return any(_CAPTURES.search(text) for text in texts)


def taken(server: Level) -> frozenset[int]:
    """The identities of directives that mean something in locations that serve subrequests only."""
    levels = [level for level in server.walk() if level.kind == "location"] if _captures(server) else []
    return frozenset(id(each) for level in levels for each in level.own if each.name in _TAKEN)


def serves(server: Level, level: Level) -> bool:
    """Whether a location asks a service for subrequests of Lua, and for nobody else."""
    return is_service(level) and _captures(server)


def is_service(level: Level) -> bool:
    """Whether a location asks a service for subrequests only."""
    return level.kind == "location" and {"internal", "proxy_pass"} <= {each.name for each in level.own}


def _captures(server: Level) -> bool:
    """Whether the Lua of a text may make subrequests; files may, since nobody has read them."""
    directives = [each for level in (*server.chain()[:-1], *server.walk()) for each in level.own]
    files = any(each.name.endswith("_by_lua_file") for each in directives)
    return files or in_lua(each.lua.data for each in directives if each.lua is not None)


def _pass(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """The service of a location; what it is asked for is made in front of it, as for clients' requests."""
    if not x.captures or level.of_ingress:
        return []
    directive = directives[-1]
    target = proxypass.target_of(directive, level, x.program.lua_sets)
    if target is None:
        return []  # it is refused for clients' requests, too
    if not _SERVICE.fullmatch(target.service):
        x.refuse(
            "S2W261",
            "a plugin can't reach this service",
            directive.args[0].span,
            reason="it calls clusters of the gateway, which are named after host and port",
            help="write http://HOST:PORT",
        )
        return []
    statements = [
        x.act("nginx.pass_timeout", each.span, [x.constant(float(limit or 0), each.args[0].span)])
        for each in level.effective(("proxy_read_timeout",), Merge.VALUE)
        for limit in [values.milliseconds(each.args[0].value)]
    ]
    service = x.constant(target.service, directive.args[0].span)
    return [*statements, x.act("nginx.pass_to", directive.span, [service])]


def elsewhere(x: Lowering, level: Level) -> bool:
    """Whether the gateway's routes decide who answers a request at a level: nothing in it does."""
    return x.captures and not x.whole and level.kind in ("server", "location") and not _serves(level)


def _serves(level: Level) -> bool:
    """Whether a level does something for a subrequest itself: it answers, or it goes on elsewhere."""
    pending = list(level.own)
    while pending:
        each = pending.pop()
        if each.name in _SERVING or each.name.startswith(("content_by_lua", "rewrite_by_lua")):
            return True
        pending += each.block or [] if each.name == "if" else []
    return False


def refusal(x: Lowering, span: Span) -> list[Stmt]:
    """What a subrequest comes to where a plugin can't know who answers it."""
    return [x.act("nginx.pass_elsewhere", span)]


def check(unit: Unit, server: Level | None, whole: bool) -> None:
    """Refuses subrequests to what the text does not show, where that is certain.

    Args:
        unit: what was compiled.
        server: the levels of its text; None for Lua alone.
        whole: the text shows all locations.

    Raises:
        Refusal: S2W261.
    """
    if whole:
        return
    refused = [
        Diagnostic(
            "S2W261",
            "no location of the input answers this subrequest",
            expr.span,
            reason="the plugin makes the subrequest itself, so it has to know where that goes",
            help="compile the nginx text with that location, or call the service behind it with resty.http",
        )
        for expr in _made(unit)
        if server is None or not unit.levels or _goes_elsewhere(server, expr)
    ]
    if refused:
        raise Refusal(refused)


def _goes_elsewhere(server: Level, expr: Action) -> bool:
    """Whether a subrequest certainly goes to a location that is not in the text."""
    path = _path(expr.args) if expr.entry.name == "ngx.location.capture" else None
    if path is None:
        return False
    found = authrequest.target_of(server, path)
    return found is None or not _serves(found)


def _path(args: list[Expr]) -> str | None:
    """The path of a subrequest, where it is constant."""
    match args:
        case [Constant(value=bytes() as uri), *_]:
            return uri.partition(b"?")[0].decode("utf-8", "surrogateescape")
        case _:
            return None


def _paths(expr: Action) -> list[str | None]:
    """The paths of all subrequests that a call makes; None for one that is not constant."""
    if expr.entry.name == "ngx.location.capture":
        return [_path(expr.args)]
    match expr.args:
        case [Constructor(fields=items)]:
            return [_path([uri]) if (uri := _first(value)) is not None else None for _, value in items]
        case _:
            return [None]


def _first(item: Expr) -> Expr | None:
    """The first positional value of a constructor."""
    fields = item.fields if isinstance(item, Constructor) else []
    return next((value for key, value in fields if key is None), None)


def needed(unit: Unit, servers: Sequence[Level]) -> list[Handler]:
    """The handlers of a unit, without the services of locations that only clients get to."""
    paths = [path for each in _made(unit) for path in _paths(each)]
    if None in paths:
        return unit.handlers
    targets = {
        authrequest.target_of(server, path) for server in servers for path in paths if path is not None
    }
    kept = {level.number for level in targets if level is not None}
    return [
        each
        for each in unit.handlers
        if each.phase is not Phase.PASS or any(n in kept or unit.levels[n].internal for n in each.levels)
    ]


def _made(unit: Unit) -> list[Action]:
    """The calls that make subrequests."""
    return [action for action in unit.actions() if action.entry.name.startswith("ngx.location.capture")]


STEPS = (Step(Phase.PASS, ("proxy_pass",), Merge.LOCATION, _pass),)
