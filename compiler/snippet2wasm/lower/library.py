"""Code that runs before there is a request, or once: init blocks, libraries, the main chunks of modules.

What they define once and for all (functions, constants, modules) is known at compile time; the rest is code
that runs when the configuration is read, or when a module is first required.
"""

from __future__ import annotations

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.trees import children
from snippet2wasm.ir.nodes import (
    Assign,
    Block,
    ConfigValue,
    Constant,
    Evaluate,
    Function,
    Label,
    Stmt,
    Variable,
)
from snippet2wasm.ir.types import NEVER, NIL
from snippet2wasm.lower.lua import Lowering
from snippet2wasm.lower.modules import OwnModule, is_literal
from snippet2wasm.lower.names import ChunkScope
from snippet2wasm.lower.program import Program
from snippet2wasm.lower.scope import Builtin, KnownConstant, Meaning, Module


class Lasting(Lowering):
    """Lowers a chunk whose variables live as long as nginx's Lua VM.

    `declare` has to come before anything that uses its names is lowered, `finish` after all that.
    """

    def __init__(
        self, program: Program, syntax: ast.Chunk, chunk_name: str, module: OwnModule | None = None
    ) -> None:
        resolution = program.resolution(syntax) if module is None else module.resolution
        program.written.add(resolution)
        super().__init__(ChunkScope(program, resolution, chunk_name, {}, lasting=True, module=module), None)
        self.syntax = syntax
        self.module = module
        self.main: Function | None = None
        self._known: set[ast.Statement] = set()
        self._fields: set[ast.Field] = set()
        self._bodies: list[tuple[Function, ast.Function]] = []
        self._calm = True  # no function of the program has been called so far
        self._untouched = True  # nothing has looked at the module's table so far
        if module is None:
            program.starting.append(resolution)

    # Definitions

    def declare(self) -> None:
        """Takes in what the chunk defines once and for all."""
        if self.module is not None:
            for symbol in self.module.selves:
                self.scope.meanings[symbol] = self.module
            if self.module.static and self.module.table is not None:
                self.scope.meanings[self.module.table] = self.module
        for statement in self.syntax.body.statements:
            if self._declares(statement):
                self._known.add(statement)
            self._calm = self._calm and not _calls_program(statement)
            self._untouched = self._untouched and not self._reads_table(statement)
        if self.module is not None and self.module.static:
            self._declare_other_fields(self.module)

    def known(self, value: ast.Expression) -> Meaning | None:
        """As outside; and what a name of a shared dict stands for is known, too: there is no request yet."""
        if isinstance(value, ast.Name | ast.Index):
            meaning = self.quiet_meaning(value)
            if isinstance(meaning, Builtin) and meaning.path.startswith("ngx.shared."):
                return meaning
        return super().known(value)

    def _reads_table(self, node: object) -> bool:
        """Whether a piece of syntax, apart from functions in it, looks at the module's table."""
        if self.module is None or self.module.table is None or isinstance(node, ast.Function):
            return False
        match node:
            case ast.Name() as name:
                symbol = self.scope.resolution.symbols.get(name)
                return symbol is self.module.table and symbol.declaration is not name
            case ast.Assign(targets=(ast.Index(object=ast.Name(), key=ast.String()),), values=values):
                return any(map(self._reads_table, values))
            case ast.FunctionStatement():
                return False
            case _:
                return any(map(self._reads_table, children(node)))

    def _declares(self, statement: ast.Statement) -> bool:
        """Whether a statement only defines something that is known from here on."""
        match statement:
            case ast.LocalFunction(name=name, function=function):
                return self._local_name(name, function)
            case ast.Local(names=(name,), values=(ast.Table() as table,)) if self._is_own_table(table):
                self._declare_constructor(table)
                return False
            case ast.Local(names=(name,), values=(value,)):
                return self._local_name(name, value)
            case ast.FunctionStatement(target=target, function=function):
                return self._assigned(target, function)
            case ast.Assign(targets=(target,), values=(value,)):
                return self._assigned(target, value)
            case ast.CallStatement(call=ast.Call() as call) if self.is_require(call):
                argument = call.arguments[0] if call.arguments else None
                return isinstance(argument, ast.String) and argument.value == b"resty.core"
            case ast.Return(values=(ast.Table() as table,)) if self._is_own_table(table):
                self._declare_constructor(table)
                return False
            case _:
                return False

    def _is_own_table(self, table: ast.Table) -> bool:
        module = self.module
        return module is not None and module.static and table is module.constructor

    def _local_name(self, name: ast.Name, value: ast.Expression) -> bool:
        symbol = self.scope.resolution.symbols[name]
        if symbol.assigned or isinstance(value, ast.Nil):
            return False
        if isinstance(value, ast.Function):
            if value.is_vararg or symbol.escapes:
                return False
            self.scope.meanings[symbol] = self._function(name.name, value)
            return True
        meaning = self._constant(name, value)
        if meaning is None or (isinstance(meaning, OwnModule) and not meaning.quiet):
            return False  # the other names of a module come when its main chunk has run
        self.scope.meanings[symbol] = meaning
        return True

    def _assigned(self, target: ast.Name | ast.Index, value: ast.Expression) -> bool:
        """An assignment to a global, or to a field of the module's table."""
        if isinstance(target, ast.Index):
            return self._field(target, value)
        if target in self.scope.resolution.symbols:
            return False
        if self.program.is_library(target.name):
            self.program.refuse_library(target)
            return True
        if len(self.program.written.places[target.name]) != 1 or self.module is not None:
            return False
        if isinstance(value, ast.Function):
            if value.is_vararg:
                return False
            self.program.define(target, self._function(target.name, value))
            return True
        meaning = self._constant(target, value)
        if meaning is None:
            if self._calm and not _calls_program(value) and not self._seen_before(target):
                self.program.global_variable(target.name).type = NEVER  # never seen as nil
            return False
        self.program.define(target, meaning)
        return not isinstance(meaning, OwnModule) or meaning.quiet

    def _seen_before(self, target: ast.Name) -> bool:
        """Whether code that runs first may look at a global."""
        written = self.program.written
        before = written.resolutions[: written.resolutions.index(self.scope.resolution)]
        earlier = (each for each in before if each in self.program.starting)
        first = self.scope.resolution.first.get(target.name)
        return any(target.name in each.first for each in earlier) or (
            first is not None and first < target.span.end
        )

    def _constant(self, name: ast.Name, value: ast.Expression) -> Meaning | None:
        """What a name means that is given this value only, if that is known at compile time."""
        known = self.known(value)
        if known is not None:
            return known
        match value:
            case ast.Index():
                meaning = self.quiet_meaning(value)
                constant = (
                    self.catalogue.constants.get(meaning.path) if isinstance(meaning, Builtin) else None
                )
                if constant is not None:
                    return KnownConstant(Constant(value.span, constant.value, constant.name))
            case _ if is_literal(value):
                lowered = self.named_value((name,), 0, value)
                if isinstance(lowered, ConfigValue):
                    return lowered.config
                if isinstance(lowered, Constant):
                    return KnownConstant(lowered)
            case _:
                pass
        return None

    def _function(self, name: str, syntax: ast.Function) -> Function:
        """A function, whose body is lowered when all names are known."""
        function = self._named(name, syntax)
        self._bodies.append((function, syntax))
        return function

    # Fields of the module's table

    def _declare_constructor(self, table: ast.Table) -> None:
        for entry in table.fields:
            assert isinstance(entry.key, ast.String)
            if self._declare_field(entry.key.value.decode("utf-8", "surrogateescape"), entry.value):
                self._fields.add(entry)

    def _field(self, target: ast.Index, value: ast.Expression) -> bool:
        module = self.module
        if module is None or not module.static or not isinstance(target.key, ast.String):
            return False
        if not isinstance(target.object, ast.Name) or self.quiet_meaning(target.object) is not module:
            return False
        return self._declare_field(target.key.value.decode("utf-8", "surrogateescape"), value)

    def _declare_field(self, name: str, value: ast.Expression) -> bool:
        """Takes in a field, and says whether it is known from here on; else it is a variable."""
        assert self.module is not None
        writes = self.module.fields[name]
        if len(writes) == 1 and writes[0].top:
            if isinstance(value, ast.Function) and not value.is_vararg:
                self.module.meanings[name] = self._function(name, value)
                return True
            meaning = self._constant(ast.Name(name, span=value.span), value)
            if meaning is not None and not isinstance(meaning, Module | OwnModule):
                self.module.meanings[name] = meaning
                return True
        if name not in self.module.meanings:
            variable = self.program.lasting(name, value.span, "field")
            if not (self._calm and self._untouched) or _calls_program(value) or self._reads_table(value):
                variable.type = NIL
            self.module.meanings[name] = variable
        return False

    def _declare_other_fields(self, module: OwnModule) -> None:
        """Fields that only other code gives values to."""
        for name, writes in module.fields.items():
            if name not in module.meanings and writes:
                variable = self.program.lasting(name, writes[0].span, "field")
                variable.type = NIL
                module.meanings[name] = variable

    # Code

    def finish(self) -> None:
        """Lowers all bodies, and the function that the chunk's remaining code is."""
        main = (
            Function("", self.syntax.span, self.scope.chunk, [], Block())
            if self.module is None
            else self.program.main_of(self.module)
        )
        self.current = main
        labels = {
            item.label: Label(item.span, item.label)
            for item in self.syntax.body.statements
            if isinstance(item, ast.Label)
        }
        self.labels.append(labels)
        for statement in self.syntax.body.statements:
            if isinstance(statement, ast.Label):
                main.body.statements.append(labels[statement.label])
            elif statement not in self._known:
                main.body.statements += self._code(statement)
        self.labels.pop()
        for label in labels.values():
            self._place(label, main.body)
        for function, syntax in self._bodies:  # by now all variables are known
            self._define(function, syntax)
        needless = self.module is None or (self.module.static and self.module.quiet)
        if main.body.statements or not needless:
            self.program.functions.append(main)
            self.main = main
        elif self.module is not None:
            self.module.main = None

    def _define(self, function: Function, syntax: ast.Function) -> None:
        parameters = syntax.parameters
        if parameters and self.module is not None:
            first = self.scope.resolution.symbols[parameters[0]]
            if first in self.module.selves and self.module.static:
                parameters = parameters[1:]  # it is the module's table
        Lowering(self.scope, syntax, self).fill(function, parameters, syntax.body)
        self.program.functions.append(function)

    def _code(self, statement: ast.Statement) -> list[Stmt]:
        """A statement that leaves something to do at run time."""
        match statement:
            case ast.Local(values=(ast.Table() as table,)) if self._is_own_table(table):
                return self._set_fields(table)
            case ast.Return(values=(ast.Table() as table,)) if self._is_own_table(table):
                return self._set_fields(table)
            case ast.Return() if self.module is not None and self.module.static:
                return []
            case ast.Assign(targets=(ast.Name() as target,), values=(value,)) if isinstance(
                self.program.globals.get(target.name), OwnModule
            ):
                module = self.program.globals[target.name]
                assert isinstance(module, OwnModule)
                return [Evaluate(statement.span, self._load(module, value.span))]
            case _:
                lowered = self.statement(statement)
                return lowered if isinstance(lowered, list) else [] if lowered is None else [lowered]

    def _set_fields(self, table: ast.Table) -> list[Stmt]:
        """The fields of the module's table that are variables."""
        assert self.module is not None
        found: list[Stmt] = []
        for entry in table.fields:
            assert isinstance(entry.key, ast.String)
            name = entry.key.value.decode("utf-8", "surrogateescape")
            variable = self.module.meanings.get(name)
            if entry not in self._fields and isinstance(variable, Variable):
                value = self.named_value((ast.Name(name, span=entry.span),), 0, entry.value)
                found.append(Assign(entry.span, [variable], [value]))
        return found


def _calls_program(node: object) -> bool:
    """Whether a piece of syntax, apart from the bodies of functions in it, may call a function of the
    program.
    """
    match node:
        case ast.Function():
            return False
        case ast.Call(function=ast.Name(name="require"), arguments=(ast.String(),)):
            return False
        case ast.Call(function=ast.Index(object=ast.Name(name="ngx" | "string" | "table" | "math" | "os"))):
            pass
        case ast.Call() | ast.MethodCall():
            return True
        case _:
            pass

    return any(map(_calls_program, children(node)))
