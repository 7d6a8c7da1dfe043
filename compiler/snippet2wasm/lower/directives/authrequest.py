"""`auth_request` and `auth_request_set`: another location of the text decides, mostly by asking a service.

How they behave was asked of nginx; see tests/directives/data/authrequest.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from snippet2wasm.checks import values
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Expr, Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge, location_arguments, server_of
from snippet2wasm.source import Span

_TAKEN = frozenset(("proxy_pass", "proxy_read_timeout"))
"""What a location for subrequests may hold, and others may not."""

_NOT_RUN = re.compile(r"(rewrite|access|content)_by_lua")
_URL = re.compile(r"(https?://(?:\[[0-9A-Fa-f:.]+\]|[^/:?$\[\]]+)(?::\d+)?)([/?$].*)?", re.DOTALL)
_PATH = re.compile(r"/[\w/.~-]*", re.ASCII)


# Which location


def target_of(server: Level, uri: str) -> Level | None:
    """The location that nginx finds for a URI; None if there is none, or nobody knows it here: a regular
    expression decides that Python does not take.
    """
    best: Level | None = None
    length, final = -1, False
    patterns: list[tuple[Level, str]] = []
    for level in server.walk():
        if level.kind != "location" or level.directive is None:
            continue
        modifier, path = location_arguments(level.directive)
        if modifier == "=" and path == uri:
            return level
        if modifier in ("", "^~") and uri.startswith(path) and len(path) > length:
            best, length, final = level, len(path), modifier == "^~"
        elif modifier in ("~", "~*"):
            patterns.append((level, f"(?i:{path})" if modifier == "~*" else path))
    try:
        found = next((level for level, pattern in patterns if re.search(_in_python(pattern), uri)), None)
    except re.error:
        return best if final else None
    return best if final or found is None else found


def _in_python(pattern: str) -> str:
    """A regular expression with named groups as Python writes them."""
    return re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", pattern)


def _requests(server: Level) -> Iterator[Directive]:
    """The `auth_request` directives that ask somebody."""
    for level in (*server.chain()[:-1], *server.walk()):
        for each in level.own:
            if each.name == "auth_request" and [argument.value for argument in each.args] != ["off"]:
                yield each


def targets(server: Level) -> list[Level]:
    """The locations that serve subrequests."""
    found = [target_of(server, each.args[0].value) for each in _requests(server) if each.args]
    return [level for level in found if level is not None and _serves(level)]


def _serves(level: Level) -> bool:
    """Whether a location does something for a subrequest itself: it asks a service, or answers."""
    pending = list(level.own)
    while pending:
        each = pending.pop()
        if each.name in ("proxy_pass", "return") or _NOT_RUN.match(each.name):
            return True
        pending += each.block or [] if each.name == "if" else []
    return False


def taken(server: Level) -> frozenset[int]:
    """The identities of directives that only a location for subrequests may hold."""
    return frozenset(id(each) for level in targets(server) for each in level.own if each.name in _TAKEN)


# What it does


def auth_request(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """The subrequest, the variables that take parts of its answer, and what that means."""
    directive = directives[-1]
    uri, span = directive.args[0], directive.span
    if uri.value == "off":
        return []
    target = target_of(server_of(level), uri.value)
    if target is None or not _serves(target):
        x.refuse(
            "S2W261",
            f"no location of the input answers {uri.value!r}",
            uri.span,
            reason="the plugin makes the subrequest itself, so it has to know where that goes",
            help=f"give `location = {uri.value} {{ internal; proxy_pass …; }}` in the same input",
        )
        return []
    if not _can_run(x, target):
        return []
    number = x.constant(float(target.number), uri.span)
    begin = x.act("nginx.auth_request", span, [x.constant(uri.value, uri.span), number])
    sets = [_set(x, each) for each in level.effective(("auth_request_set",), Merge.ARRAY)]
    return [begin, *_asks(x, target, uri), *sets, x.act("nginx.authorize", span)]


def _can_run(x: Lowering, target: Level) -> bool:
    """Whether the plugin does all that the location holds; says what it does not do."""
    assert target.directive is not None
    for each in target.own:
        if _NOT_RUN.match(each.name):
            reason = "of a location for subrequests, a plugin runs the rewrite directives and proxy_pass"
            x.refuse(
                "S2W261", f"{each.name} can't run for a subrequest", each.name_span, reason, "use `return`"
            )
            return False
        if each.name == "rewrite" and [arg.value for arg in each.args[2:]] != ["break"]:
            reason = "a subrequest of a plugin stays in its location"
            x.refuse(
                "S2W261", "a subrequest can't be rewritten here", each.span, reason, "proxy_pass with a URI"
            )
            return False
    page = _page_of(target)
    if page is not None:
        x.refuse(
            "S2W261",
            f"this error_page is for the subrequest to `{target.text}`, too",
            page.span,
            reason="nginx serves the page in the subrequest; if that redirects, for one, the client gets 500",
            help="give the error_page in the location that has the auth_request",
        )
        return False
    passes = any(each.name == "proxy_pass" for each in target.own)
    if passes and not any(each.name == "internal" for each in target.own):
        x.refuse(
            "S2W261",
            f"`{target.text}` is open to clients",
            target.directive.name_span,
            reason="they would reach the service behind its proxy_pass, where the gateway has no route",
            help="put `internal;` into it",
        )
        return False
    return True


def _page_of(target: Level) -> Directive | None:
    """An error_page for what a location returns."""
    codes: set[str] = set()
    pending = list(target.own)
    while pending:
        each = pending.pop()
        codes |= {each.args[0].value} if each.name == "return" and len(each.args) == 1 else set()
        pending += each.block or [] if each.name == "if" else []
    for page in target.effective(("error_page",), Merge.ARRAY):
        if codes.intersection(argument.value for argument in page.args[:-1]):
            return page
    return None


def _asks(x: Lowering, target: Level, uri: Argument) -> list[Stmt]:
    """What the location's proxy_pass asks the service."""
    directive = next((each for each in target.own if each.name == "proxy_pass"), None)
    if directive is None:
        return []
    url = directive.args[0]
    found = _URL.fullmatch(url.value)
    if found is None:
        x.refuse(
            "S2W261",
            "the service of this proxy_pass must be constant",
            url.span,
            reason="a plugin calls clusters of the gateway, which are named after host and port",
            help="write http://HOST:PORT, with variables behind that only",
        )
        return []
    target_text = found[2] or ""
    service = x.constant(found[1], url.span)
    operands = [service, _target(x, target, uri, target_text, url.span)]
    return [*_settings(x, target), x.act("nginx.auth_pass", directive.span, operands)]


