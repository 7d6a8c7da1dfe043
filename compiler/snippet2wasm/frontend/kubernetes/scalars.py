"""From the bytes of a scalar in a file to its value, and where each byte of the value came from.

The rules are YAML 1.1's as libyaml and pyyaml have them, and JSON's for strings of JSON. The value is put
together of pieces: runs of bytes that stand in the file as they are, and bytes that stand for others
(an escape, a folded line end, a doubled quote), which map to the first byte of what they stand for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from snippet2wasm.frontend.kubernetes.nodes import Scalar


@dataclass(frozen=True)
class Value:
    """What a scalar stands for: its bytes; `mapping` and `wide` as `Source` has them."""

    data: bytes
    mapping: tuple[tuple[int, int], ...]
    wide: dict[int, int]


_BREAK = re.compile(rb"\r\n|[\r\n]|\xc2\x85|\xe2\x80[\xa8\xa9]")
_PROPERTY = re.compile(rb"[&!][^\s]*|#[^\r\n]*|[\s\xa0]+")
_HEADER = re.compile(rb"[|>](?:(?P<a>[1-9])|(?P<b>[-+]))*")
_BLANKS = re.compile(rb"[ \t]*")
_BLANK = (b" ", b"\t")
_SURROGATE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_WIDEST = 200  # spaces of indentation that are tried
_HEX = {b"x": 2, b"u": 4, b"U": 8}
_ESCAPES = {
    b"0": "\0",
    b"a": "\x07",
    b"b": "\x08",
    b"t": "\t",
    b"\t": "\t",
    b"n": "\n",
    b"v": "\x0b",
    b"f": "\x0c",
    b"r": "\r",
    b"e": "\x1b",
    b" ": " ",
    b'"': '"',
    b"/": "/",
    b"\\": "\\",
    b"N": "\x85",
    b"_": "\xa0",
    b"L": "\u2028",
    b"P": "\u2029",
}


class _Pieces:
    """A value that is being put together."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.parts: list[bytes] = []
        self.mapping: list[tuple[int, int]] = []
        self.wide: dict[int, int] = {}
        self.length = 0

    def copy(self, start: int, end: int) -> None:
        """The bytes of the file from `start` up to `end`, as they are."""
        if start < end:
            self._at(start)
            self.parts.append(self.data[start:end])
            self.length += end - start

    def put(self, value: bytes, start: int, end: int) -> None:
        """Bytes that stand for what the file has from `start` up to `end`."""
        for index in range(len(value)):
            if index == 0 or start + index >= end:  # more bytes than are there: they map to the last one
                self._at(start + min(index, end - start - 1))
            self.length += 1
        if end - start > len(value) > 0:
            self.wide[self.length - 1] = end - start - len(value) + 1
        self.parts.append(value)

    def line_end(self, match: re.Match[bytes]) -> None:
        """A line end that stays: the usual ones become a line feed, as in YAML."""
        value = match[0] if match[0].startswith(b"\xe2") else b"\n"
        self.put(value, match.start(), match.end())

    def _at(self, offset: int) -> None:
        if self.mapping:
            here, there = self.mapping[-1]
            if there + self.length - here == offset:
                return
        self.mapping.append((self.length, offset))

    def result(self, start: int) -> Value:
        return Value(b"".join(self.parts), tuple(self.mapping) or ((0, start),), self.wide)


def value_of(data: bytes, scalar: Scalar, value: str) -> Value:
    """The value's bytes and where they came from.

    The reader's value decides: should it not be what the scalar's bytes say here, all of it maps to the
    scalar's first byte.
    """
    wanted = value.encode("utf-8", "surrogatepass")
    found = unquoted(data, scalar, wanted)
    if found.data == wanted:
        return found
    return Value(wanted, tuple((offset, scalar.start) for offset in range(len(wanted) or 1)), {})


