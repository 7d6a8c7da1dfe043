"""Source texts and spans.

All offsets count bytes from the start of the text: Lua strings are bytes, and a caret must stand under the
right one whatever the encoding of the file. A text inside another (Lua inside nginx text, nginx text inside
YAML) is a child `Source` whose offsets map back to its parent; a diagnostic always points at the outermost
file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Source:
    """A text and where it came from.

    Attributes:
        name: what a message calls it, usually the path as the user gave it.
        data: the bytes.
        parent: the text that this one is a part of, if any.
        mapping: for a child, ascending pairs (offset here, offset in the parent): from the first number on,
            this text runs in step with the parent from the second on, up to the next pair. A verbatim part
            needs one pair; each escape that shrank while it was unquoted adds one.
        wide: for a child, the bytes that stand for more than one of the parent: for how many.
    """

    name: str
    data: bytes = field(repr=False)
    parent: Source | None = None
    mapping: tuple[tuple[int, int], ...] = ((0, 0),)
    wide: Mapping[int, int] = field(default_factory=dict, repr=False)
    _lines: list[int] = field(default_factory=list, repr=False)
    _secrets: list[tuple[int, int]] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        position = self.data.find(b"\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.data.find(b"\n", position + 1)
        self._lines.extend(starts)

    def span(self, start: int, end: int) -> Span:
        """The span of the bytes from `start` up to, not including, `end`."""
        return Span(self, start, max(start, end))

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of a byte in this text itself; both count from 1, the column in bytes."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def line_text(self, line: int) -> bytes:
        """The text of a line (from 1) of this text, without its line end."""
        start = self._lines[line - 1]
        end = self._lines[line] if line < len(self._lines) else len(self.data)
        return self.data[start:end].rstrip(b"\r\n")

    def hide(self, start: int, end: int) -> None:
        """Notes that the bytes from `start` up to `end` are a secret: no message may show them."""
        self._secrets.append((start, end))

    def is_hidden(self, offset: int) -> bool:
        """Whether a byte belongs to a secret."""
        return any(start <= offset < end for start, end in self._secrets)

    def shown_line(self, line: int) -> bytes:
        """The text of a line (from 1) as messages may show it: each byte of a secret is a star."""
        begin, text = self._lines[line - 1], bytearray(self.line_text(line))
        for start, end in self._secrets:
            first, last = max(start - begin, 0), min(end - begin, len(text))
            if first < last:
                text[first:last] = b"*" * (last - first)
        return bytes(text)

    def child(
        self,
        data: bytes,
        mapping: tuple[tuple[int, int], ...],
        name: str | None = None,
        wide: Mapping[int, int] | None = None,
    ) -> Source:
        """A text that is part of this one; see `mapping` and `wide`."""
        return Source(name or self.name, data, self, mapping, wide or {})

    def to_parent(self, offset: int) -> int:
        """The parent's offset of a byte of this text (only for a child)."""
        index = bisect_right(self.mapping, (offset, 1 << 62)) - 1
        here, there = self.mapping[max(index, 0)]
        return there + offset - here


@dataclass(frozen=True)
class Span:
    """The bytes `start` … `end` (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The bytes as text, whatever they are."""
        return self.source.data[self.start : self.end].decode("utf-8", "replace")

    @property
    def shown(self) -> str:
        """The bytes as text as it may be shown: each byte of a secret is a star."""
        data = bytearray(self.source.data[self.start : self.end])
        for index in range(len(data)):
            place = self.source.span(self.start + index, self.start + index + 1).outermost()
            if place.source.is_hidden(place.start):
                data[index] = ord("*")
        return data.decode("utf-8", "replace")

    @property
    def line(self) -> int:
        """Line in the span's own text, from 1."""
        return self.source.line_column(self.start)[0]

    def outermost(self) -> Span:
        """The same place in the outermost text: the file that the user knows."""
        span = self
        while (parent := span.source.parent) is not None:
            source = span.source
            start = source.to_parent(span.start)
            # The end maps through the last byte: an escape right behind the span must not stretch it.
            last = span.end - 1
            end = source.to_parent(last) + source.wide.get(last, 1) if span.end > span.start else start
            span = Span(parent, start, max(start, end))
        return span

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of another in the same text."""
        return Span(self.source, self.start, max(self.end, other.end))
