"""nginx's rewrite module: `set`, `if`, `return`, `rewrite` and `break`, in the order of the text.

How it behaves was asked of nginx; see tests/directives/data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from snippet2wasm import catalogue
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Binary,
    Block,
    Constant,
    Evaluate,
    Expr,
    If,
    Return,
    Stmt,
    Unary,
)
from snippet2wasm.lower.directives import setmisc
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.levels import Level
from snippet2wasm.source import Span

NAMES = (
    frozenset(
        ("set", "if", "return", "rewrite", "break", "set_by_lua", "set_by_lua_block", "set_by_lua_file")
    )
    | setmisc.NAMES
)
"""The directives that run in the order of the text."""

_REDIRECTS = {"redirect": 302, "permanent": 301}
_URL = re.compile(r"https?://|\$scheme")
_NAMED_GROUP = re.compile(r"\(\?P?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')")
_STATUS = re.compile(r"\$\{?status\b")
_GROUP = re.compile(r"\$([1-9])")


def declare(x: Lowering, level: Level) -> None:
    """Takes in the variables that the directives of a level, and of those in it, declare."""
    for each in level.own:
        _declare(x, each)


def _declare(x: Lowering, directive: Directive) -> None:
    values = [argument.value for argument in directive.args]
    if directive.name.startswith("set") and directive.name in NAMES and values:
        x.program.variables.add(values[0][1:].lower())
    if directive.name in ("if", "rewrite", "location"):
        for value in values:
            declare_groups(x, value)
    x.program.variables.discard("args")
    for inner in directive.block or []:
        _declare(x, inner)


def declare_groups(x: Lowering, pattern: str) -> None:
    """Takes in the variables that the named groups of a regular expression are."""
    names = {(match[1] or match[2]).lower() for match in _NAMED_GROUP.finditer(pattern)}
    x.program.groups |= names
    x.program.variables |= names
    x.program.unset |= names


def lower(x: Lowering, level: Level) -> list[Stmt]:
    """What a server or a location does in its rewrite phase."""
    return _block(x, level, level.own)


def _block(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """The statements of directives, up to the first that ends them."""
    found: list[Stmt] = []
    for directive in directives:
        match directive.name:
            case "set":
                found.append(_set(x, directive))
            case "set_by_lua" | "set_by_lua_block" | "set_by_lua_file":
                found += _set_by_lua(x, directive)
            case "if":
                found.append(_if(x, level, directive))
            case "break":
                found += [x.act("nginx.break", directive.span), x.leave(directive.span)]
            case "return":
                found += _return(x, directive)
            case "rewrite":
                found.append(_rewrite(x, directive))
            case name if name in setmisc.NAMES:
                found += setmisc.lower(x, level, directive)
        if found and _ends(found[-1]):
            break
    return found


def _ends(statement: Stmt) -> bool:
    """Whether nothing behind a statement runs."""
    if isinstance(statement, Return):
        return True
    if isinstance(statement, If):
        return False
    call = getattr(statement, "call", None)
    return call is not None and call.entry.ends


def _set(x: Lowering, directive: Directive) -> Stmt:
    name, value = directive.args
    lower = name.value[1:].lower()
    if lower == "limit_rate":
        x.refuse(
            "S2W230",
            "$limit_rate can't be set",
            directive.span,
            reason="a plugin can't slow a response down",
            help="use the gateway's own limit of bandwidth, or leave the line out",
        )
    if lower == "args":
        return x.act("nginx.set_args", directive.span, [x.text(value)])
    return x.act("nginx.set", directive.span, [x.constant(lower, name.span), x.text(value)])


def _set_by_lua(x: Lowering, directive: Directive) -> list[Stmt]:
    """`set_by_lua`: its arguments, if it has any, and the call."""
    span, assignments = directive.span, catalogue.load().assignments
    found: list[Stmt] = []
    name = directive.args[0].value[1:].lower()
    given = [] if directive.name.endswith("_block") else directive.args[2:]
    if given:
        operands = [x.text(each) for each in given]
        action = Action(span, assignments["ngx.var.$args"], f"set_by_lua ${name}", None, operands)
        found.append(Evaluate(span, action))
    result = Apply(span, x.code_of(directive), [])
    result.adjusted = True
    operands = [x.constant(name, span), result]
    action = Action(span, assignments["ngx.var.$lua"], f"set_by_lua ${name}", None, operands)
    return [*found, Evaluate(span, action)]


# Conditions


@dataclass(frozen=True)
class Condition:
    """The condition of an `if`, in parts: `$variable`, or `$variable operator value`."""

    variable: Argument
    operator: str = ""
    value: Argument | None = None


def condition_of(directive: Directive) -> Condition | None:
    """The parts of a condition; None for what nginx does not take, and for tests of files."""
    args = list(directive.args)
    if not args or not args[0].value.startswith("(") or not args[-1].value.endswith(")"):
        return None
    args[0] = _without(args[0], first=True)
    args[-1] = _without(args[-1], first=False)
    args = [each for each in args if each.value or each.quoted]
    if not args or len(args[0].value) < 2 or not args[0].value.startswith("$"):
        return None
    if len(args) == 1:
        return Condition(args[0])
    if len(args) == 3 and args[1].value in ("=", "!=", "~", "~*", "!~", "!~*"):
        return Condition(args[0], args[1].value, args[2])
    return None


def _without(argument: Argument, first: bool) -> Argument:
    """An argument without the parenthesis that it begins, or ends, with."""
    value, span = argument.value, argument.span
    if first:
        shown = span.source.span(span.start + (1 if not argument.quoted else 0), span.end)
        return Argument(value[1:], shown, argument.quoted and len(value) > 1)
    shown = span.source.span(span.start, span.end - (1 if not argument.quoted else 0))
    return Argument(value[:-1], shown, argument.quoted and len(value) > 1)


def _if(x: Lowering, level: Level, directive: Directive) -> Stmt:
    condition = condition_of(directive)
    if condition is None:
        x.refuse(
            "S2W251",
            "this condition can't be compiled",
            directive.span,
            reason="a plugin sees no files" if _tests_file(directive) else "nginx refuses it, too",
            help="test a variable: ($a), ($a = text), ($a ~ pattern), or with != ~* !~ !~*",
        )
        return If(directive.span, [], None)
    inner = next((each for each in level.inner if each.directive is directive), None)
    body: list[Stmt] = []
    entered = inner if inner is not None and inner.final else level
    if entered is not level or _may_be_inside(level, directive):
        number = x.constant(float(entered.number), directive.name_span)
        body.append(x.act("nginx.enter", directive.name_span, [number]))
    body += _block(x, level, directive.block or [])
    return If(directive.span, [(_condition(x, condition), Block(body))], None)


def _may_be_inside(level: Level, directive: Directive) -> bool:
    """Whether a request may be in another `if` of a location when it meets this one."""
    before = takewhile(lambda each: each.directive is not directive, level.inner)
    return any(each.kind == "if" and each.final for each in before)


def _tests_file(directive: Directive) -> bool:
    values = [argument.value.lstrip("(") for argument in directive.args]
    return any(re.fullmatch(r"!?-[fdex]", value) for value in values)


def _condition(x: Lowering, condition: Condition) -> Expr:
    subject = x.text(condition.variable)
    span = condition.variable.span
    if condition.value is None:
        return x.call("nginx.holds", span, [subject])
    operator, value = condition.operator, condition.value
    if operator in ("=", "!="):
        return Binary(span, "==" if operator == "=" else "~=", subject, x.text(value))
    matches = _matches(x, subject, value, operator.endswith("*"))
    return Unary(span, "not", matches) if operator.startswith("!") else matches


def _matches(x: Lowering, subject: Expr, pattern: Argument, caseless: bool) -> Expr:
    operands = [subject, x.plain(pattern.value, pattern.span), Constant(pattern.span, caseless)]
    return x.call("nginx.matches", pattern.span, operands)


# Ends


def _return(x: Lowering, directive: Directive) -> list[Stmt]:
    args, span = directive.args, directive.span
    if len(args) == 1 and not args[0].value.isdigit():
        return [x.act("nginx.return", span, [x.constant(302, args[0].span), x.text(args[0])])]
    status = int(args[0].value)
    value = x.text(args[1]) if len(args) > 1 else x.constant("", span)
    found = [x.act("nginx.return", span, [x.constant(status, args[0].span), value])]
    if len(args) > 1 and _STATUS.search(args[1].value):
        found.insert(0, x.act("nginx.returning", span, [x.constant(status, args[0].span)]))
    return found


def _rewrite(x: Lowering, directive: Directive) -> Stmt:
    pattern, replacement, *flags = directive.args
    flag = flags[0].value if flags else ""
    path = x.call("nginx.uri", directive.span)
    condition = _matches(x, path, pattern, False)
    redirect = _REDIRECTS.get(flag, 302 if _URL.match(replacement.value) else 0)
    if redirect:
        body = [_redirect(x, directive, replacement, redirect)]
    else:
        body = _change(x, directive, replacement)
        if flag == "break":
            body.append(x.act("nginx.break", directive.span))
        if flag:
            body.append(x.leave(directive.span))
    return If(directive.span, [(condition, Block(body))], None)


def _redirect(x: Lowering, directive: Directive, replacement: Argument, status: int) -> Stmt:
    text, keeps = _replacement(replacement)
    behind = ("&" if "?" in text else "?") if keeps else ""
    operands = [
        x.constant(status, directive.span),
        _escaped(x, text, replacement.span),
        x.constant(behind, replacement.span),
    ]
    return x.act("nginx.redirect", directive.span, operands)


def _change(x: Lowering, directive: Directive, replacement: Argument) -> list[Stmt]:
    text, keeps = _replacement(replacement)
    path, question, args = text.partition("?")
    operands = [x.text(path, replacement.span)]
    if not question and keeps:
        return [x.act("nginx.rewrite", directive.span, operands)]
    query = _escaped(x, args, replacement.span)
    if keeps:
        query = Binary(replacement.span, "..", query, x.call("nginx.and_args", replacement.span))
    return [x.act("nginx.rewrite_with", directive.span, [*operands, query])]


def _replacement(argument: Argument) -> tuple[str, bool]:
    """The text of a replacement, and whether the query string stays: a `?` at its end leaves it out."""
    value = argument.value
    return (value[:-1], False) if value.endswith("?") else (value, True)


def _escaped(x: Lowering, text: str, span: Span) -> Expr:
    """A text in which captures are escaped."""
    parts: list[Expr] = []
    at = 0
    for match in _GROUP.finditer(text):
        if match.start() > at:
            parts.append(x.text(text[at : match.start()], span))
        group = x.constant(float(match[1]), span)
        parts.append(x.call("nginx.escaped_capture", span, [group]))
        at = match.end()
    if at < len(text) or not parts:
        parts.append(x.text(text[at:], span))
    found = parts[0]
    for part in parts[1:]:
        found = Binary(span, "..", found, part)
    return found
