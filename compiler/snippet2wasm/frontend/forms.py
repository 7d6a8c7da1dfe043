"""Lua's older and roundabout forms, written as what they mean, before names are resolved.

- `local require = require` says nothing: the name means the same without it; so does `local pcall = pcall`.
- `pcall(require, name)` of a computed name is `pcall(function(name) return require(name) end, name)`.
- `module(…)` makes a table of the globals of a file ([old_modules](old_modules.py)).
- Functions in a local table of a chunk are local functions ([own_tables](own_tables.py)).
- A table of the library that all calls of a function pass is left out ([passed](passed.py)).
- Functions that nothing calls, and that can't be compiled, are left out: whoever asks names them.
"""

from __future__ import annotations

from collections.abc import Collection

from snippet2wasm.frontend import lua, old_modules, own_tables
from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.names import Resolution, resolve
from snippet2wasm.frontend.passed import Stretch, stretch, without_tables
from snippet2wasm.frontend.trees import changed, walk
from snippet2wasm.source import Source, Span

_SAME = ("require", "pcall")


def parse(source: Source, left_out: Collection[Stretch] = ()) -> ast.Chunk:
    """The syntax of a chunk, in the forms that the compiler knows.

    Args:
        source: its text.
        left_out: definitions of functions, and arguments and parameters, that are to be left out.

    Raises:
        Refusal: the text is no Lua.
    """
    chunk = lua.parse(source)
    if left_out:
        chunk = without_tables(_without(chunk, left_out), left_out)
    if b"require" in source.data:
        chunk = _plain_requires(chunk, resolve(chunk))
    if b"module" in source.data:
        chunk = old_modules.as_table(chunk, resolve(chunk))
    return own_tables.as_functions(chunk)


def _without(chunk: ast.Chunk, left_out: Collection[Stretch]) -> ast.Chunk:
    """The chunk without some definitions of functions; in a constructor, nil takes a function's place."""

    def change(node: ast.Node) -> ast.Node | None:
        match node:
            case ast.Block(statements=statements):
                kept = tuple(each for each in statements if stretch(each.span) not in left_out)
                if len(kept) < len(statements):
                    return changed(ast.Block(kept, span=node.span), change)
            case ast.Table(fields=fields):
                entries = tuple(each for each in fields if stretch(each.value.span) not in left_out)
                if len(entries) < len(fields):
                    return changed(ast.Table(entries, span=node.span), change)
            case _:
                pass
        return None

    return changed(chunk, change)


def _plain_requires(chunk: ast.Chunk, resolution: Resolution) -> ast.Chunk:
    """The chunk with `require` under its own name only."""

    def is_global(node: object, name: str) -> bool:
        return isinstance(node, ast.Name) and node.name == name and node not in kept

    def is_require(node: object) -> bool:
        return is_global(node, "require")

    def says_nothing(names: tuple[ast.Name, ...], values: tuple[ast.Expression, ...], index: int) -> bool:
        name = names[index]
        known = name.name in _SAME and len(names) == len(values) and is_global(values[index], name.name)
        return known and not resolution.symbols[name].assigned

    locals_ = [node for node in walk(chunk) if isinstance(node, ast.Local)]
    kept = set(resolution.symbols)
    for local in locals_:
        for index, name in enumerate(local.names):
            if says_nothing(local.names, local.values, index):
                symbol = resolution.symbols[name]
                kept -= {each for each, found in resolution.symbols.items() if found is symbol}

    def change(node: ast.Node) -> ast.Node | None:
        match node:
            case ast.Local(names=names, values=values):
                left = [index for index in range(len(names)) if not says_nothing(names, values, index)]
                if len(left) < len(names):
                    return changed(
                        ast.Local(
                            tuple(names[index] for index in left),
                            tuple(values[index] for index in left),
                            span=node.span,
                        ),
                        change,
                    )
            case ast.Call(function=ast.Name(name="pcall") as function, arguments=(first, name)) if (
                is_require(first) and is_global(function, "pcall") and not isinstance(name, ast.String)
            ):
                return ast.Call(function, (_requiring(first.span), changed(name, change)), span=node.span)
            case _:
                pass
        return None

    return changed(chunk, change)


def is_protected_require(call: ast.Call) -> bool:
    """Whether a call of `require` stands for the one that `pcall` makes."""
    return call.function.span == call.span


def _requiring(span: Span) -> ast.Function:
    """`function(name) return require(name) end`."""
    call = ast.Call(ast.Name("require", span=span), (ast.Name("name", span=span),), span=span)
    body = ast.Block((ast.Return((call,), span=span),), span=span)
    return ast.Function((ast.Name("name", span=span),), False, body, span=span)
