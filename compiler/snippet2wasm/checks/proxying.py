"""ngx_http_proxy_module, and what other modules read as it does."""

from __future__ import annotations

from snippet2wasm.checks import values
from snippet2wasm.checks.context import Check, Context
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Scope
from snippet2wasm.frontend.nginx import Argument, Directive

_NO_URI = (
    '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, '
    'or inside "if" statement, or inside "limit_except" block'
)


def proxy_pass(context: Context, directive: Directive, scope: Scope) -> None:
    """`proxy_pass URL;`"""
    argument = directive.args[0]
    url = argument.value
    if "$" in url:
        context.text(argument)
        return
    scheme = next((each for each in ("http://", "https://") if url.lower().startswith(each)), None)
    if scheme is None:
        raise Fault("invalid URL prefix", argument.span, help="http:// or https://")
    rest = url[len(scheme) :]
    if rest.startswith("unix:"):
        return
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    host, uri = rest[:end], rest[end:]
    _host(host, argument)
    place = scope.location()
    if uri and (scope.is_implicit or (place is not None and (place.is_regex or place.is_named))):
        raise Fault(_NO_URI, argument.span)


def _host(host: str, argument: Argument) -> None:
    name, colon, port = ("", "", "") if host.startswith("[") else host.partition(":")
    if not host or (colon and not name):
        raise Fault(f'no host in upstream "{host}"', argument.span)
    if colon and not 1 <= (values.number(port) or 0) <= 65535:
        raise Fault(f'invalid port in upstream "{host}"', argument.span)


def _replacements(*settings: str) -> Check:
    """The check of a directive with pairs, or one of these words for none; `off` ends all others."""

    def check(context: Context, directive: Directive, scope: Scope) -> None:
        name = directive.name
        noted = scope.values.setdefault(name, [])
        if "off" in noted:
            raise Fault(f'"{name}" directive is duplicate', code="S2W134", reason="it is off already")
        first, *rest = directive.args
        noted.append(first.value if not rest else "")
        if not rest:
            if first.value == "default" and "default" in settings:
                if "proxy_pass" not in scope.settings:
                    raise Fault(
                        f'"{name} default" should be placed after the "proxy_pass" directive', first.span
                    )
            elif first.value not in settings:
                raise Fault(f'invalid parameter "{first.value}"', first.span, help="from and to, or off")
            return
        if first.value.startswith("~"):
            context.regex(first, first.value[2:] if first.value.startswith("~*") else first.value[1:])
        else:
            context.text(first)
        for argument in rest:
            context.text(argument)

    return check


CHECKS: dict[str, Check] = {
    "proxy_pass": proxy_pass,
    "proxy_redirect": _replacements("off", "default"),
    "proxy_cookie_domain": _replacements("off"),
    "proxy_cookie_path": _replacements("off"),
    "proxy_cookie_flags": _replacements("off"),
}
