"""YAML → nodes, from the parser's events: no recursion, no copies of what aliases stand for, and every scalar
has its place.

What a plain scalar is (`yes`, `1:30`, `0o7`) is decided as Kubernetes' own YAML reader does
(sigs.k8s.io/yaml, which was asked), not as pyyaml does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend.kubernetes.nodes import (
    BINARY,
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
from snippet2wasm.source import Source

MAX_DEPTH = 100
# What aliases may make of a file: so many nodes, or so many times those that stand there. A scalar counts
# once more for each so many characters.
_LONG = 64
_MAX_NODES = 1_000_000
_MAX_RATIO = 10

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BOOLEAN = re.compile(r"y|Y|n|N|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF")
_NULL = re.compile(r"~|null|Null|NULL|")
_NUMBER = re.compile(
    r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)"
)
_KINDS = {
    "tag:yaml.org,2002:bool": BOOLEAN,
    "tag:yaml.org,2002:int": NUMBER,
    "tag:yaml.org,2002:float": NUMBER,
    "tag:yaml.org,2002:null": NULL,
    "tag:yaml.org,2002:binary": BINARY,
}


@dataclass(slots=True)
class _Open:
    """A mapping or list that has not ended; `key` waits for its value, `before` was counted before it."""

    node: Mapping | Sequence
    anchor: str | None
    before: int
    key: Scalar | None = None
    merged: list[Node] = field(default_factory=list)


def documents(source: Source, text: str, base: int) -> list[Node]:
    """The documents of a file whose text begins at byte `base`.

    Raises:
        Refusal: S2W121 it is not YAML, S2W102 it is nested too deeply, S2W125 its aliases expand to too much.
    """
    control = _CONTROL.search(text)
    offset = Offsets(text, base)
    if control is not None:
        at = offset(control.start())
        raise Refusal(
            Diagnostic(
                "S2W121",
                "this is not YAML: control characters are not allowed",
                source.span(at, at + 1),
                help='write it as an escape in a double-quoted string, for example "\\x07"',
            )
        )
    builder = _Builder(source, offset)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _syntax(source, offset, error) from None
    return builder.documents


def _events(text: str) -> Iterator[Any]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _syntax(source: Source, offset: Offsets, error: yaml.YAMLError) -> Refusal:
    """What the parser says. Where it noticed too late, the place is where that begins which has no end."""
    mark, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or "it can't be read"
    what = getattr(error, "context", None) or ""
    reason = ""
    if context is not None and ("simple key" in what or ("quoted scalar" in what and "end of" in problem)):
        mark, reason = context, what
    elif context is not None and mark is not None and context.line != mark.line:
        reason = f"{what} that begins in line {context.line + 1}"
    at = min(offset(mark.index), len(source.data)) if mark else 0
    return Refusal(
        Diagnostic(
            "S2W121",
            f"this is not YAML: {problem}",
            source.span(at, at + 1),
            reason=reason,
            help="indent with spaces: YAML takes no tabs there" if source.data[at : at + 1] == b"\t" else "",
        )
    )


class _Builder:
    def __init__(self, source: Source, offset: Offsets) -> None:
        self.source = source
        self.offset = offset
        self.documents: list[Node] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.unfinished: set[str] = set()
        self.count = 0  # of nodes that stand in the file
        self.total = 0  # the same with every alias written out
        self.take_by = {
            yaml.ScalarEvent: self.scalar,
            yaml.AliasEvent: self.alias,
            yaml.MappingStartEvent: self.start_mapping,
            yaml.SequenceStartEvent: self.start_sequence,
            yaml.MappingEndEvent: self.end,
            yaml.SequenceEndEvent: self.end,
            yaml.DocumentStartEvent: self.document,
        }

    def take(self, event: Any) -> None:
        """One event of the parser."""
        action = self.take_by.get(type(event))
        if action is not None:
            action(event)

    def document(self, event: Any) -> None:
        self.anchors.clear()

    def scalar(self, event: Any) -> None:
        style = event.style or ""
        kind = _KINDS.get(event.tag, STRING) if event.tag and event.tag != "!" else STRING
        if not style and event.implicit[0] and not event.tag:
            kind = kind_of(event.value)
        start, end = self.offset(event.start_mark.index), self.offset(event.end_mark.index)
        node = Scalar(start, end, event.value, style, kind)
        size = 1 + len(event.value) // _LONG
        self.count += size
        self.total += size
        if event.anchor:
            self.anchors[event.anchor] = (node, size)
        self.put(node)

    def alias(self, event: Any) -> None:
        found = self.anchors.get(event.anchor)
        start, end = self.offset(event.start_mark.index), self.offset(event.end_mark.index)
        if event.anchor in self.unfinished:
            raise self.refuse("S2W125", f"anchor {event.anchor!r} value contains itself", start, end)
        if found is None:
            raise self.refuse("S2W121", f"this is not YAML: unknown anchor {event.anchor!r}", start, end)
        node, size = found
        self.count += 1
        self.total += size
        if self.total > max(_MAX_NODES, _MAX_RATIO * self.count):
            raise self.refuse(
                "S2W125",
                "document contains excessive aliasing",
                start,
                end,
                help="write out what the anchors stand for",
            )
        self.put(node)

    def start_mapping(self, event: Any) -> None:
        start = self.offset(event.start_mark.index)
        self.begin(Mapping(start, start), event)

    def start_sequence(self, event: Any) -> None:
        start = self.offset(event.start_mark.index)
        self.begin(Sequence(start, start), event)

    def begin(self, node: Mapping | Sequence, event: Any) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise self.refuse("S2W102", "nested too deeply: too many collections in each other", node.start)
        if event.anchor:
            self.unfinished.add(event.anchor)
        self.open.append(_Open(node, event.anchor, self.total))
        self.count += 1
        self.total += 1

    def end(self, event: Any) -> None:
        done = self.open.pop()
        done.node.end = self.offset(event.end_mark.index)
        if isinstance(done.node, Mapping):
            for each in done.merged:
                _merge(done.node, each)
        if done.anchor:
            self.unfinished.discard(done.anchor)
            self.anchors[done.anchor] = (done.node, self.total - done.before)
        self.put(done.node)

    def put(self, node: Node) -> None:
        """Puts a finished node where it belongs."""
        if not self.open:
            self.documents.append(node)
            return
        top = self.open[-1]
        if isinstance(top.node, Sequence):
            top.node.items.append(node)
        elif top.key is None:
            # A key that is no scalar has no name that anything asks for.
            top.key = node if isinstance(node, Scalar) else Scalar(node.start, node.end, "", "", STRING)
        else:
            key, top.key = top.key, None
            if key.value == "<<" and not key.style:
                top.merged += node.items if isinstance(node, Sequence) else [node]
                return
            if key.value in top.node.entries:
                top.node.repeated.append(key)
            top.node.entries[key.value] = (key, node)

    def refuse(self, code: str, message: str, start: int, end: int = 0, help: str = "") -> Refusal:
        return Refusal(Diagnostic(code, message, self.source.span(start, max(end, start + 1)), help=help))


def _merge(node: Mapping, other: Node) -> None:
    """The entries of a merged mapping that the mapping has not itself."""
    if isinstance(other, Mapping):
        for key, entry in other.entries.items():
            node.entries.setdefault(key, entry)


def kind_of(value: str) -> str:
    """What a plain scalar is to Kubernetes."""
    if len(value) > 64:
        return STRING
    if _NULL.fullmatch(value):
        return NULL
    if _BOOLEAN.fullmatch(value):
        return BOOLEAN
    return NUMBER if _NUMBER.fullmatch(value) else STRING
