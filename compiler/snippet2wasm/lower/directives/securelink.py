"""`secure_link`, `secure_link_md5` and `secure_link_secret`: what $secure_link is.

How they behave was asked of nginx; see tests/directives/data/securelink.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Binary, ConfigValue, Constant, Expr, Stmt
from snippet2wasm.lower.directives import perlevel
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.directives.perlevel import Settings
from snippet2wasm.lower.levels import Level, Merge
from snippet2wasm.source import Span

NAMES = frozenset(("secure_link", "secure_link_md5", "secure_link_secret"))

_PIECES = re.compile(r"(\$(?:\{\w*\}|\w*))", re.ASCII)
_SECRET = re.compile(r"\w(?:.*\w)?", re.ASCII | re.DOTALL)
_SHORTEST = 4


def declare(x: Lowering, level: Level) -> None:
    """Declares $secure_link."""

    def value(found: Settings, first: Directive) -> list[Stmt | Expr]:
        by_name = {each.name: each for each in found}
        secret = by_name.get("secure_link_secret")
        link, text = by_name.get("secure_link"), by_name.get("secure_link_md5")
        if secret is not None:
            word = x.program.lift_secret("secure_link_secret", secret.args[0].span)
            return [x.call("nginx.secure_link_word", secret.span, [ConfigValue(secret.span, word)])]
        if link is None or text is None:
            return [Constant(first.span, None)]
        return [
            x.act("nginx.secure_link", link.span, [x.text(link.args[0])]),
            x.call("nginx.secure_link_md5", text.span, [_without_secrets(x, text.args[0])]),
        ]

    perlevel.declare(x, level, "secure_link", (NAMES, Merge.VALUE), value, absent=True)


def _without_secrets(x: Lowering, argument: Argument) -> Expr:
    """A text with variables, whose other parts become configuration if they can be a secret."""
    found: Expr | None = None
    for piece in _pieces(x, argument):
        found = piece if found is None else Binary(argument.span, "..", found, piece)
    return x.constant("", argument.span) if found is None else found


def _pieces(x: Lowering, argument: Argument) -> Iterator[Expr]:
    at = argument.span.start
    for part in _PIECES.split(argument.value):
        secret = None if part.startswith("$") else _SECRET.search(part)
        if secret is None or secret.end() - secret.start() < _SHORTEST:
            if part:
                yield x.text(part, argument.span)
            continue
        if secret.start():
            yield x.constant(part[: secret.start()], argument.span)
        span = _place(argument, secret[0], at)
        at = max(at, span.end)
        yield ConfigValue(span, x.program.lift_secret("secure_link_md5", span))
        if secret.end() < len(part):
            yield x.constant(part[secret.end() :], argument.span)


def _place(argument: Argument, text: str, start: int) -> Span:
    """Where a part of an argument stands; the whole argument if it is not written there as it is."""
    source, data = argument.span.source, text.encode("utf-8", "surrogateescape")
    at = source.data.find(data, start, argument.span.end)
    return argument.span if at < 0 else source.span(at, at + len(data))
