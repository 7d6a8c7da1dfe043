"""Directives of nginx's core, and small modules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from snippet2wasm.checks import values
from snippet2wasm.checks.context import Check, Context
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Place, Scope
from snippet2wasm.frontend.nginx import Directive

ONCE = frozenset(
    (
        "root",
        "alias",
        "auth_basic_user_file",
        "auth_request",
        "expires",
        "keepalive_timeout",
        "internal",
        "try_files",
        "mirror",
        "charset",
        "source_charset",
        "real_ip_header",
        "proxy_pass",
        "limit_except",
        "directio",
        "aio",
        "proxy_bind",
        "open_file_cache",
        "resolver",
        "userid_expires",
    )
)
"""Directives that read their values themselves, and of which a block may hold one."""

_LOG_LEVELS = frozenset(["debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"])
_LOG_OPTIONS = re.compile(r"(?:buffer|flush|if|gzip)=.*|gzip", re.DOTALL)
_TEXTS = (
    "root",
    "alias",
    "auth_basic_user_file",
    "proxy_set_body",
    "charset",
    "proxy_bind",
    "proxy_cache_key",
)
"""Directives that read their values themselves, which may hold variables."""

_MODIFIERS = ("=", "^~", "~", "~*")


def place_of(directive: Directive) -> Place:
    """Modifier and name of a `location`; the modifier may stand in front of the name without a blank."""
    texts = [argument.value for argument in directive.args]
    if len(texts) == 2:
        return Place(texts[0], texts[1])
    text = texts[0]
    for modifier in ("=", "^~", "~*", "~"):
        if text.startswith(modifier):
            return Place(modifier, text[len(modifier) :])
    return Place("", text)


def location(context: Context, directive: Directive, scope: Scope) -> None:
    """`location [modifier] name {…}`"""
    first = directive.args[0]
    if len(directive.args) == 2 and first.value not in _MODIFIERS:
        raise Fault(f'invalid location modifier "{first.value}"', first.span, "S2W139", help="=, ^~, ~ or ~*")
    place = place_of(directive)
    at = directive.args[-1]
    if place.is_regex:
        context.regex(at, place.name)
    outer = scope.place
    if "location" in scope.contexts and scope.contexts <= {"location"} and outer is not None:
        _nested(place, outer, directive)
    if not place.is_regex and not place.is_named:
        key = (place.modifier == "=", place.name)
        if scope.outer is None and (place.modifier, place.name) in context.surroundings.locations:
            raise Fault(
                f'duplicate location "{place.name}"',
                at.span,
                "S2W139",
                "an Ingress of this host has the path, too, so nginx did not load the snippet",
            )
        other = scope.locations.setdefault(key, directive)
        if other is not directive:
            line = other.name_span.outermost().line
            raise Fault(
                f'duplicate location "{place.name}"', at.span, "S2W139", f"the first is in line {line}"
            )


def _nested(place: Place, outer: Place, directive: Directive) -> None:
    at = directive.args[-1].span
    if outer.modifier == "=":
        raise Fault(
            f'location "{place.name}" cannot be inside the exact location "{outer.name}"', at, "S2W139"
        )
    if outer.is_named:
        raise Fault(
            f'location "{place.name}" cannot be inside the named location "{outer.name}"', at, "S2W139"
        )
    if place.is_named:
        raise Fault(f'named location "{place.name}" can be on the server level only', at, "S2W139")
    if not place.is_regex and not place.name.startswith(outer.name):
        raise Fault(
            f'location "{place.name}" is outside location "{outer.name}"',
            at,
            "S2W139",
            help="in a server-snippet it would stand beside the others",
        )


def error_page(context: Context, directive: Directive, _: Scope) -> None:
    """`error_page code… [=[code]] uri;`"""
    *codes, uri = directive.args
    if codes[-1].value.startswith("="):
        response = codes.pop()
        text = response.value[1:]
        if not codes or (text and values.number(text) is None):
            raise Fault(f'invalid value "{response.value}"', response.span)
    context.text(uri)
    for code in codes:
        found = values.number(code.value)
        if found is None or found == 499:
            raise Fault(f'invalid value "{code.value}"', code.span)
        if not 300 <= found <= 599:
            raise Fault(f'value "{code.value}" must be between 300 and 599', code.span)


def try_files(context: Context, directive: Directive, _: Scope) -> None:
    """`try_files file… uri;`, `try_files file… =code;`"""
    *files, last = directive.args
    for argument in files:
        context.text(argument)
    if not last.value.startswith("="):
        context.text(last)
        return
    code = values.number(last.value[1:])
    if code is None or code > 999:
        raise Fault(f'invalid code "{last.value}"', last.span)


def server_name(context: Context, directive: Directive, _: Scope) -> None:
    """`server_name name…;`"""
    for argument in directive.args:
        if argument.value.startswith("~"):
            if len(argument.value) == 1:
                raise Fault('empty regex in server name "~"', argument.span)
            context.regex(argument, argument.value[1:])


def keepalive_timeout(_: Context, directive: Directive, __: Scope) -> None:
    """`keepalive_timeout time [seconds];`"""
    first, *rest = directive.args
    if values.milliseconds(first.value) is None or any(values.seconds(each.value) is None for each in rest):
        raise Fault('"keepalive_timeout" directive invalid value')


def access_log(context: Context, directive: Directive, _: Scope) -> None:
    """`access_log path [format [option…]];`, `access_log off;`"""
    path, *rest = directive.args
    if path.value == "off":
        if rest:
            raise Fault(f'invalid parameter "{rest[0].value}"', rest[0].span)
        return
    if not path.value.startswith("syslog:"):
        context.text(path)
    if rest and context.surroundings.formats is not None and rest[0].value not in context.formats:
        raise Fault(f'unknown log format "{rest[0].value}"', rest[0].span)
    for argument in rest[1:]:
        if not _LOG_OPTIONS.fullmatch(argument.value):
            raise Fault(f'invalid parameter "{argument.value}"', argument.span)
        if argument.value.startswith("buffer=") and not values.size(argument.value[7:]):
            raise Fault(f'invalid buffer size "{argument.value[7:]}"', argument.span)
        if argument.value.startswith("if="):
            context.text(argument, argument.value[3:])


def log_format(context: Context, directive: Directive, _: Scope) -> None:
    """`log_format name [escape=…] text…;`"""
    name, *rest = directive.args
    if name.value in context.formats:
        raise Fault(f'duplicate "log_format" name "{name.value}"', name.span, "S2W134")
    context.formats.add(name.value)
    if rest[0].value.startswith("escape="):
        escape = rest.pop(0)
        if escape.value[7:] not in ("default", "json", "none"):
            raise Fault(f'unknown log format escaping "{escape.value[7:]}"', escape.span)
    for argument in rest:
        context.text(argument)


def error_log(_: Context, directive: Directive, __: Scope) -> None:
    """`error_log file [level];`"""
    levels = directive.args[1:]
    for argument in levels:
        if argument.value not in _LOG_LEVELS and not argument.value.startswith("debug_"):
            raise Fault(f'invalid log level "{argument.value}"', argument.span)
    if len(levels) > 1 and not levels[1].value.startswith("debug_"):
        raise Fault(f'duplicate log level "{levels[1].value}"', levels[1].span)


def sub_filter(context: Context, directive: Directive, _: Scope) -> None:
    """`sub_filter search replacement;`"""
    if not directive.args[0].value:
        raise Fault("empty search pattern", directive.args[0].span)
    for argument in directive.args:
        context.text(argument)


def upstream(context: Context, directive: Directive, _: Scope) -> None:
    """`upstream name {…}`"""
    name = directive.args[0]
    if name.value in context.upstreams:
        raise Fault(f'duplicate upstream "{name.value}"', name.span, "S2W134")
    context.upstreams.add(name.value)


def after_upstream(directive: Directive) -> None:
    """What nginx checks at the end of an `upstream` block."""
    if not any(entry.name in ("server", "include") for entry in directive.block or []):
        raise Fault("no servers are inside upstream", directive.name_span)


def gzip_disable(context: Context, directive: Directive, _: Scope) -> None:
    """`gzip_disable regex…;`"""
    for argument in directive.args:
        context.regex(argument)


def texts(context: Context, directive: Directive, _: Scope) -> None:
    """A directive whose arguments are texts."""
    for argument in directive.args:
        context.text(argument)


def at_the_end(scope: Scope) -> Iterator[tuple[Fault, Directive]]:
    """What nginx checks when it has read a block."""
    first = scope.settings.get("secure_link_secret")
    mixed = scope.settings.get("secure_link") or scope.settings.get("secure_link_md5")
    if first is not None and mixed is not None:
        yield (
            Fault('"secure_link_secret" cannot be mixed with "secure_link" and "secure_link_md5"'),
            mixed,
        )
    referers = scope.values.get("valid_referers", [])
    if {"none", "blocked"} & {*referers} and all(
        each in ("none", "blocked") or each.startswith("~") for each in referers
    ):
        yield (
            Fault(
                'the "none" or "blocked" referers are specified in the "valid_referers" directive'
                " without any valid referer"
            ),
            scope.settings["valid_referers"],
        )


CHECKS: dict[str, Check] = {
    "location": location,
    "error_page": error_page,
    "try_files": try_files,
    "server_name": server_name,
    "keepalive_timeout": keepalive_timeout,
    "access_log": access_log,
    "log_format": log_format,
    "error_log": error_log,
    "sub_filter": sub_filter,
    "upstream": upstream,
    "gzip_disable": gzip_disable,
    **dict.fromkeys(_TEXTS, texts),
}
