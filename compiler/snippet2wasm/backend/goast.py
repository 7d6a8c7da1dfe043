"""A small Go syntax tree and its printer.

The compiler must not need a Go tool chain, and what it writes must not change under gofmt; so expressions
are built as a tree and printed by gofmt's own rules for spaces and parentheses (go/printer: an operator
loses its spaces with its depth and its precedence).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

_PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 3,
    "<=": 3,
    ">": 3,
    ">=": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "<<": 5,
}
_UNARY = 6


@dataclass(frozen=True)
class Go:
    """A Go expression."""


@dataclass(frozen=True)
class Name(Go):
    """An identifier, a selector path or a literal: text that needs no parentheses."""

    text: str


@dataclass(frozen=True)
class Call(Go):
    """`function(args…)`."""

    function: Go
    args: tuple[Go, ...]


@dataclass(frozen=True)
class Select(Go):
    """`value.name`."""

    value: Go
    name: str


@dataclass(frozen=True)
class Not(Go):
    """`!value` or `-value`."""

    value: Go
    operator: str = "!"


@dataclass(frozen=True)
class Infix(Go):
    """`left operator right`."""

    operator: str
    left: Go
    right: Go


@dataclass(frozen=True)
class Composite(Go):
    """`type{name: value, …}` on one line."""

    type: str
    fields: tuple[tuple[str, Go], ...]


@dataclass(frozen=True)
class Items(Go):
    """`type{value, …}` on one line."""

    type: str
    items: tuple[Go, ...]


@dataclass(frozen=True)
class Spread(Go):
    """`value...`, the last argument of a call."""

    value: Go


def aligned(rows: list[tuple[str, str]]) -> list[str]:
    """Lines `key: value,` of a composite literal, in columns as gofmt has them: a key that is much longer, or
    shorter, than those before it begins new ones (go/printer, exprList).
    """
    groups: list[list[tuple[str, str]]] = []
    sizes: list[int] = []
    for row in rows:
        size = len(row[0].encode("utf-8", "surrogateescape"))
        if sizes and max(sizes[-1], size) > _SMALL_KEY:
            ratio = size / math.exp(math.fsum(map(math.log, sizes)) / len(sizes))
            if not 1 < _KEY_RATIO * ratio < _KEY_RATIO**2:
                sizes = []
        if not sizes:
            groups.append([])
        sizes.append(size)
        groups[-1].append(row)
    lines = []
    for group in groups:
        width = max(len(key) for key, _ in group) + 1
        lines += [f"{key + ':':<{width}} {value}," for key, value in group]
    return lines


_SMALL_KEY = 40
_KEY_RATIO = 2.5


def string(data: bytes) -> Name:
    """A string literal of these bytes: a raw one where that saves escapes."""
    quoted = quote(data)
    plain = data.decode("utf-8", "surrogateescape")
    if ('"' in plain or "\\" in plain) and plain.isprintable() and "`" not in plain:
        return Name(f"`{plain}`")
    return Name(quoted)


def quote(data: bytes) -> str:
    """Bytes as an interpreted Go string literal; valid printable UTF-8 stays readable."""
    out: list[str] = []
    for char in data.decode("utf-8", "surrogateescape"):
        code = ord(char)
        if 0xDC80 <= code <= 0xDCFF:
            out.append(f"\\x{code - 0xDC00:02x}")
        elif char in '"\\':
            out.append("\\" + char)
        elif char in "\n\r\t":
            out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char])
        elif char.isprintable() and code != 0xFEFF:
            out.append(char)
        elif code < 0x80:
            out.append(f"\\x{code:02x}")
        else:
            out.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return '"' + "".join(out) + '"'


def number(value: float, typed: bool = False) -> Go:
    """A number literal; `typed` where Go would not otherwise know that it is a float64."""
    if math.isnan(value):
        return Call(Name("math.NaN"), ())
    if math.isinf(value):
        return Call(Name("math.Inf"), (Name("1" if value > 0 else "-1"),))
    if value == 0 and math.copysign(1, value) < 0:
        return Call(Name("math.Copysign"), (Name("0"), Name("-1")))
    if value < 0:
        return Not(number(-value, typed), "-")
    if value == int(value) and abs(value) < 1e14:
        return Name(str(int(value)))
    text = repr(value)
    return Call(Name("float64"), (Name(text),)) if typed else Name(text)


def call(function: str, *args: Go) -> Call:
    """A call of a named function."""
    return Call(Name(function), args)


def method(value: Go, name: str, *args: Go) -> Call:
    """A call of a method."""
    return Call(Select(value, name), args)


def show(expr: Go, depth: int = 1) -> str:
    """The text of an expression as gofmt would leave it; `depth` is 1 in a statement of its own."""
    return _show(expr, 0, depth)


def pieces(condition: Go, width: int, depth: int = 1) -> list[str]:
    """The text of a condition in parts, which gofmt leaves alone where each but the last ends a line.

    Operands that are longer than `width` are taken apart, too; parts begin with the tabs that gofmt wants
    there besides those of all but the first.
    """
    if not isinstance(condition, Infix) or condition.operator not in ("&&", "||"):
        return [_show(condition, 0, depth)]
    precedence = _PRECEDENCE[condition.operator]
    first: Go = condition
    others: list[Go] = []
    while isinstance(first, Infix) and first.operator == condition.operator:
        others.insert(0, first.right)
        first = first.left
    found = _operand_pieces(first, precedence, width, depth + 1)
    for other in others:
        found[-1] += f" {condition.operator}"
        start, *rest = _operand_pieces(other, precedence + 1, width, depth + 1)
        found += [start, *(f"\t{part}" for part in rest)]
    return found


def _operand_pieces(operand: Go, outer: int, width: int, depth: int) -> list[str]:
    text = _show(operand, outer, depth)
    if len(text) <= width or not isinstance(operand, Infix):
        return [text]
    if _PRECEDENCE[operand.operator] >= outer:
        return pieces(operand, width, depth)
    found = pieces(operand, width, max(depth - 1, 1))
    found[0] = f"({found[0]}"
    found[-1] += ")"
    return found


def show_list(exprs: list[Go]) -> str:
    """The text of the values of a return."""
    return ", ".join(show(expr) for expr in exprs)


def show_assigned(exprs: list[Go]) -> str:
    """The text of the right side of an assignment."""
    return ", ".join(show(expr, 2 if len(exprs) > 1 else 1) for expr in exprs)


def _show(expr: Go, outer: int, depth: int) -> str:
    match expr:
        case Name(text=text):
            return text
        case Select(value=value, name=name):
            return f"{_show(value, _UNARY + 1, depth)}.{name}"
        case Call(function=function, args=args):
            inner = depth + 1 if len(args) > 1 else depth
            shown = ", ".join(_show(arg, 0, inner) for arg in args)
            return f"{_show(function, _UNARY + 1, inner)}({shown})"
        case Composite(type=type_, fields=fields):
            return type_ + "{" + ", ".join(f"{name}: {_show(value, 0, 1)}" for name, value in fields) + "}"
        case Items(type=type_, items=items):
            return type_ + "{" + ", ".join(_show(item, 0, 1) for item in items) + "}"
        case Spread(value=value):
            return f"{_show(value, 0, depth)}..."
        case Not(value=value, operator=operator):
            operand = _show(value, _UNARY, depth)
            blank = " " if operator == "-" and operand.startswith("-") else ""  # `--` is a token of its own
            text = f"{operator}{blank}{operand}"
            return f"({text})" if outer > _UNARY else text
        case Infix():
            return _infix(expr, outer, depth)
        case _:
            raise AssertionError(f"unknown Go expression {expr}")


def _infix(expr: Infix, outer: int, depth: int) -> str:
    precedence = _PRECEDENCE[expr.operator]
    if precedence < outer:
        return f"({_show(expr, 0, max(depth - 1, 1))})"
    blank = " " if precedence < _cutoff(expr, depth) else ""
    same = isinstance(expr.left, Infix) and _PRECEDENCE[expr.left.operator] == precedence
    left = _show(expr.left, precedence, depth if same else depth + 1)
    right = _show(expr.right, precedence + 1, depth + 1)
    apart = " " if not blank and expr.operator == "-" and right.startswith("-") else blank  # no `--`
    return f"{left}{blank}{expr.operator}{apart}{right}"


def _cutoff(expr: Infix, depth: int) -> int:
    """Operators of this precedence and above are printed without spaces."""
    has4, has5, problem = _walk(expr)
    if problem:
        return problem + 1
    if has4 and has5:
        return 5 if depth == 1 else 4
    return 6 if depth == 1 else 4


def _walk(expr: Infix) -> tuple[bool, bool, int]:
    """Whether `+`-like and `*`-like operators meet here, and the precedence below which spaces must stay."""
    precedence = _PRECEDENCE[expr.operator]
    has4, has5, problem = precedence == 4, precedence == 5, 0
    if isinstance(expr.left, Infix) and _PRECEDENCE[expr.left.operator] >= precedence:
        left4, left5, problem = _walk(expr.left)
        has4, has5 = has4 or left4, has5 or left5
    if isinstance(expr.right, Infix) and _PRECEDENCE[expr.right.operator] > precedence:
        right4, right5, right_problem = _walk(expr.right)
        has4, has5, problem = has4 or right4, has5 or right5, max(problem, right_problem)
    elif isinstance(expr.right, Not) and expr.operator + expr.right.operator == "--":
        problem = max(problem, 4)
    return has4, has5, problem


@dataclass
class Line:
    """A line of Go: indentation in tabs, text, and a comment behind it."""

    indent: int
    text: str
    comment: str = ""


@dataclass
class Lines:
    """Lines of Go being written."""

    indent: int = 0
    lines: list[Line] = field(default_factory=list)

    def add(self, text: str, comment: str = "") -> None:
        """Adds a line at the current indentation."""
        self.lines.append(Line(self.indent if text else 0, text, comment))

    def render(self) -> str:
        """The text, comments aligned as gofmt aligns them: in runs of adjacent lines of one indentation."""
        out: list[str] = []
        index = 0
        while index < len(self.lines):
            run = [self.lines[index]]
            while run[-1].comment and index + len(run) < len(self.lines):
                following = self.lines[index + len(run)]
                if not following.comment or following.indent != run[0].indent:
                    break
                run.append(following)
            width = max(len(line.text) for line in run)
            for line in run:
                text = "\t" * line.indent + line.text
                out.append(
                    f"{text}{' ' * (width - len(line.text))} // {line.comment}" if line.comment else text
                )
            index += len(run)
        return "\n".join(out) + "\n"
