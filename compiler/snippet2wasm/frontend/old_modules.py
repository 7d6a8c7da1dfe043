"""Modules in the manner of Lua 5.1, `module(…)`, as tables.

`module("a.b", package.seeall)` makes a table, and the globals of the rest of the file are its fields: what
the file assigns to is a field, all else is looked up in the table first, then among the globals. Without
`package.seeall` the globals can't be seen. The table has `_NAME` and `_PACKAGE`, too, and is what
`require` gives. (Lua keeps it in a global of the module's name, too, and in the field `_M` of itself.)
"""

from __future__ import annotations

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.names import Resolution
from snippet2wasm.frontend.trees import changed
from snippet2wasm.source import Span

_TABLE = "_M"
_GIVEN = ("_NAME", "_PACKAGE")


def as_table(chunk: ast.Chunk, resolution: Resolution) -> ast.Chunk:
    """The chunk with a table in the place of a `module(…)` at its outermost level; without one, as it is."""
    statements = chunk.body.statements
    for index, statement in enumerate(statements):
        call = _call(statement, resolution)
        if call is not None:
            return _Environment(chunk, resolution, index, call).chunk()
    return chunk


def _call(statement: ast.Statement, resolution: Resolution) -> ast.Call | None:
    """The call in `module("name")`, `module(..., package.seeall)`."""
    match statement:
        case ast.CallStatement(
            call=ast.Call(
                function=ast.Name(name="module") as function,
                arguments=(ast.Vararg() | ast.String(), *options),
            ) as call
        ) if function not in resolution.symbols and all(_sees_all(each, resolution) for each in options):
            return call
        case _:
            return None


def _sees_all(option: ast.Expression, resolution: Resolution) -> bool:
    match option:
        case ast.Index(object=ast.Name(name="package") as package, key=ast.String(value=b"seeall")):
            return package not in resolution.symbols
        case _:
            return False


class _Environment:
    """The code behind a `module(…)`, with the module's table in the place of the globals."""

    def __init__(self, chunk: ast.Chunk, resolution: Resolution, index: int, call: ast.Call) -> None:
        self._chunk = chunk
        self._resolution = resolution
        self._index = index
        self._call = call
        self._sees_all = len(call.arguments) > 1
        rest = chunk.body.statements[index + 1 :]
        self._written = {
            target.name
            for targets in resolution.written.values()
            for target in targets
            if isinstance(target, ast.Name) and any(_holds(each.span, target.span) for each in rest)
        }

    def chunk(self) -> ast.Chunk:
        """The whole chunk."""
        span = self._call.span
        statements = self._chunk.body.statements
        body = (
            *statements[: self._index],
            ast.Local((ast.Name(_TABLE, span=span),), (self._constructor(span),), span=span),
            *(changed(each, self._change) for each in statements[self._index + 1 :]),
        )
        if not isinstance(statements[-1], ast.Return):
            end = self._chunk.body.span
            last = ast.Return((ast.Name(_TABLE, span=span),), span=end.source.span(end.end, end.end))
            body = (*body, last)
        return ast.Chunk(
            self._chunk.source, ast.Block(body, span=self._chunk.body.span), span=self._chunk.span
        )

    def _constructor(self, span: Span) -> ast.Table:
        """The table as `module` makes it; what nothing asks for is left out."""
        name = self._call.arguments[0]
        texts: dict[str, ast.Expression] = {"_NAME": ast.Vararg(span=name.span)}
        if isinstance(name, ast.String):
            texts["_NAME"] = name
            before, dot, _ = name.value.rpartition(b".")
            texts["_PACKAGE"] = ast.String(before + dot, span=name.span)
        used = self._resolution.used | self._resolution.values
        fields = [
            ast.Field(ast.String(each.encode(), span=span), texts[each], False, span=span)
            for each in _GIVEN
            if each in used and each in texts and each not in self._written
        ]
        return ast.Table(tuple(fields), span=span)

    def _change(self, node: ast.Node) -> ast.Node | None:
        match node:
            case ast.Name(name=name) if node not in self._resolution.symbols and name != _TABLE:
                is_field = name in self._written or name in _GIVEN or not self._sees_all
                return self._field(node) if is_field else None
            case _:
                return None

    def _field(self, name: ast.Name) -> ast.Index:
        table = ast.Name(_TABLE, span=name.span)
        key = ast.String(name.name.encode("utf-8", "surrogateescape"), span=name.span)
        return ast.Index(table, key, True, span=name.span)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
