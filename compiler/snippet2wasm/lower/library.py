"""Init blocks and libraries → the globals that they define."""

from __future__ import annotations

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.ir.nodes import (
    Block,
    ConfigValue,
    Constant,
    Function,
)
from snippet2wasm.lower.lua import Lowering
from snippet2wasm.lower.names import ChunkScope
from snippet2wasm.lower.program import Program
from snippet2wasm.lower.scope import Builtin, KnownConstant, Meaning


def lower_library(program: Program, chunk: ast.Chunk, chunk_name: str) -> None:
    """Defines the globals of an init block or library: functions, constants, modules."""
    scope = ChunkScope(program, program.resolution(chunk), chunk_name, {})
    _Library(scope).block(chunk.body)


class _Library(Lowering):
    """Lowers init code: only definitions, since it runs before there is a request."""

    def __init__(self, scope: ChunkScope) -> None:
        super().__init__(scope, None)

    def block(self, block: ast.Block) -> Block:
        """Takes in the definitions of a chunk: names first, so that the order of functions is free."""
        self.bodies: list[tuple[Function, ast.Function]] = []
        for statement in block.statements:
            self._definition(statement)
        for function, syntax in self.bodies:
            Lowering(self.scope, None).define_function(function, syntax)
        return Block()

    def known(self, value: ast.Expression) -> Meaning | None:
        """As outside; and what a name of a shared dict stands for is known, too: there is no request yet."""
        if isinstance(value, ast.Name | ast.Index):
            meaning = self.quiet_meaning(value)
            if isinstance(meaning, Builtin) and meaning.path.startswith("ngx.shared."):
                return meaning
        return super().known(value)

    def _definition(self, statement: ast.Statement) -> None:
        match statement:
            case ast.Local(names=(name,), values=(value,)):
                self._name(name, value, is_global=False)
            case ast.Assign(targets=(ast.Name() as name,), values=(value,)):
                self._name(name, value, is_global=name not in self.scope.resolution.symbols)
            case ast.LocalFunction(name=name, function=function):
                self._local_function(name, function)
            case ast.FunctionStatement(target=ast.Name() as name, function=function):
                self._global_function(name, function)
            case ast.CallStatement(call=ast.Call() as call) if self.is_require(call):
                self._harmless_require(call)
            case _:
                self.refuse(
                    "S2W223",
                    "init code can hold only definitions",
                    statement.span,
                    "this version compiles functions, constants and `require` there",
                    "move it into the handler, or put its result into the plugin's configuration",
                )

    def _harmless_require(self, call: ast.Call) -> None:
        argument = call.arguments[0] if call.arguments else None
        if not (isinstance(argument, ast.String) and argument.value == b"resty.core"):
            self.require(call)

    def _name(self, name: ast.Name, value: ast.Expression, is_global: bool) -> None:
        symbol = self.scope.resolution.symbols.get(name)
        if symbol is not None and symbol.assigned:
            self.later("a variable of init code that is assigned to again", name.span)
            return
        if isinstance(value, ast.Function):
            if is_global:
                self._global_function(name, value)
            else:
                self._local_function(name, value)
            return
        meaning: Meaning | None = self.known(value)
        if meaning is None:
            lowered = self.named_value((name,), 0, value)
            if isinstance(lowered, ConfigValue):
                meaning = lowered.config
            elif isinstance(lowered, Constant):
                meaning = KnownConstant(lowered)
            else:
                self.later("a computed value in init code", value.span)
                return
        if is_global:
            self.program.define(name, meaning)
        elif symbol is not None:
            self.scope.meanings[symbol] = meaning

    def _global_function(self, name: ast.Name, syntax: ast.Function) -> None:
        if name in self.scope.resolution.symbols:
            self.later("a function in a variable that is assigned to again", name.span)
            return
        function = Function(name.name, syntax.span, self.scope.chunk, [], Block())
        self.program.define(name, function)
        self.define_function(function, syntax)

    def _local_function(self, name: ast.Name, syntax: ast.Function) -> None:
        symbol = self.scope.resolution.symbols[name]
        if symbol.assigned:
            self.later("a function in a variable that is assigned to again", name.span)
            return
        function = Function(name.name, syntax.span, self.scope.chunk, [], Block())
        self.scope.meanings[symbol] = function
        self.define_function(function, syntax)

    def define_function(self, function: Function, syntax: ast.Function) -> None:
        """Notes a function, whose body is lowered when all names are known."""
        if syntax.is_vararg:
            self.later("a function of init code with `...`", syntax.span)
        self.bodies.append((function, syntax))
