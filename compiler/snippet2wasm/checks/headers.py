"""Directives that set headers: nginx's own and those of headers-more."""

from __future__ import annotations

import re

from snippet2wasm.checks import values
from snippet2wasm.checks.context import Check, Context
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Scope
from snippet2wasm.frontend.nginx import Directive

_DAY = 24 * 60 * 60


def add_header(context: Context, directive: Directive, _: Scope) -> None:
    """`add_header name value [always];`"""
    value, *flags = directive.args[1:]
    context.text(value)
    for flag in flags:
        if flag.value != "always":
            raise Fault(
                f'invalid parameter "{flag.value}"',
                flag.span,
                help="put a value with blanks into quotes"
                if not flag.quoted
                else "the third argument is always",
            )


def expires(context: Context, directive: Directive, _: Scope) -> None:
    """`expires [modified] time;`"""
    *modified, value = directive.args
    if modified and modified[0].value != "modified":
        raise Fault('"expires" directive invalid value', modified[0].span)
    context.text(value)
    if "$" in value.value:
        return
    text = value.value
    if not modified and text in ("epoch", "max", "off"):
        return
    daily = text.startswith("@")
    if daily and modified:
        raise Fault(
            '"expires" directive daily time cannot be used with "modified" parameter', modified[0].span
        )
    found = values.seconds(text[1:] if text[:1] in ("@", "+", "-") else text)
    if found is None:
        raise Fault(
            '"expires" directive invalid value', value.span, help="a time (1h, 30d, -1), epoch, max or off"
        )
    if daily and found > _DAY:
        raise Fault('"expires" directive daily time value must be less than 24 hours', value.span)


def _more(*options: str, is_setting: bool) -> Check:
    """The check of a headers-more directive that takes these options."""

    def check(context: Context, directive: Directive, _: Scope) -> None:
        name = directive.name
        arguments = iter(directive.args)
        for argument in arguments:
            option = argument.value
            if not option.startswith("-"):
                if is_setting and ":" in option:
                    context.text(argument, option.partition(":")[2])
                continue
            if option not in options:
                some = ", ".join(options)
                raise Fault(
                    f'{name}: invalid option name: "{option}"', argument.span, help=f"this version has {some}"
                )
            if option == "-r":
                continue
            value = next(arguments, None)
            if value is None:
                raise Fault(f"{name}: option {option} takes an argument.", argument.span)
            if option == "-s":
                wrong = re.search(r"[^0-9 ]", value.value)
                if wrong:
                    raise Fault(
                        f'{name}: invalid digit "{wrong[0]}" found in the status code list "{value.value}"',
                        value.span,
                        help="status codes with blanks between them",
                    )

    return check


CHECKS: dict[str, Check] = {
    "add_header": add_header,
    "add_trailer": add_header,
    "expires": expires,
    "more_set_headers": _more("-s", "-t", is_setting=True),
    "more_clear_headers": _more("-s", "-t", is_setting=False),
    "more_set_input_headers": _more("-r", "-t", is_setting=True),
    "more_clear_input_headers": _more("-r", "-t", is_setting=False),
}
