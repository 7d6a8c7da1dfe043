"""The project's own modules: which files `require` brings in, and how their tables are used.

A module whose table is used by constant names only is **static**: its functions become Go functions that are
called by name, its constants are known, its other fields are variables. All others are ordinary tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snippet2wasm.frontend import files
from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.names import Resolution, Symbol, resolve
from snippet2wasm.frontend.trees import children, walk
from snippet2wasm.lower.computed import Values, candidates, computed_name
from snippet2wasm.lower.loaded import as_function, loaded_names

if TYPE_CHECKING:
    from snippet2wasm.frontend.modules import SearchPath
    from snippet2wasm.ir.nodes import Function, Variable
    from snippet2wasm.lower.scope import Meaning
    from snippet2wasm.source import Source, Span


ALWAYS_LOADED = frozenset(
    ("_G", "bit", "coroutine", "debug", "io", "math", "ndk", "ngx", "os", "package", "string", "table")
)
"""What `package.loaded` has from the beginning in nginx."""


@dataclass(eq=False)
class OwnModule:
    """A Lua file of the project that is required.

    Attributes:
        name: as it is first required.
        chunk: nginx's name for its code.
        source: its text.
        syntax, resolution: its main chunk, and what its names mean.
        table: the local variable with the table that it returns; None for another form.
        constructor: the constructor of that table.
        fields: what is given to the table's fields at the outermost level.
        escapes: where its table is used as a value: then it is not static.
        quiet: loading it can't be noticed: it only defines functions and constants.
        main: the function that its main chunk is; None until it is lowered.
        meanings: of a static module's fields.
        watched: whether the program names it in `package.loaded`.
        reloaded: whether the program assigns to that, so that its main chunk may run more than once.
        kept: the variable that this is.
    """

    name: str
    chunk: str
    source: Source
    syntax: ast.Chunk
    resolution: Resolution
    table: Symbol | None = None
    constructor: ast.Table | None = None
    fields: dict[str, list[_Write]] = field(default_factory=dict)
    escapes: Span | None = None
    quiet: bool = False
    main: Function | None = None
    meanings: dict[str, Meaning] = field(default_factory=dict)
    selves: set[Symbol] = field(default_factory=set)
    watched: bool = False
    reloaded: bool = False
    kept: Variable | None = None

    @property
    def static(self) -> bool:
        """Whether its table is known by its fields' names."""
        return self.constructor is not None and self.escapes is None


@dataclass(frozen=True, eq=False)
class _Write:
    """An assignment to a field of a module's table.

    Attributes:
        value: what is assigned; None for one of several values.
        top: whether it stands at the module's outermost level.
        is_method: written with a colon.
    """

    span: Span
    value: ast.Expression | None
    top: bool
    is_method: bool = False


