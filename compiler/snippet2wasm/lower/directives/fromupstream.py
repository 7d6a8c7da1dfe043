"""What is done to the upstream's response first: `proxy_hide_header`, `proxy_cookie_*`, `proxy_redirect`."""

from __future__ import annotations

from collections.abc import Callable

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Constant, Expr, Phase, Stmt
from snippet2wasm.lower.directives import fields
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.directives.proxypass import pass_of
from snippet2wasm.lower.levels import Level, Merge, location_arguments
from snippet2wasm.source import Span

ASKED_FOR = frozenset(("proxy_pass_header",))

_FLAGS = frozenset(
    (
        "secure",
        "nosecure",
        "httponly",
        "nohttponly",
        "samesite=strict",
        "samesite=lax",
        "samesite=none",
        "nosamesite",
    )
)


def hide_header(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`proxy_hide_header`, but for what `proxy_pass_header` passes."""
    passed = {
        each.args[0].value.lower()
        for each in level.effective(("proxy_pass_header",), Merge.ARRAY)
        if each.args
    }
    found: list[Stmt] = []
    for directive in directives:
        argument = directive.args[0]
        if argument.value.lower() in passed:
            continue
        name = fields.name(x, directive.name, argument.value, argument.span)
        if name is not None:
            found.append(x.act("nginx.hide_header", directive.span, [name]))
    return found


def _passed(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`proxy_pass_header`: see `hide_header`. Levels that pass others have functions of their own."""
    return []


Rule = Callable[[Lowering, Directive], list[Stmt]]


def _rules(lower: Rule) -> Callable[[Lowering, Level, list[Directive]], list[Stmt]]:
    """A step of rules of which the first that matches counts; `off` is none."""

    def step(x: Lowering, _level: Level, directives: list[Directive]) -> list[Stmt]:
        rules = [each for each in directives if [argument.value for argument in each.args] != ["off"]]
        return [statement for each in rules for statement in lower(x, each)]

    return step


def cookie_domain(x: Lowering, directive: Directive) -> list[Stmt]:
    """`proxy_cookie_domain domain replacement`: nginx drops a dot in front of each."""
    domain, replacement = directive.args
    if domain.value.startswith("~"):
        return [_match(x, "nginx.cookie_domain_match", directive.span, domain, True, replacement)]
    operands = [x.text(each.value.removeprefix("."), each.span) for each in (domain, replacement)]
    return [x.act("nginx.cookie_domain", directive.span, operands)]


def cookie_path(x: Lowering, directive: Directive) -> list[Stmt]:
    """`proxy_cookie_path path replacement`."""
    path, replacement = directive.args
    if path.value.startswith("~"):
        return [_match(x, "nginx.cookie_path_match", directive.span, path, False, replacement)]
    return [x.act("nginx.cookie_path", directive.span, [x.text(path), x.text(replacement)])]


def cookie_flags(x: Lowering, directive: Directive) -> list[Stmt]:
    """`proxy_cookie_flags cookie flag...`."""
    name, *flags = directive.args
    for flag in flags:
        if "$" not in flag.value and flag.value.lower() not in _FLAGS:
            x.warn(
                "S2W420",
                f"nginx knows no flag {flag.value!r}",
                flag.span,
                reason="it ignores it, with a line in the log for every response",
                help=f"one of {', '.join(sorted(_FLAGS))}",
            )
    operands = [x.text(each) for each in flags]
    if name.value.startswith("~"):
        pattern = [x.constant(name.value[1:], name.span), Constant(name.span, True)]
        return [x.act("nginx.cookie_flags_match", directive.span, [*pattern, *operands])]
    return [x.act("nginx.cookie_flags", directive.span, [x.text(name), *operands])]


def redirects(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`proxy_redirect` of a level: the first rule that matches counts."""
    found: list[Stmt] = []
    for each in directives:
        if len(each.args) == 2:
            found += _redirect(x, each)
        elif each.args[0].value == "default":
            found += _default_redirect(x, level, each)
    return found


def _default_redirect(x: Lowering, level: Level, directive: Directive) -> list[Stmt]:
    """`proxy_redirect default`: what proxy_pass names becomes the location."""
    passed = pass_of(level)
    if passed is None:
        return []
    url = passed.args[0].value
    if "$" in url:
        message = '"proxy_redirect default" cannot be used with "proxy_pass" directive with variables'
        x.refuse("S2W133", message, directive.span, "nginx does not start with it", "write the two URLs")
        return []
    has_path = "/" in url.partition("://")[2]
    around = level if level.kind == "location" or level.outer is None else level.outer
    path = location_arguments(around.directive)[1] if around.directive is not None else "/"
    given, replacement = (url, path) if has_path else (f"{url}/", "/")
    operands: list[Expr] = [x.plain(each, directive.span) for each in (given, replacement)]
    return [x.act("nginx.proxy_redirect", directive.span, operands)]


def _redirect(x: Lowering, directive: Directive) -> list[Stmt]:
    """`proxy_redirect redirect replacement`."""
    given, replacement = directive.args
    if given.value.startswith("~"):
        return [_match(x, "nginx.proxy_redirect_match", directive.span, given, False, replacement)]
    return [x.act("nginx.proxy_redirect", directive.span, [x.text(given), x.text(replacement)])]


def _match(
    x: Lowering, act: str, span: Span, pattern: Argument, caseless: bool, replacement: Argument
) -> Stmt:
    """A rule with a regular expression, `~…`, or `~*…` where that means without regard to case."""
    text = pattern.value[1:]
    if not caseless and text.startswith("*"):
        text, caseless = text[1:], True
    operands: list[Expr] = [x.constant(text, pattern.span), Constant(pattern.span, caseless)]
    return x.act(act, span, [*operands, *fields.replacement(x, text, replacement)])


STEPS = (
    Step(Phase.UPSTREAM, ("proxy_hide_header",), Merge.ARRAY, hide_header),
    Step(Phase.UPSTREAM, ("proxy_pass_header",), Merge.ARRAY, _passed),
    Step(Phase.UPSTREAM, ("proxy_cookie_domain",), Merge.ARRAY, _rules(cookie_domain)),
    Step(Phase.UPSTREAM, ("proxy_cookie_path",), Merge.ARRAY, _rules(cookie_path)),
    Step(Phase.UPSTREAM, ("proxy_cookie_flags",), Merge.ARRAY, _rules(cookie_flags)),
    Step(Phase.UPSTREAM, ("proxy_redirect",), Merge.ARRAY, redirects),
)
