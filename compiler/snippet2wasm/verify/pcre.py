"""Texts that a regular expression of nginx's matches, and texts that it just does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

# Letters that are rare in other words come first: what a part of a text was captured for can be told.
_CANDIDATES = "q7Z/-. _:;=" + "".join(map(chr, range(0x21, 0x7F)))
_LONGEST = 300
_WORDS = {
    sre.CATEGORY_DIGIT: "7",
    sre.CATEGORY_NOT_DIGIT: "q",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "q",
    sre.CATEGORY_WORD: "q",
    sre.CATEGORY_NOT_WORD: "-",
}
_ALTERNATIVES = 12


def samples(pattern: str, captured: Mapping[str | int, str] | None = None) -> list[str]:
    """Texts that a pattern matches: of every alternative one, with few and with many repetitions.

    What Python's regular expressions do not know gives none; look-around is not minded, so a text may not
    match.

    Args:
        pattern: the regular expression.
        captured: texts for groups, by name or number, whether the group matches them or not.
    """
    plain = re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", pattern)
    plain = re.sub(r"([*+?}])\+", r"\1", plain).replace(r"\z", r"\Z")
    try:
        tree = parser.parse(plain)
    except (re.error, OverflowError, RecursionError):
        return []
    names = tree.state.groupdict
    fixed = {names.get(group, group): text for group, text in (captured or {}).items()}
    found = [text for count in (1, 3, 0) for text in _texts(list(tree), count, fixed)]
    return [text for text in dict.fromkeys(found) if len(text) <= _LONGEST]


def _texts(items: Iterable[Any], count: int, fixed: Mapping[Any, str]) -> list[str]:
    """The texts of a sequence of parts: the alternatives of each part in turn, the others' first."""
    found = [""]
    for item in items:
        parts = _part(item, count, fixed) or [""]
        first = [text + parts[0] for text in found]
        others = [found[0] + part for part in parts[1:]]
        found = [*first, *others][:_ALTERNATIVES]
    return found


def _part(item: Any, count: int, fixed: Mapping[Any, str]) -> list[str]:
    kind, value = item
    if kind is sre.LITERAL:
        return [chr(value)]
    if kind is sre.NOT_LITERAL:
        return ["b" if value == ord("a") else "a"]
    if kind is sre.ANY:
        return ["q"]
    if kind is sre.IN:
        return [_member(value)]
    if kind is sre.BRANCH:
        return [text for branch in value[1] for text in _texts(branch, count, fixed)]
    if kind is sre.SUBPATTERN:
        return [fixed[value[0]]] if value[0] in fixed else _texts(value[3], count, fixed)
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        least, most, inner = value
        times = min(max(least, count), int(most) if most is not sre.MAXREPEAT else 3)
        return [text * times for text in _texts(inner, count, fixed)]
    return []  # anchors, look-around, references


def _member(items: Any) -> str:
    """A character of a class."""
    negated = items[0][0] is sre.NEGATE
    for character in _CANDIDATES:
        if any(_is_in(character, item) for item in items) != negated:
            return character
    return "q"


def _is_in(character: str, item: Any) -> bool:
    kind, value = item
    if kind is sre.LITERAL:
        return bool(ord(character) == value)
    if kind is sre.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is sre.CATEGORY:
        return bool(character == _WORDS.get(value))
    return False