class Modules:
    """All modules of a program, by the names by which they are required."""

    def __init__(
        self, search: SearchPath, known: Iterable[str], parse: Callable[[Source], ast.Chunk]
    ) -> None:
        self.search = search
        self._parse = parse
        self._known = frozenset(known) | ALWAYS_LOADED
        self.by_name: dict[str, OwnModule] = {}
        self.missing: set[str] = set()
        self.twice: dict[str, OwnModule] = {}  # second names of modules
        self.hidden: dict[str, tuple[str, Span]] = {}
        self.aliases: dict[Symbol, OwnModule] = {}
        self.global_aliases: dict[str, OwnModule] = {}
        self.ordered: list[OwnModule] = []  # what a module requires comes before it
        self.computed: dict[ast.Call, list[str]] = {}  # what a computed name can mean
        self.named_as_loaded: dict[ast.Expression, OwnModule] = {}  # by `package.loaded[name]`
        self._open: list[tuple[ast.Call, ast.Expression, Values]] = []  # with nothing known of the name
        self._texts: set[str] = set()
        self._by_file: dict[str, OwnModule] = {}

    def collect(self, chunk: ast.Chunk, resolution: Resolution, own: OwnModule | None = None) -> None:
        """Reads the files that a chunk requires, and those that they require; `own` is the chunk's module.

        Raises:
            Refusal: one of them is no Lua.
        """
        values = Values(resolution)
        for index, loaded, written in loaded_names(chunk, resolution, own.name if own is not None else None):
            self._watch(index, loaded, written)
        names: set[object] = set()  # strings that only name a module where it is required
        for node in walk(chunk):
            self.search.extend(searched(node, resolution))
            values.note(node)
            name = required(node, resolution)
            if name is not None and isinstance(node, ast.Call):
                self._load(name, node.span)
                names.update(node.arguments)
            elif isinstance(node, ast.Call) and (computed := computed_name(node, resolution)) is not None:
                self._load_any(node, computed, values)
            elif isinstance(node, ast.String) and node not in names and len(node.value) < _LONGEST_NAME:
                self._texts.add(node.value.decode("utf-8", "surrogateescape"))

    def _watch(self, node: ast.Index, name: str, written: bool) -> None:
        """Notes `package.loaded[name]` of a module of the project."""
        self._load(name, node.span)
        module = self.by_name.get(name)
        if module is not None and module.name == name:  # not a second name of a file
            self.named_as_loaded[node] = module
            module.watched = True
            module.reloaded |= written
            module.escapes = module.escapes or node.span

    def _load_any(self, call: ast.Call, name: ast.Expression, values: Values) -> None:
        """Reads the files that a computed name can mean."""
        if not any(values.ends(name)):
            self._open.append((call, name, values))
            return
        self._take(call, candidates(name, values, self.search, ()))

    def _take(self, call: ast.Call, names: list[str]) -> None:
        found = [name for name in names if name not in self._known]
        taken = self.computed[call] = []
        for name in found:
            self._load(name, call.span)
            module = self.by_name.get(name)
            if module is not None and module.name == name:  # not a second name of a file
                taken.append(name)
                module.escapes = module.escapes or call.span

    def collect_rest(self) -> None:
        """Reads the files that names can mean of which nothing is known; `collect` comes first.

        Raises:
            Refusal: one of them is no Lua.
        """
        done: dict[ast.Call, int] = {}
        while pending := [each for each in self._open if done.get(each[0]) != len(self._texts)]:
            for call, name, values in pending:
                done[call] = len(self._texts)
                self._take(call, candidates(name, values, self.search, self._texts))
        for module in self.all():
            if module.reloaded:
                module.syntax = as_function(module.syntax)
                module.resolution = resolve(module.syntax)

    def _load(self, name: str, span: Span) -> None:
        if name in self.by_name or name in self.missing:
            return
        found = self.search.find(name)
        if name in self._known:
            if found is not None:
                self.hidden.setdefault(name, (found.source.name, span))
            return
        if found is None:
            self.missing.add(name)
            return
        before = self._by_file.get(found.source.name)
        if before is not None:
            self.by_name[name] = before
            self.twice.setdefault(name, before)
            return
        files.check_text(found.source)
        syntax = self._parse(found.source)
        module = OwnModule(name, found.chunk, found.source, syntax, resolve(syntax))
        self.by_name[name] = self._by_file[found.source.name] = module
        self.collect(syntax, module.resolution, module)
        self.ordered.append(module)

    def all(self) -> list[OwnModule]:
        """The modules, in the order in which they are first required."""
        return list(self._by_file.values())

    def analyse(self, chunks: list[tuple[ast.Chunk, Resolution, bool]]) -> None:
        """Finds out how the modules' tables are used.

        Args:
            chunks: handlers and init code, and whether the global names of a chunk last.
        """
        for module in self.all():
            _find_table(module)
        for module in self.all():
            module.quiet = self._is_quiet(module, set())
        everything = [(module.syntax, module.resolution, True) for module in self.all()] + chunks
        for chunk, resolution, lasting in everything:
            if lasting:
                self._find_global_aliases(chunk, resolution, [each for _, each, _ in everything])
        uses = [_Uses(self, chunk, resolution) for chunk, resolution, _ in everything]
        for use in uses:
            use.visit_chunk()
        for use in uses:
            use.settle()

    def _find_global_aliases(
        self, chunk: ast.Chunk, resolution: Resolution, everything: list[Resolution]
    ) -> None:
        """The globals that hold a module from the beginning: `utils = require "utils"` in init code."""
        for statement in chunk.body.statements:
            match statement:
                case ast.Assign(targets=(ast.Name(name=name) as target,), values=(value,)):
                    module = self.by_name.get(required(value, resolution) or "")
                    written = sum(len(each.written.get(name, ())) for each in everything)
                    if module is not None and target not in resolution.symbols and written == 1:
                        self.global_aliases[name] = module
                case _:
                    pass

    def _is_quiet(self, module: OwnModule, pending: set[OwnModule]) -> bool:
        if module in pending or module.watched:
            return False  # each requires the other, or it can be seen whether it is loaded
        pending = pending | {module}
        return all(
            self._is_definition(statement, module, pending) for statement in module.syntax.body.statements
        )

    def _is_definition(self, statement: ast.Statement, module: OwnModule, pending: set[OwnModule]) -> bool:
        resolution = module.resolution
        match statement:
            case ast.LocalFunction() | ast.FunctionStatement(target=ast.Index()):
                return True
            case ast.Local(values=values) | ast.Assign(targets=(ast.Index(),), values=values):
                return all(self._is_known(value, resolution, pending) for value in values)
            case ast.Return(values=(value,)):
                return isinstance(value, ast.Name) or self._is_known(value, resolution, pending)
            case _:
                return False

    def _is_known(self, value: ast.Expression, resolution: Resolution, pending: set[OwnModule]) -> bool:
        name = required(value, resolution)
        if name is not None:
            module = self.by_name.get(name)
            return self._is_quiet(module, pending) if module is not None else name not in self.missing
        match value:
            case ast.Table(fields=fields):
                keys = [entry.key for entry in fields if entry.key is not None]
                values = [entry.value for entry in fields]
                return all(map(is_literal, keys)) and all(
                    self._is_known(each, resolution, pending) for each in values
                )
            case ast.Name() as name_:
                return name_ not in resolution.symbols
            case ast.Index(object=ast.Name(name="ngx"), key=ast.String(value=key)) if key in _OF_REQUEST:
                return False
            case ast.Index(object=object_, key=ast.String()):
                return self._is_known(object_, resolution, pending)
            case _:
                return isinstance(value, ast.Function) or is_literal(value)


