"""Texts that a Lua pattern matches."""

from __future__ import annotations

import re
from collections.abc import Callable

_MEMBERS: dict[str, Callable[[str], bool]] = {
    "a": str.isalpha,
    "c": lambda character: character < " ",
    "d": str.isdigit,
    "l": str.islower,
    "p": lambda character: character.isprintable() and not character.isalnum() and character != " ",
    "s": str.isspace,
    "u": str.isupper,
    "w": str.isalnum,
    "x": lambda character: character in "0123456789abcdefABCDEF",
    "z": lambda character: character == "\0",
}
_CANDIDATES = "a1B/-. _:;=\t" + "".join(map(chr, range(0x21, 0x7F)))
# One item with its repetition; `^` and `$` are at the ends, parentheses of captures are no items.
_ITEM = re.compile(
    r"%b(?P<pair>..)|%f\[\^?\]?[^\]]*\]|(?P<item>%.|\[\^?\]?(?:%.|[^\]%])*\]|[^%()])(?P<repeat>[*+?-]?)|[()]",
    re.DOTALL,
)


def samples(pattern: str) -> list[str]:
    """Texts that the pattern matches: with every optional part, with repeated ones three times, without any.

    A pattern that refers to its captures, or that is none, gives texts that it need not match.
    """
    plain = pattern.removeprefix("^")
    if plain.endswith("$") and not plain.endswith("%$"):
        plain = plain[:-1]
    return list(dict.fromkeys("".join(_parts(plain, count)) for count in (1, 3, 0)))


def _parts(pattern: str, count: int) -> list[str]:
    found = []
    for match in _ITEM.finditer(pattern):
        if match["pair"]:
            found.append(match["pair"])
        elif match["item"]:
            repeat = match["repeat"]
            least = 1 if repeat in ("", "+") else 0
            most = 1 if repeat in ("", "?") else 3
            found.append(_member(match["item"]) * min(max(count, least), most))
    return found


def _member(item: str) -> str:
    """A character that a single item matches."""
    if item == ".":
        return "a"
    if item[0] == "%":
        return next(filter(lambda character: _is_in(character, item), _CANDIDATES), item[1:])
    if item[0] != "[" or len(item) < 3:
        return item
    negated = item[1] == "^"
    inside = item[2:-1] if negated else item[1:-1]
    return next((each for each in _CANDIDATES if _in_set(each, inside) != negated), "a")


def _in_set(character: str, inside: str) -> bool:
    for match in re.finditer(r"%.|(.)-(.)|.", inside, re.DOTALL):
        if match[1] and match[1] <= character <= match[2]:
            return True
        if not match[1] and _is_in(character, match[0]):
            return True
    return False


def _is_in(character: str, item: str) -> bool:
    if item[0] != "%" or len(item) < 2:
        return character == item
    member = _MEMBERS.get(item[1].lower())
    if member is None:
        return character == item[1]
    return member(character) != item[1].isupper()