def unquoted(data: bytes, scalar: Scalar, value: bytes) -> Value:
    """What the scalar's bytes stand for. `value` is what the reader found: it tells which indentation a block
    scalar with an indentation indicator has.
    """
    start = scalar.start
    if scalar.style != "json":
        start = _behind_properties(data, start, scalar.end, scalar.style)
    if scalar.style in ("|", ">"):
        return _block(data, start, scalar.end, value)
    pieces = _Pieces(data)
    if scalar.style == "json":
        _json(pieces, start + 1, scalar.end - 1)
    elif scalar.style:
        _flow(pieces, start + 1, scalar.end - 1, scalar.style)
    else:
        _flow(pieces, start, scalar.end, "")
    return pieces.result(start)


def _behind_properties(data: bytes, start: int, end: int, style: str) -> int:
    """Where a scalar begins behind its anchor and tag."""
    if data[start : start + 1] not in (b"&", b"!"):
        return start
    while start < end:
        byte = data[start : start + 1]
        if style and byte == style.encode():
            break
        match = _PROPERTY.match(data, start, end)
        if match is None:
            break
        start = match.end()
    return start


# --- quoted and plain scalars ---


def _flow(pieces: _Pieces, start: int, end: int, quote: str) -> None:
    """A scalar in quotes, or a plain one: lines are folded, and escapes replaced."""
    special = {'"': rb"[ \t\r\n\\\xc2\xe2]", "'": rb"[ \t\r\n'\xc2\xe2]", "": rb"[ \t\r\n\xc2\xe2]"}[quote]
    pattern = re.compile(special)
    data, position, copied = pieces.data, start, start
    while match := pattern.search(data, position, end):
        position = match.start()
        byte = match[0]
        if byte == b"'":
            pieces.copy(copied, position)
            pieces.put(byte, position, position + 2)
            position = copied = position + 2
        elif byte == b"\\":
            pieces.copy(copied, position)
            position = copied = _escape(pieces, position, end)
        else:
            blanks = _BLANKS.match(data, position, end)
            assert blanks is not None
            line_end = _BREAK.match(data, blanks.end(), end)
            if line_end is None:
                position = max(blanks.end(), position + 1)
                continue
            pieces.copy(copied, position)
            position = copied = _fold(pieces, line_end, end)
    pieces.copy(copied, end)


def _fold(pieces: _Pieces, first: re.Match[bytes], end: int) -> int:
    """A line end in a quoted or plain scalar, and the blank lines behind it; where the next text begins."""
    later, position = _breaks(pieces.data, first.end(), end)
    if first[0].startswith(b"\xe2"):
        pieces.line_end(first)
    elif not later:
        pieces.put(b" ", first.start(), first.end())
    for each in later:
        pieces.line_end(each)
    return position


def _breaks(data: bytes, position: int, end: int) -> tuple[list[re.Match[bytes]], int]:
    """Line ends that have only blanks between them; where the next text begins."""
    found: list[re.Match[bytes]] = []
    while True:
        blanks = _BLANKS.match(data, position, end)
        assert blanks is not None
        position = blanks.end()
        line_end = _BREAK.match(data, position, end)
        if line_end is None:
            return found, position
        found.append(line_end)
        position = line_end.end()


def _escape(pieces: _Pieces, start: int, end: int) -> int:
    """A backslash in a double-quoted scalar; where the next text begins."""
    data = pieces.data
    line_end = _BREAK.match(data, start + 1, end)
    if line_end is not None:
        later, position = _breaks(data, line_end.end(), end)
        for each in later:
            pieces.line_end(each)
        return position
    letter = data[start + 1 : start + 2]
    if letter in _HEX:
        behind = start + 2 + _HEX[letter]
        pieces.put(_character(data[start + 2 : behind]), start, behind)
        return behind
    pieces.put(_ESCAPES.get(letter, "").encode(), start, start + 2)
    return start + 2


def _character(digits: bytes) -> bytes:
    try:
        return chr(int(digits, 16)).encode("utf-8", "surrogatepass")
    except (ValueError, OverflowError):
        return b""