def _target(x: Lowering, target: Level, uri: Argument, text: str, span: Span) -> Expr:
    """What is asked of the service: the URI of proxy_pass, in which the location's own path is replaced, or
    that of the subrequest; variables in it leave it as it is.
    """
    if "$" in text:
        return x.text(text, span)
    path = uri.value
    if text:
        assert target.directive is not None
        modifier, prefix = location_arguments(target.directive)
        rest = path[len(prefix) :] if modifier in ("", "^~", "=") else ""
        path = ("/" if text.startswith("?") else "") + text + rest
    if not _PATH.fullmatch(uri.value):
        x.refuse(
            "S2W261", f"{uri.value!r} is no plain path", uri.span, help="use letters, digits, `/`, `.`, `-`"
        )
    return x.call("nginx.auth_target", span, [x.plain(path, span)])


def _settings(x: Lowering, target: Level) -> Iterator[Stmt]:
    """The proxy_* directives that count in the location."""
    for each in target.effective(("proxy_set_header",), Merge.ARRAY):
        name, value = each.args
        operands = [x.constant(name.value, name.span), x.text(value)]
        yield x.act("nginx.auth_header", each.span, operands)
    for each in target.effective(
        ("proxy_method", "proxy_set_body", "proxy_pass_request_headers", "proxy_read_timeout"), Merge.VALUE
    ):
        argument = each.args[0]
        if each.name == "proxy_method":
            yield x.act("nginx.auth_method", each.span, [x.text(argument)])
        elif each.name == "proxy_set_body":
            yield x.act("nginx.auth_body", each.span, [x.text(argument)])
        elif each.name == "proxy_read_timeout":
            limit = values.milliseconds(argument.value)
            yield x.act("nginx.auth_timeout", each.span, [x.constant(float(limit or 0), argument.span)])
        elif argument.value.lower() == "off":
            yield x.act("nginx.auth_without_headers", each.span)


def _set(x: Lowering, directive: Directive) -> Stmt:
    """`auth_request_set $name value;`"""
    name, value = directive.args
    lower = name.value[1:].lower()
    if lower == "args":
        return x.act("nginx.set_args", directive.span, [x.text(value)])
    return x.act("nginx.set", directive.span, [x.constant(lower, name.span), x.text(value)])


def declare(x: Lowering, level: Level) -> None:
    """Takes in the variables that `auth_request_set` declares; other directives were asked before."""
    for inner in level.walk():
        for each in inner.own:
            name = each.args[0].value[1:].lower() if each.name == "auth_request_set" else "args"
            if name != "args" and name not in x.program.variables:
                x.program.variables.add(name)
                x.program.unset.add(name)


def _flag(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """What `auth_request` asks for."""
    return []


STEPS = (
    Step(Phase.RULES, ("auth_request",), Merge.VALUE, auth_request),
    Step(Phase.RULES, ("auth_request_set",), Merge.ARRAY, _flag),
)
