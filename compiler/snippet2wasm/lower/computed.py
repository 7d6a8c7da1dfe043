"""`require` of a computed name: which modules it can mean.

A plugin has no files to look for. So it brings along every module of the project that the name can be: those
whose names begin and end as the expression does (`require("handlers." .. name)`), or, where nothing of the
name is known, those that a string constant of the code names.
"""

from __future__ import annotations

from collections.abc import Iterable

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.modules import SearchPath
from snippet2wasm.frontend.names import Resolution, Symbol

_MOST_STEPS = 20  # from one variable to the next


def computed_name(node: object, resolution: Resolution) -> ast.Expression | None:
    """The name in `require(name)` that is no string; None for anything else."""
    match node:
        case ast.Call(function=ast.Name(name="require") as function, arguments=(name,)):
            constant = isinstance(name, ast.String)
            return None if constant or function in resolution.symbols else name
        case _:
            return None


class Values:
    """The values of variables that never change, in one chunk."""

    def __init__(self, resolution: Resolution) -> None:
        self._resolution = resolution
        self._values: dict[Symbol, ast.Expression] = {}

    def note(self, node: object) -> None:
        """Takes in a declaration: of local variables, or of the parameter of a function that is called once,
        where it stands: `pcall(function(name) … end, value)`.
        """
        match node:
            case ast.Local(names=names, values=values) if len(names) == len(values):
                for name, value in zip(names, values, strict=True):
                    self._note(name, value)
            case ast.Call(function=ast.Name(name="pcall"), arguments=(ast.Function() as function, *values)):
                for name, value in zip(function.parameters, values, strict=False):
                    self._note(name, value)
            case _:
                pass

    def _note(self, name: ast.Name, value: ast.Expression) -> None:
        symbol = self._resolution.symbols[name]
        if not symbol.assigned:
            self._values[symbol] = value

    def ends(self, name: ast.Expression) -> tuple[str, str]:
        """What a text begins and ends with, as far as that is known."""
        before, after, whole = self._ends(name, 0)
        text = before.decode("utf-8", "surrogateescape"), after.decode("utf-8", "surrogateescape")
        return (text[0], "") if whole else text

    def _ends(self, node: ast.Expression, steps: int) -> tuple[bytes, bytes, bool]:
        """Begin and end, and whether that is the whole text."""
        match node:
            case ast.String(value=value):
                return value, value, True
            case ast.Binary(operator=ast.BinaryOperator.CONCAT, left=left, right=right):
                begin, left_end, left_whole = self._ends(left, steps)
                right_begin, end, right_whole = self._ends(right, steps)
                return (
                    begin + right_begin if left_whole else begin,
                    left_end + end if right_whole else end,
                    left_whole and right_whole,
                )
            case ast.Name():
                value_ = self._values.get(self._resolution.symbols.get(node))  # type: ignore[arg-type]
                if value_ is not None and steps < _MOST_STEPS:
                    return self._ends(value_, steps + 1)
            case _:
                pass
        return b"", b"", False


def candidates(name: ast.Expression, values: Values, search: SearchPath, texts: Iterable[str]) -> list[str]:
    """The modules that a computed name can mean, in order.

    Args:
        name: what computes it.
        values: of the chunk's variables.
        search: where modules are.
        texts: the string constants of the program.
    """
    before, after = values.ends(name)
    if before or after:
        return search.names(before, after)
    known = set(search.names("", ""))
    return sorted(known.intersection(texts))
