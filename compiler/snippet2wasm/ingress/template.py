"""What a location of ingress-nginx holds besides snippets, and what that does to them.

Source: rootfs/etc/nginx/template/nginx.tmpl of ingress-nginx 1.12 to 1.15.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from snippet2wasm.checks import table
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend.layers import location_of
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Location

HANDLERS = frozenset(("rewrite_by_lua", "header_filter_by_lua", "log_by_lua"))
"""Handlers that every location of an Ingress has: nginx takes one of each."""
_OWN = frozenset(
    ("proxy_set_header", "proxy_cookie_domain", "proxy_cookie_path", "proxy_redirect", "client_max_body_size")
)
"""Directives that every location of an Ingress has, so that it inherits none."""


_BELOW = "put it into a configuration-snippet, or the ConfigMap's location-snippet, if it should act"
_INSTEAD = {
    "client_max_body_size": "the annotation proxy-body-size; `location` blocks beside it have it",
    "port_in_redirect": "$host:$server_port in redirects; the server and its `location` blocks have it",
}
"""What to do about one that acts nowhere else."""


def check_location(directives: Iterable[Directive], what: str) -> list[Diagnostic]:
    """What of a location's snippet ingress-nginx would not have loaded."""
    return [
        Diagnostic(
            "S2W464",
            f"ingress-nginx would not have loaded this {what}: {directive.name!r} is duplicate",
            directive.name_span,
            reason="every location of an Ingress has a directive of this kind already, so nginx refused the"
            " whole configuration",
            help="access_by_lua_block and body_filter_by_lua_block are free; here it does what it says"
            if _stem(directive.name) in HANDLERS
            else "ingress-nginx has an annotation for it",
            severity=Severity.WARNING,
        )
        for directive in directives
        if _stem(directive.name) in table.load().ingress_location
    ]


def check_nested(directives: Iterable[Directive], around: Collection[Location]) -> list[Diagnostic]:
    """Locations in a location's snippet that nginx does not take inside of one of the Ingress' locations."""
    found = []
    for directive in directives:
        reason = directive.name == "location" and next(
            filter(None, (_misfit(directive, at) for at in around)), ""
        )
        if reason:
            found.append(
                Diagnostic(
                    "S2W464",
                    f"ingress-nginx would not have loaded this configuration-snippet: {reason}",
                    directive.name_span,
                    reason="nginx refused the whole configuration",
                    help="write it into the server-snippet",
                    severity=Severity.WARNING,
                )
            )
    return found


def _misfit(directive: Directive, at: Location) -> str:
    """Why nginx does not take a location inside of another, in its words; "" if it does."""
    inner = location_of(directive)
    if at.modifier == "=":
        return f'location "{inner.path}" cannot be inside the exact location "{at.path}"'
    if inner.modifier in ("", "=", "^~") and not inner.path.startswith((at.path, "@")):
        return f'location "{inner.path}" is outside location "{at.path}"'
    return ""


def check_content(directives: Iterable[Directive], what: str) -> list[Diagnostic]:
    """The content handler of a location's snippet, which never ran."""
    return [
        Diagnostic(
            "S2W465",
            f"{directive.name} in this {what} never ran in ingress-nginx, but here it does",
            directive.name_span,
            reason="the location's proxy_pass stands behind it, and takes its place",
            help="take it out if the service should go on to answer",
            severity=Severity.WARNING,
        )
        for directive in directives
        if _stem(directive.name) == "content_by_lua"
    ]


def check_outer(directives: Iterable[Directive], what: str) -> list[Diagnostic]:
    """What of a server- or http-level snippet had no effect in the locations of Ingresses."""
    return [
        Diagnostic(
            "S2W465",
            f"{directive.name} in this {what} had no effect on the requests of Ingresses",
            directive.span,
            reason="every location of an Ingress has a directive of this kind, and so inherits none",
            help=_INSTEAD.get(directive.name, _BELOW),
            severity=Severity.WARNING,
        )
        for directive in directives
        if directive.name in (*_OWN, "port_in_redirect") or _stem(directive.name) in HANDLERS
    ]


Level = tuple[Directive, ...]


def inherited(http: Level, server: Level) -> tuple[Level, Level]:
    """The http and the server level without what `check_outer` tells of, since Ingresses' locations do not
    inherit it; the locations of a server-snippet do, so they get it here, unless they have their own.
    """
    outer: dict[str, list[Directive]] = {}
    for level in (http, server):
        own: dict[str, list[Directive]] = {}
        for directive in level:
            if (kind := _own_kind(directive)) is not None:
                own.setdefault(kind, []).append(directive)
        outer |= own
    kept = [each for each in server if _own_kind(each) is None]
    return (
        tuple(each for each in http if _own_kind(each) is None),
        tuple(_with(each, outer) if each.name == "location" else each for each in kept),
    )


def _with(location: Directive, outer: dict[str, list[Directive]]) -> Directive:
    """A location with what it inherits of these kinds."""
    block = location.block or []
    own = {_own_kind(each) for each in block}
    got = [each for kind, directives in outer.items() if kind not in own for each in directives]
    return replace(location, block=[*got, *block]) if got else location


def _own_kind(directive: Directive) -> str | None:
    """Of a directive that Ingresses' locations have themselves: its kind."""
    stem = _stem(directive.name)
    return directive.name if directive.name in _OWN else stem if stem in HANDLERS else None


def moves(directives: Iterable[Directive]) -> bool:
    """Whether a server's directives may give requests another path, by which nginx finds the location."""
    return any(
        moves(each.block or []) if each.name == "if" else each.name == "rewrite" and not _redirects(each)
        for each in directives
    )


def _redirects(rewrite: Directive) -> bool:
    values = [argument.value for argument in rewrite.args]
    target = values[1] if len(values) > 1 else ""
    return values[2:] in (["redirect"], ["permanent"]) or target.startswith(
        ("http://", "https://", "$scheme")
    )


def _stem(name: str) -> str:
    """`rewrite_by_lua` of `rewrite_by_lua_block`."""
    return name.removesuffix("_block").removesuffix("_file")
