"""Tables of the library as arguments: `cors.add(ngx)` of a `function cors.add(ngx)`.

Where every call of a function passes the table `ngx`, and its parameter is called `ngx`, too, the function
means the same without either. Functions that are no local variables are told apart by their names only, so
all of one name have to agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.names import Resolution, Symbol
from snippet2wasm.frontend.trees import changed, children
from snippet2wasm.source import Span

Stretch = tuple[str, int, int]
"""Where a piece of text stands: the name of its source, begin and end."""

_TABLES = frozenset(("ngx", "string", "table", "math", "io", "os"))


def stretch(span: Span) -> Stretch:
    """Where a piece of text stands."""
    return span.source.name, span.start, span.end


@dataclass
class _Functions:
    """What is known of the functions of one name.

    Attributes:
        calls: what each call passes; None in the place of `self`.
        definitions: the parameters of each.
        is_value: whether something does more with one than call it.
    """

    calls: list[list[ast.Expression | None]] = field(default_factory=list)
    definitions: list[tuple[ast.Name, ...]] = field(default_factory=list)
    is_value: bool = False


def passed_tables(chunks: Iterable[tuple[ast.Chunk, Resolution]]) -> set[Stretch]:
    """The arguments and parameters that can be left out."""
    looking = _Look()
    for chunk, resolution in chunks:
        looking.resolution = resolution
        looking.visit(chunk)
    found: set[Stretch] = set()
    for each in looking.functions.values():
        found |= _agreed(each, looking.tables)
    return found


def _agreed(functions: _Functions, tables: set[ast.Expression | None]) -> set[Stretch]:
    """The arguments and parameters of one name that all calls and definitions have."""
    found: set[Stretch] = set()
    if functions.is_value or not functions.definitions:
        return found
    for index in range(min(map(len, functions.definitions))):
        names = [parameters[index] for parameters in functions.definitions]
        given = [call[index] if index < len(call) else None for call in functions.calls]
        agree = all(isinstance(each, ast.Name) and each in tables for each in given)
        if given and agree and {each.name for each in (*names, *given)} == {names[0].name}:  # type: ignore[union-attr]
            found |= {stretch(each.span) for each in (*names, *given)}  # type: ignore[union-attr]
    return found


class _Look:
    """Looks at all calls and definitions, by the functions' names."""

    def __init__(self) -> None:
        self.functions: dict[str | Symbol, _Functions] = {}
        self.tables: set[ast.Expression | None] = set()
        self.resolution = Resolution()

    def _of(self, name: str | Symbol) -> _Functions:
        return self.functions.setdefault(name, _Functions())

    def _key(self, function: ast.Expression) -> str | Symbol | None:
        """What tells a function apart; None for a computed one, and for those of the library."""
        match function:
            case ast.Name(name=name):
                return self.resolution.symbols.get(function, name)
            case ast.Index(key=ast.String() as key) if not self._is_library(function.object):
                return _text(key)
            case _:
                return None

    def _is_library(self, object_: ast.Expression) -> bool:
        while isinstance(object_, ast.Index):
            object_ = object_.object
        is_global = isinstance(object_, ast.Name) and object_ not in self.resolution.symbols
        return is_global and object_.name in _TABLES  # type: ignore[attr-defined]

    def visit(self, node: object) -> None:
        """Looks at a node and all inside it."""
        match node:
            case ast.Call(function=function, arguments=arguments) if (
                name := self._key(function)
            ) is not None:
                self._of(name).calls.append(list(arguments))
                self._arguments(arguments)
                if isinstance(function, ast.Index):
                    self.visit(function.object)
            case ast.MethodCall(object=object_, method=method, arguments=arguments):
                self._of(_text(method)).calls.append([None, *arguments])
                self._arguments(arguments)
                self.visit(object_)
            case (
                ast.FunctionStatement(target=target, function=function)
                | ast.LocalFunction(name=target, function=function)
                | ast.Local(names=(target,), values=(ast.Function() as function,))
                | ast.Assign(targets=(target,), values=(ast.Function() as function,))
            ):
                self._define(self._key(target), function)
            case ast.Field(key=ast.String() as key, value=ast.Function() as function):
                self._define(_text(key), function)
            case ast.Name():
                self._of(self.resolution.symbols.get(node, node.name)).is_value = True
            case ast.Index(object=object_, key=key):
                if (name := self._key(node)) is not None:
                    self._of(name).is_value = True
                if not isinstance(key, ast.String):
                    self.visit(key)
                self.visit(object_)
            case _:
                for child in children(node):
                    self.visit(child)

    def _arguments(self, arguments: tuple[ast.Expression, ...]) -> None:
        for argument in arguments:
            is_name = isinstance(argument, ast.Name) and argument not in self.resolution.symbols
            if is_name and argument.name in _TABLES:  # type: ignore[attr-defined]
                self.tables.add(argument)
            else:
                self.visit(argument)

    def _define(self, name: str | Symbol | None, function: ast.Function) -> None:
        if name is not None:
            self._of(name).definitions.append(function.parameters)
            self._of(name).is_value |= function.is_vararg
        self.visit(function.body)


def _text(key: ast.String) -> str:
    return key.value.decode("utf-8", "surrogateescape")


def without_tables(chunk: ast.Chunk, left_out: Collection[Stretch]) -> ast.Chunk:
    """The chunk without these arguments and parameters."""

    def kept(expressions: tuple[ast.Expression, ...]) -> tuple[ast.Expression, ...]:
        found = [changed(each, change) for each in expressions if stretch(each.span) not in left_out]
        if len(found) < len(expressions) and found and isinstance(found[-1], ast.Call | ast.MethodCall):
            found[-1] = ast.Parenthesized(found[-1], span=found[-1].span)  # it was not the last one
        return tuple(found)

    def is_left_out(expressions: tuple[ast.Expression, ...]) -> bool:
        return any(stretch(each.span) in left_out for each in expressions)

    def change(node: ast.Node) -> ast.Node | None:
        match node:
            case ast.Call(function=function, arguments=arguments) if is_left_out(arguments):
                return ast.Call(changed(function, change), kept(arguments), span=node.span)
            case ast.MethodCall(object=object_, method=method, arguments=arguments) if is_left_out(arguments):
                return ast.MethodCall(changed(object_, change), method, kept(arguments), span=node.span)
            case ast.Function(parameters=parameters) if is_left_out(parameters):
                names = tuple(each for each in parameters if stretch(each.span) not in left_out)
                return ast.Function(names, node.is_vararg, changed(node.body, change), span=node.span)
            case _:
                return None

    return changed(chunk, change)
