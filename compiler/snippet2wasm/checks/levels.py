"""Which block of nginx's configuration a text stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from snippet2wasm.checks import table
from snippet2wasm.frontend.nginx import Directive

LEVELS = ("main", "http", "server", "location")
ANY = "any"
"""A text whose directives belong into several blocks: nginx would not take it, but each has a place."""


def contexts(level: str) -> frozenset[str]:
    """nginx's contexts of a level."""
    return frozenset(LEVELS) if level == ANY else frozenset((level,))


def level_of(directives: Sequence[Directive]) -> str:
    """The level of a text that does not say it: the innermost in which all of its directives may stand.

    A `location` at the top is taken for one of a server. Where no level has room for all directives, the text
    is taken for one of several levels (`ANY`).
    """
    names = {directive.name for directive in directives}
    fitting = [level for level in LEVELS if all(_fits(name, level) for name in names)]
    if "location" in names and "server" in fitting:
        return "server"
    return fitting[-1] if fitting else ANY


# The first word of a text behind comments, and what follows it; Lua has `if`, `return` and `break`, too.
_START = re.compile(rb"(?:\s|#[^\n]*\n)*(?P<name>[a-z][a-z0-9_]*)(?P<rest>[^;{]*[;{])")
_OF_LUA = re.compile(rb"\s*(?:\([^;{]*\)\s*\{|\d{3}(?:\s[^;{]*)?;|https?://[^;{]*;)")


def starts_with_directive(data: bytes) -> bool:
    """Whether a text that may be Lua, too, starts as a configuration of nginx does."""
    match = _START.match(data)
    if match is None or match["name"].decode() not in table.load().directives:
        return False
    if match["name"] in (b"if", b"return", b"break"):
        return bool(_OF_LUA.fullmatch(match["rest"]))
    return match["rest"][:1].isspace() and not match["rest"].lstrip().startswith((b"=", b"(", b","))


def _fits(name: str, level: str) -> bool:
    forms = table.load().directives.get(name)
    return forms is None or any(level in form.contexts for form in forms)
