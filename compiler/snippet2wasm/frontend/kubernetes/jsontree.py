"""JSON → nodes: as yamltree, for what `kubectl get -o json` prints."""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend.kubernetes.nodes import (
    BOOLEAN,
    NULL,
    NUMBER,
    STRING,
    Mapping,
    Node,
    Offsets,
    Scalar,
    Sequence,
)
from snippet2wasm.frontend.kubernetes.yamltree import MAX_DEPTH
from snippet2wasm.source import Source

_DECODER = JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(
    r"(?P<null>null)|(?P<boolean>true|false)|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def documents(source: Source, text: str, base: int) -> list[Node]:
    """The values of a text that begins at byte `base` of the file: usually one.

    Raises:
        Refusal: S2W121 it is not JSON, S2W102 it is nested too deeply.
    """
    return _Reader(source, text, Offsets(text, base)).read()


class _Reader:
    def __init__(self, source: Source, text: str, offset: Offsets) -> None:
        self.source = source
        self.text = text
        self.offset = offset
        self.position = 0
        self.open: list[tuple[Mapping | Sequence, Scalar | None]] = []
        self.found: list[Node] = []

    def read(self) -> list[Node]:
        self.blanks()
        while self.position < len(self.text):
            self.value()
            self.blanks()
        if self.open:
            raise self.refuse("")
        return self.found

    def blanks(self) -> None:
        match = _SPACE.match(self.text, self.position)
        assert match is not None
        self.position = match.end()

    def value(self) -> None:
        """A value up to its end, or up to the first value in it."""
        start, byte = self.position, self.text[self.position : self.position + 1]
        if byte == '"':
            self.put(self.string())
        elif byte == "{":
            self.begin(Mapping(self.offset(start), 0), "}")
        elif byte == "[":
            self.begin(Sequence(self.offset(start), 0), "]")
        else:
            match = _WORD.match(self.text, start)
            if match is None:
                raise self.refuse("unexpected character, looking for a value")
            self.position = match.end()
            kind = NULL if match["null"] else BOOLEAN if match["boolean"] else NUMBER
            self.put(Scalar(self.offset(start), self.offset(match.end()), match[0], "", kind))

    def string(self) -> Scalar:
        start = self.position
        if self.text[start : start + 1] != '"':
            raise self.refuse("unexpected character, looking for a string")
        try:
            value, self.position = _DECODER.raw_decode(self.text, start)
        except JSONDecodeError as error:
            self.position = min(error.pos, len(self.text))
            problem = error.msg.removesuffix(" at").removesuffix(" starting")
            raise self.refuse(problem[0].lower() + problem[1:]) from None
        value = _SURROGATE.sub("\ufffd", value)
        return Scalar(self.offset(start), self.offset(self.position), value, "json", STRING)

    def begin(self, node: Mapping | Sequence, closing: str) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise self.refuse("nested too deeply: too many collections in each other", "S2W102")
        self.open.append((node, None))
        self.position += 1
        self.blanks()
        if self.text.startswith(closing, self.position):
            self.close()
        elif isinstance(node, Mapping):
            self.key()

    def key(self) -> None:
        """A key and its colon."""
        node, _ = self.open[-1]
        key = self.string()
        self.open[-1] = (node, key)
        self.blanks()
        if not self.text.startswith(":", self.position):
            raise self.refuse("unexpected character behind a key, looking for a colon")
        self.position += 1

    def close(self) -> None:
        """At the closing brace or bracket."""
        self.position += 1
        node, _ = self.open.pop()
        node.end = self.offset(self.position)
        self.put(node)

    def put(self, node: Node) -> None:
        """Puts a finished node where it belongs, and reads up to the next value."""
        if not self.open:
            self.found.append(node)
            return
        top, key = self.open[-1]
        if isinstance(top, Sequence):
            top.items.append(node)
        elif key is not None:
            if key.value in top.entries:
                top.repeated.append(key)
            top.entries[key.value] = (key, node)
        self.blanks()
        closing = "]" if isinstance(top, Sequence) else "}"
        if self.text.startswith(closing, self.position):
            self.close()
        elif not self.text.startswith(",", self.position):
            what = "a list" if isinstance(top, Sequence) else "an object"
            raise self.refuse(f"unexpected character in {what}, looking for a comma or its end")
        else:
            self.position += 1
            if isinstance(top, Mapping):
                self.blanks()
                self.key()

    def refuse(self, problem: str, code: str = "S2W121") -> Refusal:
        if self.position >= len(self.text) and code == "S2W121":
            problem = "unexpected end of the text"
        at = self.offset(self.position)
        message = problem if code != "S2W121" else f"this is not JSON: {problem}"
        return Refusal(Diagnostic(code, message, self.source.span(at, at + 1)))
