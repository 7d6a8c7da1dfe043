"""A document as a tree of nodes, whether it was YAML or JSON.

Only what readers of manifests need: where each node stands, and of a scalar its value and how it was written.
Offsets are bytes of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# What a scalar can be. Timestamps are strings: Kubernetes takes them so.
STRING, BOOLEAN, NUMBER, NULL, BINARY = "string", "boolean", "number", "null", "binary value"


@dataclass(eq=False, slots=True)
class Scalar:
    """A scalar.

    Attributes:
        start: where it begins, its anchor and tag included.
        end: where it ends.
        value: the text that it stands for.
        style: `|`, `>`, `"`, `'` or "" (plain) of YAML; `json` for a string of JSON.
        kind: `STRING`, `BOOLEAN`, `NUMBER`, `NULL` or (of YAML's tag !!binary) `BINARY`.
    """

    start: int
    end: int
    value: str
    style: str
    kind: str


@dataclass(eq=False, slots=True)
class Mapping:
    """A mapping; of a key that is there twice the last entry, as Kubernetes takes it.

    Attributes:
        start: where it begins.
        end: where it ends.
        entries: by key: the key's node and the value's; those of `<<` as well, where the mapping has none of
            its own.
        repeated: the second and later nodes of each key that is there more than once.
    """

    start: int
    end: int
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    repeated: list[Scalar] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Sequence:
    """A list."""

    start: int
    end: int
    items: list[Node] = field(default_factory=list)


Node = Scalar | Mapping | Sequence


class Offsets:
    """From the numbers of characters, which parsers count, to offsets of bytes."""

    _STEP = 512

    def __init__(self, text: str, base: int) -> None:
        self._text = "" if text.isascii() else text
        self._base = base
        self._known: list[int] = []
        if self._text:
            offset = base
            for start in range(0, len(text) + 1, self._STEP):
                self._known.append(offset)
                offset += len(text[start : start + self._STEP].encode())

    def __call__(self, index: int) -> int:
        """The offset of the first byte of a character."""
        if not self._known:
            return self._base + index
        block, rest = divmod(index, self._STEP)
        start = block * self._STEP
        return self._known[block] + (len(self._text[start : start + rest].encode()) if rest else 0)
