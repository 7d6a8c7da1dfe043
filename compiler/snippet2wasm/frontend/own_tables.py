"""Functions in local tables of a chunk, as local functions.

    local _M = {}                                   local function check(x) … end
    function _M.check(x) … end                      check(ngx.var.uri)
    _M.check(ngx.var.uri)

The two mean the same where the table never leaves the chunk's own sight (only `_M.name` and `_M:name()` are
written of it), and the function is only called, and given to its field once, at the chunk's outermost
level, in front of all uses that can run. Of definitions in a row, which run nothing, what others name
comes first. All else stays a table. That no name changes its meaning is checked by resolving the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.names import Resolution, Symbol, resolve
from snippet2wasm.frontend.trees import changed, walk

_ROUNDS = 8  # of finding functions that have to stay; a chunk that needs more stays as it is


_Key = tuple[Symbol, str]
"""A table's variable, and the name of a field."""


class _Use(Enum):
    """What is done with a field."""

    WRITE = auto()
    CALL = auto()
    METHOD = auto()  # called with a colon
    OTHER = auto()


@dataclass(eq=False)
class _Function:
    """The function that a field of a table is.

    Attributes:
        table: the table's variable.
        name: of the field.
        at: the name where it is defined.
        syntax: its parameters and body.
        place: the statement, or the entry of the table's constructor.
        me: its parameter `self` if it is written with a colon.
    """

    table: Symbol
    name: str
    at: ast.String
    syntax: ast.Function
    place: ast.Statement | ast.Field
    me: Symbol | None = None


@dataclass(eq=False)
class _Table:
    """A local table.

    Attributes:
        declaration: where it begins.
        functions: those of its fields that are defined at the outermost level, by name.
        uses: what is done with each field.
        others: how often it is used otherwise.
    """

    declaration: ast.Local
    functions: dict[str, list[_Function]] = field(default_factory=dict)
    uses: dict[str, list[_Use]] = field(default_factory=dict)
    others: int = 0


def as_functions(chunk: ast.Chunk) -> ast.Chunk:
    """The chunk with local functions for those in tables that are only used by their fields' names."""
    if not any(_constructor(statement) for statement in chunk.body.statements):
        return chunk
    if any(isinstance(statement, ast.Label) for statement in chunk.body.statements):
        return chunk  # a goto could jump over a local function
    resolution = resolve(chunk)
    stay: set[_Key] = set()
    for _ in range(_ROUNDS):
        functions = _Tables(chunk, resolution, stay).movable()
        if not functions:
            return chunk
        found = _Moved(chunk, resolution, functions)
        wrong = found.wrong()
        if not wrong:
            return found.chunk
        stay |= wrong
    return chunk


def _constructor(statement: ast.Statement) -> ast.Table | None:
    """The constructor in `local t = {…}` whose keys are all constants."""
    match statement:
        case ast.Local(names=(_,), values=(ast.Table(fields=fields) as table,)):
            constant = ast.String | ast.Number | ast.Boolean | None
            return table if all(isinstance(entry.key, constant) for entry in fields) else None
        case _:
            return None