def is_literal(value: ast.Expression) -> bool:
    """Whether an expression is a constant as it stands."""
    match value:
        case ast.Nil() | ast.Boolean() | ast.Number() | ast.String():
            return True
        case ast.Unary(operator=ast.UnaryOperator.NEGATE, operand=ast.Number()):
            return True
        case ast.Binary(operator=ast.BinaryOperator.CONCAT, left=ast.String(), right=right):
            return isinstance(right, ast.String) or (isinstance(right, ast.Binary) and is_literal(right))
        case ast.Binary(operator=operator, left=left, right=right) if operator in _ARITHMETIC:
            return _is_number(left) and _is_number(right)
        case _:
            return False


_LONGEST_NAME = 200  # of a module

_OF_REQUEST = frozenset((b"var", b"status", b"ctx", b"arg", b"header", b"headers_sent", b"is_subrequest"))
"""What `ngx` has that is another thing in each request."""

_ARITHMETIC = (
    ast.BinaryOperator.ADD,
    ast.BinaryOperator.SUBTRACT,
    ast.BinaryOperator.MULTIPLY,
    ast.BinaryOperator.DIVIDE,
)


def _is_number(value: ast.Expression) -> bool:
    return isinstance(value, ast.Number) or (
        isinstance(value, ast.Binary) and value.operator in _ARITHMETIC and is_literal(value)
    )


def required(node: object, resolution: Resolution) -> str | None:
    """The name in `require "name"`, and in `pcall(require, "name")`; None for anything else."""
    match node:
        case ast.Call(function=ast.Name(name="require") as function, arguments=(ast.String(value=name),)):
            pass
        case ast.Call(
            function=ast.Name(name="pcall"),
            arguments=(ast.Name(name="require") as function, ast.String(value=name)),
        ):
            pass
        case _:
            return None
    return None if function in resolution.symbols else name.decode("utf-8", "surrogateescape")


