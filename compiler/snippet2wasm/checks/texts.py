"""Variables in texts, and regular expressions, as nginx compiles them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from snippet2wasm.analysis import regexes
from snippet2wasm.checks.faults import Fault
from snippet2wasm.frontend.nginx import Argument

_NAME = re.compile(r"[A-Za-z0-9_]*")
_NAMED_GROUP = re.compile(r"\(\?(?:P?<|')([A-Za-z_]\w*)[>']")

# The engine's words for what it surely refuses → PCRE2's.
_PCRE2 = {
    "missing )": "missing closing parenthesis",
    "unmatched parentheses": "unmatched closing parenthesis",
    "missing terminating ] for character class": "missing terminating ] for character class",
    "\\ at end of pattern": "\\ at end of pattern",
}


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


def groups(pattern: str) -> list[str]:
    """The names of a regular expression's groups: each is a variable."""
    return _NAMED_GROUP.findall(pattern)


def regex(pattern: str, argument: Argument) -> None:
    """Raises Fault for a regular expression that PCRE surely refuses."""
    data = pattern.encode("utf-8", "surrogateescape")
    fault = regexes.fault(data, b"")
    if not fault and re.match(r"[*+?]", pattern):
        fault = "quantifier does not follow a repeatable item"
    if fault:
        raise Fault(
            f'pcre2_compile() failed: {_PCRE2.get(fault, fault)} in "{pattern}"', argument.span, "S2W137"
        )
