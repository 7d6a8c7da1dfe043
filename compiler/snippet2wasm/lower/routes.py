"""Where an nginx text sends requests: what the gateway's routes have to do for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.lower.directives import authrequest, captures
from snippet2wasm.lower.directives.errors import for_the_service
from snippet2wasm.lower.directives.proxypass import pass_of, target_of
from snippet2wasm.lower.levels import Level, Merge
from snippet2wasm.source import Span

_ANSWERS = re.compile(r"return|content_by_lua\w*|empty_gif|stub_status")
_HOST = re.compile(r"\w+://([^/]*)")


@dataclass(frozen=True)
class Route:
    """Where the requests of a location go.

    Attributes:
        server: the names of the server; "" where it has none.
        location: as it is written, `/api` or `~ \\.php$`.
        to: what gets them: `http://backend`, or the folder whose files they are for.
        files: `to` is a folder.
        addresses: of the servers of an upstream.
        host: the Host that nginx sends there; "" for the client's, or one that the plugin sets.
        span: where.
    """

    server: str
    location: str
    to: str
    files: bool
    addresses: tuple[str, ...]
    host: str
    span: Span

    @property
    def shown(self) -> str:
        """On a line of its own."""
        where = f"{self.server} {self.location}".strip()
        what = f"files of {self.to}" if self.files else self.to
        more = [f"Host: {self.host}"] if self.host else []
        behind = [", ".join(self.addresses), *more] if self.addresses else more
        return f"{where} → {what}" + (f" ({'; '.join(behind)})" if behind else "")


def of(servers: Sequence[Level], whole: bool) -> list[Route]:
    """The routes of servers, in the order of the text.

    Args:
        servers: their levels.
        whole: a location without an answer serves files; else the gateway has routes for it already.
    """
    found: list[Route] = []
    for server in servers:
        upstreams = _upstreams(server.chain()[0].own)
        for level in server.walk():
            if level.kind == "location" and level.directive is not None and level is not server:
                route = _of(level, server, upstreams, whole)
                found += [route] if route is not None else []
    return found


def _of(level: Level, server: Level, upstreams: dict[str, tuple[str, ...]], whole: bool) -> Route | None:
    location = " ".join(each.value for each in level.directive.args) if level.directive is not None else ""
    name = _name(server)
    directive = pass_of(level)
    if directive is not None and (
        id(directive) in authrequest.taken(server) or captures.serves(server, level)
    ):
        return None  # the plugin asks that service itself
    if directive is not None:
        target = target_of(directive, level, ())
        to = target.service if target is not None else directive.args[0].value
        host = to.partition("://")[2] or to
        sent = "" if directive.name != "proxy_pass" else _host(level, target.host if target else host)
        return Route(name, location, to, False, upstreams.get(host, ()), sent, directive.span)
    roots = level.effective(("root", "alias"), Merge.ARRAY)
    answered = any(_ANSWERS.fullmatch(each.name) for each in level.own)
    if not whole or not roots or answered or _is_internal(level) or _goes_on(level):
        return None
    return Route(
        name,
        location,
        roots[-1].args[0].value,
        True,
        (),
        "",
        level.directive.name_span if level.directive else roots[-1].span,
    )


def _is_asked(level: Level, directive: Directive, server: Level) -> bool:
    """Whether the plugin asks the service of a location itself, and nobody else does."""
    if id(directive) in authrequest.taken(server):
        return True
    return _is_internal(level) and id(directive) in captures.taken(server)


def _is_internal(level: Level) -> bool:
    return any(each.name == "internal" for each in level.own)


def _goes_on(level: Level) -> bool:
    """Whether nobody gets a file: all are denied, or `try_files` of a plugin goes to its last argument."""
    denied = [each.args[0].value for each in level.own if each.name == "deny" and each.args]
    files = [each for each in level.own if each.name == "try_files"]
    return denied == ["all"] or any(not for_the_service(level, each) for each in files)


def _host(level: Level, host: str) -> str:
    """The Host that nginx sends, where it is neither the client's nor one that a directive says."""
    lines = level.effective(("proxy_set_header",), Merge.ARRAY)
    return "" if any(each.args[0].value.lower() == "host" for each in lines) else host


def _name(server: Level) -> str:
    names = [each for each in server.own if each.name == "server_name"]
    values = [each.value for directive in names for each in directive.args]
    return values[0] if values and values[0] not in ("_", "localhost", "") else ""


def _upstreams(directives: Sequence[Directive]) -> dict[str, tuple[str, ...]]:
    """The addresses of the servers of `upstream` blocks, by name."""
    found: dict[str, tuple[str, ...]] = {}
    for each in directives:
        if each.name == "upstream" and each.args:
            servers = [inner for inner in each.block or [] if inner.name == "server" and inner.args]
            found[each.args[0].value] = tuple(inner.args[0].value for inner in servers)
        elif each.name == "http":
            found |= _upstreams(each.block or [])
    return found


def warnings(routes: Sequence[Route]) -> list[Diagnostic]:
    """What is told about routes: one warning that names them all."""
    if not routes:
        return []
    count = "a route" if len(routes) == 1 else f"{len(routes)} routes"
    message = f"the gateway needs {count} for what nginx passes on"
    reason = "a plugin does not choose the service that gets a request"
    help_ = "give the gateway routes to these services; the plugin acts on their requests"
    paste = "\n".join(each.shown for each in routes)
    first = routes[0].span
    return [Diagnostic("S2W483", message, first, reason, help_, paste, Severity.WARNING)]
