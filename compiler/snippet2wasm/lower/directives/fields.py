"""What directives about headers share: names, values, parts of a replacement."""

from __future__ import annotations

import re

from snippet2wasm import catalogue
from snippet2wasm.frontend.nginx import Argument
from snippet2wasm.ir.nodes import Expr
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.source import Span

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CAPTURE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([1-9]|[A-Za-z_]\w*))", re.ASCII)
_GROUP = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?P?<([A-Za-z_]\w*)>|\?'(\w+)'|(?!\?))", re.DOTALL)


def name(x: Lowering, directive: str, text: str, span: Span) -> Expr | None:
    """The name of a header in a directive; None, and a diagnostic, for one that does not work."""
    lower = text.lower()
    known = catalogue.load()
    if not _NAME.fullmatch(text):
        x.refuse(
            "S2W225",
            f"{text!r} is no name of a header",
            span,
            reason="nginx writes it into the response as it is, and no gateway takes such a line",
            help="use letters, digits and dashes",
        )
        return None
    if (directive, lower) in known.refused_names:
        reason, help_ = known.refused_names[directive, lower]
        x.refuse("S2W225", f"the header {text!r} can't be changed", span, reason, help_)
        return None
    if (directive, lower) in known.ignored_names:
        reason, help_ = known.ignored_names[directive, lower]
        x.warn("S2W420", f"this does not change the header {text!r}", span, reason, help_)
    return x.constant(text, span)


def value(x: Lowering, text: str, span: Span) -> Expr:
    """The value of a header, in which variables are read when it is sent."""
    if re.search(r"[\r\n\0]", text):
        x.refuse(
            "S2W225",
            "the value of this header has a line break",
            span,
            reason="nginx writes it as it is, so that another header begins there; no gateway takes it",
            help="set the other header with a directive of its own",
        )
        return x.constant("", span)
    return x.text(text, span)


def replacement(x: Lowering, pattern: str, argument: Argument) -> list[Expr]:
    """The parts of a replacement for what a pattern matches: texts, and numbers of its groups."""
    groups = _names(pattern)
    text, parts, at = argument.value, list[Expr](), 0
    for match in _CAPTURE.finditer(text):
        found = match[1] or match[2]
        number = int(found) if found.isdigit() else groups.get(found.lower(), 0)
        if not number:
            continue  # a variable
        if match.start() > at:
            parts.append(x.text(text[at : match.start()], argument.span))
        parts.append(x.constant(number, argument.span))
        at = match.end()
    if at < len(text):
        parts.append(x.text(text[at:], argument.span))
    return parts


def _names(pattern: str) -> dict[str, int]:
    """The numbers of a pattern's named groups, by name in lower case."""
    found: dict[str, int] = {}
    number = 0
    for match in _GROUP.finditer(pattern):
        if match[0].startswith("("):
            number += 1
            group = match[1] or match[2]
            if group:
                found[group.lower()] = number
    return found
