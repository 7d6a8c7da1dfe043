"""The directives of ngx_http_rewrite_module, and other ways to set a variable."""

from __future__ import annotations

from snippet2wasm.checks import values
from snippet2wasm.checks.context import Check, Context
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Scope
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.source import Span

_URLS = ("http://", "https://", "$scheme")
_FILE_TESTS = ("-f", "-d", "-e", "-x", "!-f", "!-d", "!-e", "!-x")
_REGEX_OPERATORS = ("~", "~*", "!~", "!~*")


def set_(context: Context, directive: Directive, _: Scope) -> None:
    """`set $name value;`"""
    context.declare(directive.args[0])
    context.text(directive.args[1])


def set_by_lua(context: Context, directive: Directive, _: Scope) -> None:
    """`set_by_lua $name 'code' argument…;`, `set_by_lua_block $name {…}`"""
    context.declare(directive.args[0])
    for argument in directive.args[2:]:
        context.text(argument)


def set_misc(context: Context, directive: Directive, _: Scope) -> None:
    """`set_md5 $name value;`; without a value the variable itself is it."""
    if directive.args:
        context.declare(directive.args[0])
    for argument in directive.args[1:]:
        context.text(argument)


def return_(context: Context, directive: Directive, _: Scope) -> None:
    """`return code;`, `return code text;`, `return URL;`"""
    first, *rest = directive.args
    code = values.number(first.value)
    if code is None:
        if rest or not first.value.startswith(_URLS):
            help_ = "a URL starts with http://, https:// or $scheme" if not rest else ""
            raise Fault(f'invalid return code "{first.value}"', first.span, help=help_)
        rest = [first]
    elif code > 999:
        raise Fault(f'invalid return code "{first.value}"', first.span)
    for argument in rest:
        context.text(argument)


def rewrite(context: Context, directive: Directive, _: Scope) -> None:
    """`rewrite regex replacement [flag];`"""
    pattern, replacement, *flags = directive.args
    context.regex(pattern)
    if not replacement.value:
        raise Fault("empty replacement", replacement.span, help="write / for the root")
    for flag in flags:
        if flag.value not in ("last", "break", "redirect", "permanent"):
            raise Fault(
                f'invalid parameter "{flag.value}"', flag.span, help="last, break, redirect or permanent"
            )
    context.text(replacement)


def if_(context: Context, directive: Directive, __: Scope) -> None:
    """`if (condition) {…}`"""
    words = _condition(directive.args)
    first, span, _ = words[0]
    if len(first) > 1 and first.startswith("$"):
        _comparison(context, words)
    elif (len(first) == 2 and first[0] == "-") or (len(first) == 3 and first.startswith("!-")):
        if len(words) != 2 or first not in _FILE_TESTS:
            raise _invalid(first, span)
        context.text(words[1][2], words[1][0])
    else:
        raise _invalid(first, span)


_Word = tuple[str, Span, Argument]


def _invalid(word: str, span: Span, help_: str = "") -> Fault:
    return Fault(
        f'invalid condition "{word}"', span, help=help_ or "a condition is `$variable`, or one test of it"
    )


def _condition(args: list[Argument]) -> list[_Word]:
    """The words between the parentheses, at least one; nginx takes them off the first and last word."""
    texts = [argument.value for argument in args]
    if not texts[0].startswith("("):
        raise _invalid(texts[0], args[0].span, "a condition stands in parentheses")
    first = 1 if texts[0] == "(" else 0
    texts[0] = texts[0][1:]
    last = len(texts) - 1
    shown = texts[last] or "("
    if not texts[last].endswith(")"):
        raise _invalid(
            shown, args[last].span, "blanks and operators stand inside of the parentheses, `;` in quotes"
        )
    if texts[last] == ")":
        last -= 1
    else:
        texts[last] = texts[last][:-1]
    if first > last:
        word = texts[first] if first < len(texts) else ")"
        raise _invalid(word, args[min(first, len(args) - 1)].span)
    return [(texts[index], args[index].span, args[index]) for index in range(first, last + 1)]


def _comparison(context: Context, words: list[_Word]) -> None:
    name, span, _ = words[0]
    if len(words) not in (1, 3):
        raise _invalid(name, span, "nginx has no && and ||, and an operand with blanks needs quotes")
    context.variables.use(name[1:], span)
    if len(words) == 1:
        return
    (operator, place, _), (operand, _, argument) = words[1:]
    if operator in ("=", "!="):
        context.text(argument, operand)
    elif operator in _REGEX_OPERATORS:
        context.regex(argument, operand)
    else:
        raise Fault(
            f'unexpected "{operator}" in condition',
            place,
            help="nginx has =, !=, ~, ~*, !~ and !~*, and no && or ||",
        )


CHECKS: dict[str, Check] = {
    "set": set_,
    "set_by_lua": set_by_lua,
    "set_by_lua_block": set_by_lua,
    "set_by_lua_file": set_by_lua,
    "return": return_,
    "rewrite": rewrite,
    "if": if_,
}
