"""Long lines of Go, broken where gofmt leaves them as they are: inside of the brackets of a call or a list.

    r.Say(cjson.Encode(lua.TableOf(…), …)) // :9

becomes

    r.Say( // :9
        cjson.Encode(…),
    )

Go's line ends are tokens, so a line may end behind an opening bracket and behind a comma only; each element
then ends with a comma, the last one, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from snippet2wasm.backend.goast import Line

WIDTH = 110
"""Columns of a line that is not broken, its comment not counted; a tab counts as four."""

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|, | (?:\|\||&&|:=|=|[+-]|[=!<>]=|[<>]) |.')
_DEEPEST = 8
"""Lines are broken inside of broken ones at most so many times."""

_SUMS = (" + ", " - ")
_OPERATORS = ((" || ",), (" && ",), _SUMS)
"""Those that may end a line, the loosest first; without blanks around them gofmt would move them."""
_COMPARISONS = (" == ", " != ", " < ", " <= ", " > ", " >= ")
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_KEYED = re.compile(r"[A-Za-z_]\w*: ")
_CONSTANT = re.compile(r'(?:"(?:\\.|[^"\\])*"|`[^`]*`|[\d.]+)')
_PAIRED = ("lua.TableOf(", ".With(")


@dataclass(frozen=True)
class _Group:
    """A pair of brackets: where its inside begins and ends, and where the elements of that begin."""

    start: int
    end: int
    starts: tuple[int, ...]

    def elements(self, text: str) -> list[str]:
        """What is between the commas."""
        ends = [start - len(", ") for start in self.starts[1:]] + [self.end]
        return [text[start:end] for start, end in zip(self.starts, ends, strict=True)]


def wrapped(lines: list[Line]) -> list[Line]:
    """The lines, those that are too long in parts; the comment stays behind the first part."""
    return [part for line in lines for part in _parts(line, _DEEPEST)]


def _parts(line: Line, depth: int) -> list[Line]:
    """A line in parts, which are broken in their turn up to a depth: what is deeper is no easier to read."""
    if 4 * line.indent + len(line.text) <= WIDTH or depth == 0:
        return [line]
    values = _values(line.text)
    operands = values if len(values) > 1 else _operands(line.text)
    if len(operands) > 1:
        first, *inside = _parts(Line(line.indent, operands[0], line.comment), depth - 1)
        further = values == operands and line.text.startswith("return ")  # gofmt indents all of its values
        found = [first, *(Line(part.indent + further, part.text) for part in inside)]
        for operand in operands[1:]:
            found += _parts(Line(line.indent + 1, operand), depth - 1)
        return found
    group = _widest(line.text)
    if group is None:
        return [line]
    group = _only_call(line, group, depth)
    found = [Line(line.indent, line.text[: group.start], line.comment)]
    for row in _rows(line, group):
        found += _parts(Line(line.indent + 1, f"{row},"), depth - 1)
    return [*found, Line(line.indent, line.text[group.end :])]


def _rows(line: Line, group: _Group) -> list[str]:
    """The elements in one line or two, or each in its own: the keys of a table with their values, constants
    as many as there is room for.
    """
    elements = group.elements(line.text)
    room = WIDTH - 4 * (line.indent + 1) - len(",")
    if line.text[: group.start].endswith(_PAIRED) and len(elements) % 2 == 0:
        pairs = zip(elements[::2], elements[1::2], strict=True)
        return [f"{key}, {value}" for key, value in pairs]
    if len(", ".join(elements)) <= room:
        return [", ".join(elements)]
    rows = [elements[0]]
    for element in elements[1:]:
        longer = f"{rows[-1]}, {element}"
        if len(longer) <= room:
            rows[-1] = longer
        else:
            rows.append(element)
    few = len(rows) == 2 and max(map(len, rows)) <= room
    return rows if few or all(map(_CONSTANT.fullmatch, elements)) else elements


def _only_call(line: Line, group: _Group, depth: int) -> _Group:
    """The arguments of the call that is all that is in the brackets, where that is too long for a line: there
    is no need for a line of their own for these brackets.
    """
    too_long = 4 * (line.indent + 1) + group.end - group.start >= WIDTH
    if len(group.starts) > 1 or not too_long or depth == 0:
        return group
    inside = line.text[group.start : group.end]
    found = _widest(inside)
    if found is None or _operands(inside) != [inside]:
        return group
    starts = tuple(group.start + start for start in found.starts)
    return _only_call(line, _Group(group.start + found.start, group.start + found.end, starts), depth - 1)


def _operands(text: str) -> list[str]:
    """What `||`, else `&&`, else `+` joins in a statement or an argument, each but the last with that behind
    it.
    """
    if text.endswith(" {"):
        return [text]  # conditions come in parts; see goast.pieces
    tokens = list(_outermost(text))
    for operators in _OPERATORS:
        cuts = [token.end() for token in tokens if token[0] in operators]
        if operators is _SUMS and any(token[0] in _COMPARISONS for token in tokens):
            break
        if cuts:
            starts, ends = [0, *cuts], [*(cut - 1 for cut in cuts), len(text)]
            return [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return [text]


def _values(text: str) -> list[str]:
    """The values of a `return` or an assignment, each but the last with its comma; else just the text."""
    start = len("return ") if text.startswith("return ") else 0
    cuts: list[int] = []
    for token in _outermost(text):
        if token[0] in (" = ", " := "):
            start, cuts = token.end(), []
        elif token[0] == ", ":
            cuts.append(token.end())
    if not start or text.endswith(" {"):
        return [text]
    starts, ends = [0, *cuts], [*(cut - 1 for cut in cuts), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def _outermost(text: str) -> Iterator[re.Match[str]]:
    """The tokens outside of all brackets."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth -= token[0] in _CLOSING
        if depth == 0:
            yield token
        depth += token[0] in _OPENING


def _widest(text: str) -> _Group | None:
    """The outermost brackets with the most in them; None if there are none that may be broken."""
    groups: list[_Group] = []
    depth, starts = 0, [0]
    for token in _TOKEN.finditer(text):
        if token[0] in _OPENING:
            depth += 1
            if depth == 1:
                starts = [token.end()]
        elif token[0] in _CLOSING:
            depth -= 1
            if depth < 0:
                return None
            if depth == 0 and token[0] != "]" and starts[0] < token.start():
                groups.append(_Group(starts[0], token.start(), tuple(starts)))
        elif token[0] == ", " and depth == 1:
            starts.append(token.end())
    if depth > 0 and not (depth == 1 and text.endswith(" {")):
        return None
    found = [group for group in groups if _may_break(text, group)]
    return max(found, key=lambda group: group.end - group.start, default=None)


def _may_break(text: str, group: _Group) -> bool:
    """Whether brackets hold the arguments of a call, or the elements of a list: not just an operand, and no
    fields of a struct, which would have to be aligned.
    """
    before = text[: group.start - 1]
    if not re.search(r"[\w\])]$", before) or re.search(r"\bfunc$", before):
        return False
    return not any(map(_KEYED.match, group.elements(text)))
