"""Secrets in the texts of directives: found before anything is lowered, and hidden from all messages.

`variables.expand` makes configuration of those that stand in a text that acts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.lower.directives import rewrite
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.levels import Level
from snippet2wasm.lower.program import place_of
from snippet2wasm.lower.secrets import (
    SecretText,
    in_named,
    in_pairs,
    in_pattern,
    in_text,
    in_texts_of_md5,
)
from snippet2wasm.source import Span

Found = tuple[Span, list[SecretText]]
"""Where a text stands, and what of it is secret."""

_HEADERS = frozenset(("add_header", "add_trailer", "grpc_set_header", "proxy_set_header"))
_MORE = frozenset(("more_set_headers", "more_set_input_headers"))
_SETS = frozenset(("auth_request_set", "set", "set_if_empty"))
_TEXTS = re.compile(r"error_page|proxy_(?:set_body|pass|redirect|cookie_\w+)|rewrite|set_by_lua|set_misc_\w+")
_SHOWN = frozenset(("return", "sub_filter", "subs_filter"))
"""What clients see, and what is hardly ever a secret."""


def declare(x: Lowering, level: Level) -> None:
    """Takes in the secrets of all directives of a level and of those in it."""
    for span, found in _all(level.own):
        x.program.note_secrets(span, found)


def hide(directives: Iterable[Directive]) -> None:
    """Hides the secrets of directives from messages."""
    for span, found in _all(directives):
        for each in found:
            place = place_of(span, each.text).outermost()
            place.source.hide(place.start, place.end)


def _all(directives: Iterable[Directive]) -> Iterator[Found]:
    for directive in directives:
        for span, found in _of(directive):
            if found:
                yield span, found
        yield from _all(directive.block or [] if directive.name != "map" else [])


def _of(directive: Directive) -> Iterator[Found]:
    """The texts of a directive."""
    name, args = directive.name, directive.args
    if name == "if":
        yield from _condition(directive)
    elif name == "map" and len(args) == 2:
        yield from _map(args[0], args[1], directive.block or [])
    elif name in _HEADERS and len(args) > 1:
        yield _named(args[0].value, args[1])
    elif name in _SETS and len(args) > 1:
        yield _named(args[0].value[1:], args[1])
    elif name in _MORE:
        for each in args:
            header, _, value = each.value.partition(":")
            yield each.span, _once(in_named(header.strip(" "), value))
    elif name == "secure_link_secret" and args:
        yield args[0].span, [SecretText(name, args[0].value)] if args[0].value else []
    elif name == "secure_link_md5" and args:
        yield args[0].span, _once(in_texts_of_md5(args[0].value))
    elif name in _SHOWN or _TEXTS.fullmatch(name):
        for each in args:
            found = [*in_pairs(each.value, sure=name in _SHOWN), *in_text(f"{name}_text", each.value)]
            yield each.span, _once(found)


def _named(name: str, argument: Argument) -> Found:
    found = [*in_named(name, argument.value), *in_pairs(argument.value, sure=True)]
    return argument.span, _once(found)


def _once(found: Iterable[SecretText]) -> list[SecretText]:
    return list({each.text: each for each in reversed([*found])}.values())[::-1]


def _condition(directive: Directive) -> Iterator[Found]:
    condition = rewrite.condition_of(directive)
    if condition is None or condition.value is None:
        return
    name, value = condition.variable.value[1:], condition.value
    if condition.operator in ("=", "!="):
        yield _named(name, value)
    elif in_pattern(name, value.value):
        yield value.span, [SecretText(name, value.value)]


def _map(source: Argument, target: Argument, block: list[Directive]) -> Iterator[Found]:
    """The keys of a map, which the variable has that it looks at, and its values."""
    names = re.findall(r"\$\{?(\w+)", source.value, re.ASCII)
    for each in block:
        if not each.args:
            continue
        yield _named(target.value[1:], each.args[0])
        pattern = each.name.removeprefix("~").removeprefix("*") if each.name.startswith("~") else ""
        for name in names if each.name != "default" else []:
            if pattern and in_pattern(name, pattern):
                yield each.name_span, [SecretText(name, pattern)]
            elif not pattern:
                # A key has no variables.
                yield each.name_span, _once(in_named(name, each.name.removeprefix("\\")))
