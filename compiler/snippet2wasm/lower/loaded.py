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
    own_names: set[Symbol] = set()
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
            case ast.Local(names=(name, *_), values=(ast.Vararg(), *_)):
                symbol = resolution.symbols[name]
                if symbol.function is None and not symbol.assigned:
                    own_names.add(symbol)
            case ast.Logical(
                operator=ast.LogicalOperator.OR,
                left=ast.Index(key=ast.String(value=tested_name)) as left,
                right=ast.Call(
                    function=ast.Name(name="require"), arguments=(ast.String(value=required_name),)
                ),
            ) if tested_name == required_name:
                tested.add(left)
            case ast.Index(
                object=ast.Index(object=ast.Name(name="package") as package, key=ast.String(value=b"loaded")),
                key=key,
            ) if package not in resolution.symbols and node not in tested:
                text = _text(key, resolution, own, own_names, functions)
                if text is not None:
                    yield node, text, node in written
            case _:
                pass


def _text(
    key: ast.Expression,
    resolution: Resolution,
    own: str | None,
    own_names: set[Symbol],
    functions: list[Span],
) -> str | None:
    match key:
        case ast.String(value=value):
            return value.decode("utf-8", "surrogateescape")
        case ast.Vararg() if not any(each.start <= key.span.start < each.end for each in functions):
            return own
        case ast.Name() if resolution.symbols.get(key) in own_names:
            return own
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
