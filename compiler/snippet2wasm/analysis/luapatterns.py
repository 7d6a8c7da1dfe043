"""What is known of a constant Lua pattern: whether matching it can raise an error, and what it captures.

LuaJIT's matcher raises an error where the matching comes to it (tests/lang compares with it), so a pattern
counts as good only if no part of it can raise one.
"""

from __future__ import annotations

from snippet2wasm.ir.types import NUMBER, STRING, Type

_MOST_CAPTURES = 32
_MOST_ITEMS = 100  # matching recurs once or twice an item; LuaJIT's limit is 200
_REPEATS = frozenset(b"*+?-")
_SPECIAL = frozenset(b"^$*+?.([-)]")


def captures(pattern: bytes) -> list[Type] | None:
    """The types of the captures that a match gives: strings, numbers for positions `()`, and the whole match
    where there are none. None if matching can raise an error.
    """
    pattern = pattern.partition(b"\0")[0]  # C reads no further
    position = 1 if pattern.startswith(b"^") else 0
    found: list[Type] = []
    pending = 0
    items = 0
    while position < len(pattern):
        items += 1
        byte = pattern[position : position + 1]
        if byte == b"(":
            is_position = pattern[position + 1 : position + 2] == b")"
            found.append(NUMBER if is_position else STRING)
            pending += not is_position
            position += 2 if is_position else 1
        elif byte == b")":
            pending -= 1
            position += 1
        else:
            end = _item(pattern, position)
            if end is None:
                return None
            position = end
        if pending < 0 or len(found) > _MOST_CAPTURES or items > _MOST_ITEMS:
            return None
    return None if pending else found or [STRING]


def _item(pattern: bytes, position: int) -> int | None:
    """The place behind the single item at a place; None if it is malformed or refers to a capture."""
    byte = pattern[position : position + 1]
    if byte == b"%":
        following = pattern[position + 1 : position + 2]
        if not following or following.isdigit():
            return None
        if following == b"b":
            return position + 4 if position + 4 <= len(pattern) else None
        if following == b"f":
            return _set(pattern, position + 2) if pattern[position + 2 : position + 3] == b"[" else None
        end: int | None = position + 2
    elif byte == b"[":
        end = _set(pattern, position)
    else:
        end = position + 1
    if end is not None and end < len(pattern) and pattern[end] in _REPEATS:
        end += 1
    return end


def _set(pattern: bytes, position: int) -> int | None:
    """The place behind the set `[…]` at a place; None if it has no end."""
    position += 1
    if pattern[position : position + 1] == b"^":
        position += 1
    first = True
    while first or pattern[position : position + 1] != b"]":
        if position >= len(pattern):
            return None
        position += 2 if pattern[position : position + 1] == b"%" else 1
        first = False
    return position + 1 if position < len(pattern) else None


def literal(pattern: bytes) -> tuple[bytes, bool, bool] | None:
    """The text that a pattern stands for, and whether it has to be at the start and at the end; None if it
    stands for more than one text.
    """
    at_start = pattern.startswith(b"^")
    rest = pattern[at_start:]
    at_end = rest.endswith(b"$") and not rest.endswith(b"%$")
    found = bytearray()
    escaped = False
    for byte in rest[: len(rest) - at_end]:
        if byte == 0 or (chr(byte).isalnum() if escaped else byte in _SPECIAL):
            return None
        escaped = not escaped and byte == ord("%")
        if not escaped:
            found.append(byte)
    return None if escaped else (bytes(found), at_start, at_end)