def searched(node: object, resolution: Resolution) -> str:
    """The patterns that `package.path = package.path .. ";/x/?.lua"` adds; "" for anything else."""
    match node:
        case ast.Assign(
            targets=(ast.Index(object=ast.Name(name="package") as package, key=ast.String(value=b"path")),),
            values=(value,),
        ) if package not in resolution.symbols:
            texts = [each.value for each in walk(value) if isinstance(each, ast.String)]
            return ";".join(text.decode("utf-8", "surrogateescape") for text in texts if b"?" in text)
        case _:
            return ""


def is_protected(node: ast.Call) -> bool:
    """Whether what `required` has found is `pcall(require, …)`."""
    return len(node.arguments) > 1


def _find_table(module: OwnModule) -> None:
    """Finds the table that a module returns in the end."""
    statements = module.syntax.body.statements
    match statements[-1] if statements else None:
        case ast.Return(values=(ast.Table() as constructor,)) if _is_record(constructor):
            module.constructor = constructor
        case ast.Return(values=(ast.Name() as name,)):
            symbol = module.resolution.symbols.get(name)
            for statement in statements:
                match statement:
                    case ast.Local(names=(declared,), values=(ast.Table() as constructor,)):
                        mine = module.resolution.symbols[declared] is symbol
                        if mine and symbol is not None and not symbol.assigned and _is_record(constructor):
                            module.table, module.constructor = symbol, constructor
                    case _:
                        pass
        case _:
            pass


def _is_record(table: ast.Table) -> bool:
    """Whether all keys of a constructor are different constant names."""
    names = [entry.key.value for entry in table.fields if isinstance(entry.key, ast.String)]
    return len(set(names)) == len(table.fields)


