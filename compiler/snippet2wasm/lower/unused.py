"""Functions that nothing calls: a project's modules have many that a handler never comes to.

A function counts as used if code that can run names it: as a local variable, as a global, or by its name as a
field. Only functions are looked at that stand at the outermost level of a chunk, under one name each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.names import Resolution, Symbol
from snippet2wasm.frontend.trees import children
from snippet2wasm.lower.modules import OwnModule
from snippet2wasm.source import Span

_Key = Symbol | str
"""What a use names: a local variable; `name` for a global; `.name` for a field."""


@dataclass(eq=False)
class Definition:
    """A function at the outermost level of a chunk.

    Attributes:
        name: what it is called.
        span: the text that would be left out.
        at: its name, where messages point.
        key: what names it.
        body: its syntax.
        resolution: what the names in it mean.
    """

    name: str
    span: Span
    at: Span
    key: _Key
    body: ast.Function
    resolution: Resolution


def unused(chunks: Sequence[tuple[ast.Chunk, Resolution]], modules: Iterable[OwnModule]) -> list[Definition]:
    """The functions that no code which can run names."""
    owners = {module.syntax: module for module in modules}
    left: list[Definition] = []
    named: set[_Key] = set()
    for chunk, resolution in chunks:
        found = list(_definitions(chunk, resolution, owners.get(chunk)))
        left += found
        for statement in chunk.body.statements:
            if not any(each.span == statement.span for each in found):
                named |= _named(statement, resolution, {each.body for each in found})
    while called := [each for each in left if each.key in named]:
        left = [each for each in left if each.key not in named]
        for each in called:
            named |= _named(each.body, each.resolution, set())
    return left


def _definitions(chunk: ast.Chunk, resolution: Resolution, module: OwnModule | None) -> Iterator[Definition]:
    for statement in chunk.body.statements:
        match statement:
            case ast.LocalFunction(name=name, function=function):
                if not resolution.symbols[name].assigned:
                    symbol = resolution.symbols[name]
                    yield Definition(name.name, statement.span, name.span, symbol, function, resolution)
            case (
                ast.FunctionStatement(target=target, function=function)
                | ast.Assign(targets=(target,), values=(ast.Function() as function,))
            ):
                key = _key(target, resolution, module)
                if key is not None:
                    name_ = key.lstrip(".")
                    yield Definition(name_, statement.span, target.span, key, function, resolution)
            case _:
                pass
    if module is not None and module.static and module.constructor is not None:
        for entry in module.constructor.fields:
            match entry:
                case ast.Field(key=ast.String(value=text) as at, value=ast.Function() as function):
                    name_ = text.decode("utf-8", "surrogateescape")
                    yield Definition(name_, function.span, at.span, f".{name_}", function, resolution)
                case _:
                    pass


def _key(target: ast.Name | ast.Index, resolution: Resolution, module: OwnModule | None) -> str | None:
    """What names a function that is assigned to a global, or to a field of a static module."""
    match target:
        case ast.Name(name=name) if target not in resolution.symbols:
            return name
        case ast.Index(object=ast.Name() as object_, key=ast.String(value=name_)):
            is_own = module is not None and module.static and module.table is not None
            if is_own and resolution.symbols.get(object_) is module.table:  # type: ignore[union-attr]
                return f".{name_.decode('utf-8', 'surrogateescape')}"
        case _:
            pass
    return None


def _named(node: object, resolution: Resolution, skipped: set[ast.Function]) -> set[_Key]:
    """What a piece of code names, without what stands in some functions."""
    found: set[_Key] = set()
    pending = [node]
    while pending:
        match pending.pop():
            case ast.Function() as function if function in skipped:
                continue
            case ast.Name(name=name) as each:
                found.add(resolution.symbols.get(each) or name)
            case ast.String(value=value):
                text = value.decode("utf-8", "surrogateescape")
                found |= {f".{text}", text}  # `_G["name"]` is a global
            case each:
                pending += children(each)
    return found