class _Tables:
    """How a chunk uses the tables at its outermost level."""

    def __init__(self, chunk: ast.Chunk, resolution: Resolution, stay: set[_Key]) -> None:
        self._symbols = resolution.symbols
        self._stay = stay
        self._tables: dict[Symbol, _Table] = {}
        self._selves: dict[Symbol, Symbol] = {}
        self._seen: dict[ast.Index, _Use] = {}
        for statement in chunk.body.statements:
            self._declare(statement)
        for statement in chunk.body.statements:
            self._define(statement)
        for node in walk(chunk):
            self._note(node)

    def movable(self) -> list[_Function]:
        """The functions that can be local functions."""
        found: list[_Function] = []
        for table in self._tables.values():
            mine = [function for name in table.functions if (function := self._movable(table, name))]
            moved = {function.name for function in mine if function.me}
            called = {name for name, uses in table.uses.items() if _Use.METHOD in uses}
            if not table.others and called <= moved:
                found += mine
        return found

    def _movable(self, table: _Table, name: str) -> _Function | None:
        function = table.functions[name][0]
        uses = table.uses.get(name, [])
        calls = {_Use.METHOD if function.me is not None else _Use.CALL}
        others = [use for use in uses if use not in calls]
        if others != [_Use.WRITE] or (function.table, name) in self._stay:
            return None
        if function.syntax.is_vararg:
            return None
        # A parameter called ngx of a function that is called by name has to be ngx.
        return None if any(each.name == "ngx" for each in function.syntax.parameters) else function

    def _declare(self, statement: ast.Statement) -> None:
        constructor = _constructor(statement)
        if constructor is None or not isinstance(statement, ast.Local):
            return
        symbol = self._symbols[statement.names[0]]
        if symbol.assigned:
            return
        table = self._tables[symbol] = _Table(statement)
        for entry in constructor.fields:
            match entry:
                case ast.Field(key=ast.String(value=value) as key, value=written):
                    name = _text(value)
                    table.uses.setdefault(name, []).append(_Use.WRITE)
                    if isinstance(written, ast.Function):
                        function = _Function(symbol, name, key, written, entry)
                        table.functions.setdefault(name, []).append(function)
                case _:
                    pass

    def _define(self, statement: ast.Statement) -> None:
        """Takes in a function that is given to a field."""
        match statement:
            case ast.FunctionStatement(
                target=ast.Index(object=ast.Name() as object_, key=ast.String(value=value) as key),
                function=syntax,
                is_method=is_method,
            ):
                pass
            case ast.Assign(
                targets=(ast.Index(object=ast.Name() as object_, key=ast.String(value=value) as key),),
                values=(ast.Function() as syntax,),
            ):
                is_method = False
            case _:
                return
        symbol = self._symbols.get(object_)
        table = self._tables.get(symbol) if symbol is not None else None
        if symbol is None or table is None:
            return
        function = _Function(symbol, _text(value), key, syntax, statement)
        table.functions.setdefault(function.name, []).append(function)
        if is_method:
            function.me = self._symbols[syntax.parameters[0]]
            if function.me.assigned:
                self._stay.add((symbol, function.name))
            if (symbol, function.name) not in self._stay:
                self._selves[function.me] = symbol

    def _table(self, name: ast.Expression) -> _Table | None:
        """The table that a name means, also the name `self`."""
        symbol = self._symbols.get(name) if isinstance(name, ast.Name) else None
        return None if symbol is None else self._tables.get(self._selves.get(symbol, symbol))

    def _note(self, node: object) -> None:
        """Takes in what a node does with a table."""
        match node:
            case ast.FunctionStatement(target=ast.Index() as target):
                self._seen[target] = _Use.WRITE
            case ast.Assign(targets=targets):
                self._see(targets, _Use.WRITE)
            case ast.Call(function=function):
                self._see((function,), _Use.CALL)
            case ast.MethodCall(object=object_, method=method):
                if (table := self._table(object_)) is not None:
                    table.uses.setdefault(_text(method.value), []).append(_Use.METHOD)
                    table.others -= 1  # its name follows
            case ast.Index(object=object_, key=ast.String(value=value)):
                if (table := self._table(object_)) is not None:
                    table.uses.setdefault(_text(value), []).append(self._seen.get(node, _Use.OTHER))
                    table.others -= 1
            case ast.Name() if (table := self._table(node)) is not None and not self._declares(node):
                table.others += 1
            case _:
                pass

    def _declares(self, name: ast.Name) -> bool:
        return self._symbols[name].declaration is name

    def _see(self, values: tuple[ast.Expression, ...] | tuple[ast.Name | ast.Index, ...], use: _Use) -> None:
        self._seen.update((each, use) for each in values if isinstance(each, ast.Index))


@dataclass(eq=False)
class _Piece:
    """A statement of the outermost level.

    Attributes:
        statement: as it is now.
        is_definition: it runs nothing.
        key: of the function that it defines, one that was in a table.
        names: of a definition, the functions that were in tables, and the local variables, that it names.
    """

    statement: ast.Statement
    is_definition: bool
    key: _Key | None = None
    names: set[_Key | Symbol] = field(default_factory=set)