def _json(pieces: _Pieces, start: int, end: int) -> None:
    """A string of JSON between its quotes."""
    data, copied = pieces.data, start
    while (position := data.find(b"\\", copied, end)) >= 0:
        pieces.copy(copied, position)
        letter = data[position + 1 : position + 2]
        pair = _SURROGATE.match(data, position, end)
        if pair is not None:
            high, low = int(pair[0][2:6], 16), int(pair[0][8:12], 16)
            copied = pair.end()
            character = chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).encode()
        elif letter == b"u":
            copied = position + 6
            code = int(data[position + 2 : copied], 16)
            # Half a pair is what Go makes of it.
            character = ("\ufffd" if 0xD800 <= code < 0xE000 else chr(code)).encode()
        else:
            copied = position + 2
            character = _ESCAPES[letter].encode()
        pieces.put(character, position, copied)
    pieces.copy(copied, end)


# --- block scalars ---


def _block(data: bytes, start: int, end: int, value: bytes) -> Value:
    """A literal or folded block scalar."""
    header = _HEADER.match(data, start, end)
    first = _BREAK.search(data, start, end)
    if header is None or first is None:
        return Value(b"", ((0, start),), {})
    lines = _lines(data, first.end(), end)
    chomping = header["b"] or b""
    folded = data[start : start + 1] == b">"
    if header["a"] is None:
        return _block_at(data, lines, _indentation(data, lines), folded, chomping).result(start)
    widest = min(max((_spaces(data, begin, stop) for begin, stop, _ in lines), default=0), _WIDEST)
    found = _Pieces(data)
    for indentation in range(int(header["a"]), max(widest, int(header["a"])) + 1):
        found = _block_at(data, lines, indentation, folded, chomping)
        if b"".join(found.parts) == value:
            break
    return found.result(start)


_Line = tuple[int, int, re.Match[bytes] | None]


def _lines(data: bytes, position: int, end: int) -> list[_Line]:
    """Begin and end of each line, and its line end."""
    found: list[_Line] = []
    while position < end:
        line_end = _BREAK.search(data, position, end)
        stop = line_end.start() if line_end else end
        found.append((position, stop, line_end))
        position = line_end.end() if line_end else end
    return found


def _spaces(data: bytes, begin: int, stop: int) -> int:
    text = data[begin:stop]
    return len(text) - len(text.lstrip(b" "))


def _indentation(data: bytes, lines: list[_Line]) -> int:
    """That of the first line which is not blank."""
    for begin, stop, _ in lines:
        spaces = _spaces(data, begin, stop)
        if begin + spaces < stop:
            return spaces
    return max((stop - begin for begin, stop, _ in lines), default=0) + 1


def _block_at(data: bytes, lines: list[_Line], indentation: int, folded: bool, chomping: bytes) -> _Pieces:
    """The value of a block scalar whose lines are indented by so many spaces."""
    pieces = _Pieces(data)
    breaks: list[re.Match[bytes]] = []  # of blank lines
    last: re.Match[bytes] | None = None  # of the last line with text
    was_blank = False  # that line began with a blank
    for begin, stop, line_end in lines:
        text = begin + indentation
        if _spaces(data, begin, min(stop, text)) < indentation or text >= stop:
            if line_end is not None:
                breaks.append(line_end)
            continue
        is_blank = data[text : text + 1] in _BLANK
        if last is not None:
            if folded and not last[0].startswith(b"\xe2") and not was_blank and not is_blank:
                if not breaks:
                    pieces.put(b" ", last.start(), last.end())
            else:
                pieces.line_end(last)
        for each in breaks:
            pieces.line_end(each)
        breaks = []
        pieces.copy(text, stop)
        last, was_blank = line_end, is_blank
    if last is not None and chomping != b"-":
        pieces.line_end(last)
    if chomping == b"+":
        for each in breaks:
            pieces.line_end(each)
    return pieces
