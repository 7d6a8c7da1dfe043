"""Variables in texts, and regular expressions, as nginx compiles them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from snippet2wasm.checks import pcre
from snippet2wasm.checks.faults import Fault
from snippet2wasm.frontend.nginx import Argument

_NAME = re.compile(r"[A-Za-z0-9_]*")


@dataclass(frozen=True)
class Piece:
    """A variable in a text: its name, and whether it is a capture (`$1`)."""

    name: str
    is_capture: bool


def variables(text: str, argument: Argument) -> list[Piece]:
    """The variables of a text, in order.

    Raises:
        Fault: a `$` without a name, a brace that is never closed.
    """
    found = []
    position = 0
    while (start := text.find("$", position)) >= 0:
        position = start + 1
        if text[position : position + 1] in tuple("123456789"):
            found.append(Piece(text[position], True))
            position += 1
            continue
        braced = text.startswith("{", position)
        match = _NAME.match(text, position + braced)
        assert match is not None
        position = match.end()
        if braced and not text.startswith("}", position):
            raise Fault(f'the closing bracket in "{match[0]}" variable is missing', argument.span)
        if not match[0]:
            raise Fault(
                "invalid variable name",
                argument.span,
                help="nginx has no way to write a `$`; ingress-nginx has the variable $literal_dollar for it",
            )
        found.append(Piece(match[0], False))
        position += braced
    return found


def regex(pattern: str, argument: Argument) -> None:
    """Raises Fault for a regular expression that PCRE2 refuses."""
    fault = pcre.fault(pattern)
    if fault:
        raise Fault(f'pcre2_compile() failed: {fault} in "{pattern}"', argument.span, "S2W137")