class _Moved:
    """A chunk with some functions out of their tables."""

    def __init__(self, chunk: ast.Chunk, resolution: Resolution, functions: list[_Function]) -> None:
        self._symbols = resolution.symbols
        self._functions = {(each.table, each.name): each for each in functions}
        self._tables = {each.table for each in functions}
        self._places = {each.place: each for each in functions}
        self._selves = {each.me: each for each in functions if each.me is not None}
        self._new: dict[ast.Name, tuple[ast.Name, _Key]] = {}  # with what each has to mean
        self._declarations: dict[_Key, ast.Name] = {}
        self._asked: set[_Key] = set()
        self._pieces: list[_Piece] = []
        for statement in chunk.body.statements:
            self._statement(statement)
        body = ast.Block(tuple(each.statement for each in self._in_order()), span=chunk.body.span)
        self.chunk = self._without_empty(ast.Chunk(chunk.source, body, span=chunk.span))

    def wrong(self) -> set[_Key]:
        """The functions that have to stay in their tables: a name would mean something else."""
        symbols = resolve(self.chunk).symbols
        mine = {name: key for key, name in self._declarations.items()}
        found: set[_Key] = set()
        for node in walk(self.chunk):
            if not isinstance(node, ast.Name) or node in mine:
                continue
            declaration = _declaration(node, symbols)
            if node in self._new:
                meant, key = self._new[node]
                if declaration is not meant:
                    found.add(key)
            elif declaration in mine:
                found.add(mine[declaration])
            elif declaration is not _declaration(node, self._symbols):
                return set(self._functions)
        return found or self._passing_on()

    def _passing_on(self) -> set[_Key]:
        """The functions that end with a call of one that stays, whose `error(…, 2)` sees who called."""
        return {
            piece.key
            for piece in self._pieces
            if piece.key is not None and any(self._passes_on(node) for node in walk(piece.statement))
        }

    def _passes_on(self, node: object) -> bool:
        match node:
            case ast.Return(values=(ast.Call(function=ast.Index(object=ast.Name() as object_)),)):
                return self._symbols.get(object_) in self._tables or object_ in self._new
            case _:
                return False

    def _statement(self, statement: ast.Statement) -> None:
        """Takes in what a statement of the outermost level becomes."""
        constructor = _constructor(statement)
        if statement in self._places:
            self._add_function(self._places[statement])
        elif constructor is None or not isinstance(statement, ast.Local):
            self._asked = set()
            new = changed(statement, self._change)
            is_definition = self._runs_nothing(statement)
            self._pieces.append(
                _Piece(new, is_definition, None, self._names(new) if is_definition else set())
            )
        else:
            moved = [self._places[entry] for entry in constructor.fields if entry in self._places]
            left = (entry for entry in constructor.fields if entry not in self._places)
            rest = tuple(changed(entry, self._change) for entry in left)
            # In the functions of its constructor the table has no name yet: they come before it.
            for function in moved:
                self._add_function(function)
            table = ast.Table(rest, span=constructor.span)
            self._pieces.append(_Piece(ast.Local(statement.names, (table,), span=statement.span), False))

    def _add_function(self, function: _Function) -> None:
        """Takes in a definition as that of a local function."""
        syntax = function.syntax
        self._asked = set()
        parameters = syntax.parameters[1:] if function.me is not None else syntax.parameters
        inner = ast.Function(
            parameters, syntax.is_vararg, changed(syntax.body, self._change), span=syntax.span
        )
        span = function.place.span if isinstance(function.place, ast.Statement) else syntax.span
        key = (function.table, function.name)
        statement = ast.LocalFunction(self._declaration(key), inner, span=span)
        self._pieces.append(_Piece(statement, True, key, self._names(statement)))

    def _names(self, statement: ast.Statement) -> set[_Key | Symbol]:
        """What a definition names."""
        names = (node for node in walk(statement) if isinstance(node, ast.Name))
        return {*self._asked, *(self._symbols[name] for name in names if name in self._symbols)}

    def _runs_nothing(self, statement: ast.Statement) -> bool:
        """Whether a statement only defines a local function, or one in a table that is looked at here."""
        match statement:
            case ast.LocalFunction():
                return True
            case (
                ast.FunctionStatement(target=ast.Index(object=ast.Name() as object_, key=ast.String()))
                | ast.Assign(
                    targets=(ast.Index(object=ast.Name() as object_, key=ast.String()),),
                    values=(ast.Function(),),
                )
            ):
                symbol = self._symbols.get(object_)
                return symbol in self._tables
            case _:
                return False

    def _in_order(self) -> Iterator[_Piece]:
        """The pieces; of definitions in a row, what others name comes in front of them."""
        row: list[_Piece] = []
        for piece in self._pieces:
            if piece.is_definition:
                row.append(piece)
            else:
                yield from self._sorted(row)
                yield piece
                row = []
        yield from self._sorted(row)

    def _sorted(self, row: list[_Piece]) -> list[_Piece]:
        defined = {name: each for each in row if (name := each.key or self._declared(each)) is not None}
        places = {piece: place for place, piece in enumerate(row)}
        found: dict[_Piece, None] = {}
        begun: set[_Piece] = set()

        def add(piece: _Piece) -> None:
            begun.add(piece)
            named = {defined[name] for name in piece.names if name in defined}
            for other in sorted(named - begun, key=places.__getitem__):
                if other not in begun:
                    add(other)
            found[piece] = None

        for piece in row:
            if piece not in begun:
                add(piece)
        return list(found)

    def _declared(self, piece: _Piece) -> Symbol | None:
        """The local function that a piece declares, if it is one of the text."""
        match piece.statement:
            case ast.LocalFunction(name=name):
                return self._symbols.get(name)
            case _:
                return None

    def _declaration(self, key: _Key) -> ast.Name:
        """The name that declares a function."""
        if key not in self._declarations:
            function = self._functions[key]
            self._declarations[key] = ast.Name(function.name, span=function.at.span)
        return self._declarations[key]

    def _change(self, node: ast.Node) -> ast.Node | None:
        match node:
            case ast.Index(object=ast.Name() as object_, key=ast.String() as key):
                return self._function_name(object_, key)
            case ast.MethodCall(object=ast.Name() as object_, method=method, arguments=arguments):
                name = self._function_name(object_, method)
                if name is not None:
                    given = tuple(changed(each, self._change) for each in arguments)
                    return ast.Call(name, given, span=node.span)
            case ast.Name() if (owner := self._selves.get(self._symbols.get(node))) is not None:  # type: ignore[arg-type]
                table = owner.table.declaration
                found = ast.Name(table.name, span=node.span)
                self._new[found] = table, (owner.table, owner.name)
                return found
            case _:
                pass
        return None

    def _function_name(self, object_: ast.Name, field_: ast.String) -> ast.Name | None:
        """The name of the function that a field is."""
        symbol = self._symbols.get(object_)
        if symbol is None:
            return None
        owner = self._selves.get(symbol)
        key = (owner.table if owner is not None else symbol, _text(field_.value))
        if key not in self._functions:
            return None
        name = ast.Name(key[1], span=field_.span)
        self._new[name] = self._declaration(key), key
        self._asked.add(key)
        return name

    def _without_empty(self, chunk: ast.Chunk) -> ast.Chunk:
        """The chunk without tables that are empty now, and that nothing uses."""
        symbols = resolve(chunk).symbols
        used = {symbol.declaration for name, symbol in symbols.items() if symbol.declaration is not name}
        tables = {function.table.declaration for function in self._functions.values()} - used
        kept = tuple(each for each in chunk.body.statements if not _is_empty(each, tables))
        return ast.Chunk(chunk.source, ast.Block(kept, span=chunk.body.span), span=chunk.span)


def _declaration(name: ast.Name, symbols: Mapping[ast.Name, Symbol]) -> ast.Name | None:
    """Where the local variable that a name means is declared; None for a global."""
    symbol = symbols.get(name)
    return symbol.declaration if symbol is not None else None


def _is_empty(statement: ast.Statement, tables: set[ast.Name]) -> bool:
    match statement:
        case ast.Local(names=(name,), values=(ast.Table(fields=()),)):
            return name in tables
        case _:
            return False


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
