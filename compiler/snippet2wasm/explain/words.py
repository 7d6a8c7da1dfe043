"""Text with code in it: what `explain` says, before it is known where it will be shown.

A `Words` is a sequence of parts: plain text, and `Code` for what comes from the snippet (names, strings,
messages). Whatever a snippet holds can only get into the output as `Code`, which every format escapes in its
own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST = 120
"""Characters of a piece of code that are shown; the rest is cut off."""


@dataclass(frozen=True)
class Code:
    """A piece of the snippet: one line, without control characters."""

    text: str


@dataclass(frozen=True)
class Words:
    """Text with code in it."""

    parts: tuple[str | Code, ...] = ()

    def __add__(self, other: Words | str) -> Words:
        return say(self, other)

    def __str__(self) -> str:
        """As text for a terminal: code in backticks."""
        return "".join(part if isinstance(part, str) else f"`{part.text}`" for part in self.parts)

    def bare(self) -> str:
        """Without any marks around code: for use inside of another piece of code."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def stripped(self) -> Words:
        """Without spaces at the front."""
        first = self.parts[0] if self.parts else ""
        return Words((first.lstrip(), *self.parts[1:])) if isinstance(first, str) else self

    def capitalized(self) -> Words:
        """With a capital first letter, unless it begins with code."""
        first = self.parts[0] if self.parts else ""
        if isinstance(first, str):
            return Words((first[:1].upper() + first[1:], *self.parts[1:]))
        return self


NOTHING = Words()


def say(*parts: Words | Code | str) -> Words:
    """One text of several."""
    found: list[str | Code] = []
    for part in parts:
        for item in part.parts if isinstance(part, Words) else (part,):
            if isinstance(item, str) and found and isinstance(found[-1], str):
                found[-1] += item
            else:
                found.append(item)
    return Words(tuple(found))


def join(parts: Iterable[Words], comma: str = ", ", last: str = "") -> Words:
    """A list in words; `last` stands before the last one (` and `)."""
    items = list(parts)
    found = say()
    for index, item in enumerate(items):
        if index:
            found += last if last and index == len(items) - 1 else comma
        found += item
    return found


def code(text: str | bytes) -> Code:
    """Text of the snippet as code: control characters and odd bytes escaped, cut if it is long."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    text = re.sub(
        r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]", _escape, text
    )
    return Code(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    short = f"\\x{ord(character):02x}" if ord(character) < 0x100 else f"\\u{ord(character):04x}"
    return _ESCAPES.get(character, short)


def handler_name(name: str) -> Words:
    """What a handler is called: its Lua directive, or what directives of a level it is made of."""
    what, of, level = name.partition(" of ")
    return say(what, of, code(level)) if of else say(code(name))