class _Uses:
    """Looks at every use of modules' tables in one chunk."""

    def __init__(self, modules: Modules, chunk: ast.Chunk, resolution: Resolution) -> None:
        self.modules = modules
        self.chunk = chunk
        self.resolution = resolution
        self.own = next((each for each in modules.all() if each.syntax is chunk), None)
        self.tables: dict[Symbol, OwnModule] = {}
        self.inline: list[tuple[OwnModule, ast.Expression]] = []
        self.dotted: list[tuple[OwnModule, str, Span]] = []
        self.methods: list[tuple[OwnModule, str, Span]] = []
        if self.own is not None and self.own.table is not None:
            self.tables[self.own.table] = self.own
        if self.own is not None and self.own.constructor is not None:
            for entry in self.own.constructor.fields:
                assert isinstance(entry.key, ast.String)
                self._write(self.own, entry.key, entry.value, top=True)

    def visit_chunk(self) -> None:
        """Looks at the whole chunk."""
        self._find_selves()
        statements = self.chunk.body.statements
        for statement in statements:
            match statement:
                case ast.Return(values=(ast.Name(),)) if self.own and statement is statements[-1]:
                    if self._table(statement.values[0]) is not self.own:
                        self.visit(statement)
                case ast.Return(values=(ast.Table() as table,)) if self.own and self.own.constructor is table:
                    for entry in table.fields:
                        self.visit(entry.value)
                case ast.FunctionStatement() | ast.Assign():
                    self._definition(statement, top=True)
                case _:
                    self.visit(statement)

    def _find_selves(self) -> None:
        """The `self` of a module's methods is its table."""
        used = {symbol for name, symbol in self.resolution.symbols.items() if symbol.declaration is not name}
        for statement in self.chunk.body.statements:
            match statement:
                case ast.FunctionStatement(
                    target=ast.Index(object=ast.Name() as object_), function=function, is_method=True
                ) if self.own is not None and self._table(object_) is self.own:
                    symbol = self.resolution.symbols[function.parameters[0]]
                    self.own.selves.add(symbol)
                    if symbol in used:
                        self.tables[symbol] = self.own
                        if symbol.assigned:
                            self._escape(self.own, statement.span)
                case _:
                    pass

    def settle(self) -> None:
        """What can be told when all uses are known."""
        for module, expression in self.inline:
            if not module.quiet:
                self._escape(module, expression.span)
        for module, name, span in self.dotted:
            if any(write.is_method for write in module.fields.get(name, ())):
                self._escape(module, span)
        for module, name, span in self.methods:
            writes = module.fields.get(name, [])
            if len(writes) != 1 or not writes[0].is_method or not writes[0].top:
                self._escape(module, span)

    def _escape(self, module: OwnModule, span: Span) -> None:
        module.escapes = module.escapes or span

    def _table(self, node: object) -> OwnModule | None:
        """The module whose table an expression names."""
        match node:
            case ast.Name() as name:
                symbol = self.resolution.symbols.get(name)
                if symbol is None:
                    return self.modules.global_aliases.get(name.name)
                if symbol.declaration is name:
                    return None
                return self.tables.get(symbol) or self.modules.aliases.get(symbol)
            case ast.Call() as call:
                name_ = required(call, self.resolution)
                module = self.modules.by_name.get(name_ or "")
                return None if module is None or is_protected(call) else module
            case _:
                return None

    def _local(self, name: ast.Name, value: ast.Expression) -> None:
        """`local name = value`."""
        symbol = self.resolution.symbols[name]
        module = self._table(value)
        if isinstance(value, ast.Call) and module is not None and not symbol.assigned:
            self.modules.aliases[symbol] = module
        elif self.own is None or self.own.constructor is not value:
            self.visit(value)
        else:
            for entry in self.own.constructor.fields:
                self.visit(entry.value)

    def visit(self, node: object) -> None:
        """Looks at a node and all inside it."""
        match node:
            case ast.Local(names=(name,), values=(value,)):
                self._local(name, value)
            case ast.Assign() | ast.FunctionStatement():
                self._definition(node, top=False)
            case ast.CallStatement(call=ast.Call() as call) if self._table(call) is not None:
                pass
            case ast.MethodCall(object=object_, method=method, arguments=arguments) if (
                module := self._table(object_)
            ) is not None:
                self._named(module, object_)
                self.methods.append((module, _text(method), method.span))
                for argument in arguments:
                    self.visit(argument)
            case ast.Index(object=object_, key=ast.String() as key) if (
                module := self._table(object_)
            ) is not None:
                self.dotted.append((module, _text(key), key.span))
                self._named(module, object_)
            case ast.Call() | ast.Name():
                module = self._table(node)
                if module is not None:
                    self._escape(module, node.span)
                elif isinstance(node, ast.Call):
                    protected = self.modules.by_name.get(required(node, self.resolution) or "")
                    if protected is not None:
                        self._escape(protected, node.span)
                    else:
                        self._visit_all(node)
            case _:
                self._visit_all(node)

    def _visit_all(self, node: object) -> None:
        for child in children(node):
            self.visit(child)

    def _named(self, module: OwnModule, object_: ast.Expression) -> None:
        """A part of a module is named."""
        if isinstance(object_, ast.Call):
            self.inline.append((module, object_))

    def _definition(self, statement: ast.Assign | ast.FunctionStatement, top: bool) -> None:
        """An assignment, which may be one to a field of a module's table."""
        if isinstance(statement, ast.FunctionStatement):
            targets: tuple[ast.Name | ast.Index, ...] = (statement.target,)
            values: tuple[ast.Expression, ...] = (statement.function,)
        else:
            targets, values = statement.targets, statement.values
        for index, target in enumerate(targets):
            match target:
                case ast.Index(object=object_, key=ast.String() as key) if (
                    module := self._table(object_)
                ) is not None:
                    single = len(targets) == len(values) == 1
                    is_method = isinstance(statement, ast.FunctionStatement) and statement.is_method
                    self._write(
                        module,
                        key,
                        values[index] if single else None,
                        top=top and module is self.own,
                        is_method=is_method,
                    )
                    self._named(module, object_)
                case ast.Name() as name:
                    alias = self.modules.global_aliases.get(name.name)
                    if name not in self.resolution.symbols and alias is not None:
                        return  # `utils = require "utils"`
                    if self._table(name) is not None:
                        self.visit(name)
                case _:
                    self.visit(target)
        for value in values:
            self.visit(value)

    def _write(
        self,
        module: OwnModule,
        key: ast.String,
        value: ast.Expression | None,
        *,
        top: bool,
        is_method: bool = False,
    ) -> None:
        span = key.span if value is None else value.span
        module.fields.setdefault(_text(key), []).append(_Write(span, value, top, is_method))


def _text(key: ast.String) -> str:
    return key.value.decode("utf-8", "surrogateescape")
