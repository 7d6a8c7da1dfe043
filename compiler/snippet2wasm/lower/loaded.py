"""`package.loaded`: where a chunk names what it has of a module, and modules that may run again."""

from __future__ import annotations

from collections.abc import Iterator

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.names import Resolution, Symbol
from snippet2wasm.frontend.trees import walk
from snippet2wasm.source import Span


def loaded_names(
    chunk: ast.Chunk, resolution: Resolution, own: str | None
) -> Iterator[tuple[ast.Index, str, bool]]:
    """Each `package.loaded[name]` whose name is known: the expression, the name, and whether it is assigned
    to. `own` is the name of the chunk's module: `...` in its main chunk is that.

    `package.loaded[name] or require(name)` is not among them: it is `require(name)`.
    """
    functions: list[Span] = []
    names: dict[Symbol, str | None] = {}
    tables: set[Symbol] = set()
    written: set[object] = set()
    tested: set[object] = set()
    for node in walk(chunk):
        match node:
            case ast.Function():
                functions.append(node.span)
            case ast.Assign(targets=targets):
                written.update(targets)
            case ast.FunctionStatement(target=target):
                written.add(target)
            case ast.Local(names=(name, *_), values=(value, *_)) if not resolution.symbols[name].assigned:
                symbol = resolution.symbols[name]
                if _is_loaded(value, resolution, tables):
                    tables.add(symbol)
                names[symbol] = _text(value, resolution, own, names, functions)
            case ast.Logical(
                operator=ast.LogicalOperator.OR,
                left=ast.Index(object=ast.Index(), key=ast.String(value=tested_name)) as left,
                right=ast.Call(
                    function=ast.Name(name="require"), arguments=(ast.String(value=required_name),)
                ),
            ) if tested_name == required_name:
                tested.add(left)
            case ast.Index(object=table, key=key) if node not in tested and _is_loaded(
                table, resolution, tables
            ):
                text = _text(key, resolution, own, names, functions)
                if text is not None:
                    yield node, text, node in written
            case _:
                pass


def _is_loaded(table: ast.Expression, resolution: Resolution, tables: set[Symbol]) -> bool:
    """Whether an expression is `package.loaded`, or a variable with it."""
    match table:
        case ast.Index(object=ast.Name(name="package") as package, key=ast.String(value=b"loaded")):
            return package not in resolution.symbols
        case ast.Name():
            return resolution.symbols.get(table) in tables
        case _:
            return False


def _text(
    key: ast.Expression,
    resolution: Resolution,
    own: str | None,
    names: dict[Symbol, str | None],
    functions: list[Span],
) -> str | None:
    """The text that an expression is; None if that is not known."""
    match key:
        case ast.String(value=value):
            return value.decode("utf-8", "surrogateescape")
        case ast.Vararg() if not any(each.start <= key.span.start < each.end for each in functions):
            return own
        case ast.Name() if (symbol := resolution.symbols.get(key)) is not None:
            return names.get(symbol)
        case _:
            return None


def as_function(chunk: ast.Chunk) -> ast.Chunk:
    """A chunk as a function that is called where it stands, `return (function(...) … end)(...)`: each time it
    runs, its variables are new ones.
    """
    span = chunk.span
    function = ast.Function((), True, chunk.body, span=span)
    call = ast.Call(function, (ast.Vararg(span=span),), span=span)
    body = ast.Block((ast.Return((call,), span=span),), span=span)
    return ast.Chunk(chunk.source, body, span=span)
