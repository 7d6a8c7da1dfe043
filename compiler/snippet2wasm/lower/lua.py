"""Lua syntax → IR: names become meanings, calls of known things become actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeGuard

from snippet2wasm import catalogue
from snippet2wasm.catalogue import Entry
from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.forms import is_protected_require
from snippet2wasm.frontend.names import Symbol, is_timer
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    ApplyValue,
    Assign,
    Binary,
    Block,
    Break,
    Call,
    Closure,
    ConfigField,
    ConfigValue,
    Constant,
    Constructor,
    Continue,
    Define,
    DefineFunction,
    Do,
    Evaluate,
    Expr,
    Function,
    GenericFor,
    Goto,
    Hook,
    HookCall,
    If,
    Index,
    Invoke,
    Label,
    LibraryValue,
    Load,
    Local,
    Logical,
    NumericFor,
    Phase,
    Record,
    Repeat,
    Return,
    Stmt,
    Store,
    Unary,
    Vararg,
    Variable,
    While,
    goes_to,
    walk_statements,
)
from snippet2wasm.lower import folding, lines, variables
from snippet2wasm.lower.asnginx import LOOKED_UP, ONE_ARGUMENT, STARTS, is_in_c, is_miscounted
from snippet2wasm.lower.assignments import assignment_to_nginx, check_name, is_of_nginx
from snippet2wasm.lower.embedded import PREFIX
from snippet2wasm.lower.globals import handler_functions
from snippet2wasm.lower.modules import OwnModule, is_protected, required, searched
from snippet2wasm.lower.names import HOOK_HELP, LATER, ChunkScope, Names, dict_part
from snippet2wasm.lower.program import Program
from snippet2wasm.lower.requiring import require_any
from snippet2wasm.lower.scope import Builtin, KnownConstant, Meaning, Module
from snippet2wasm.lower.secrets import is_public, is_secret
from snippet2wasm.lower.variants import variant
from snippet2wasm.source import Span


def lower_handler(program: Program, chunk: ast.Chunk, chunk_name: str, name: str, phase: Phase) -> Function:
    """The function that a handler's chunk is."""
    resolution = program.resolution(chunk)
    scope = ChunkScope(program, resolution, chunk_name, {})
    scope.functions = frozenset(
        name for name in handler_functions(chunk, resolution, program.written) if not program.is_library(name)
    )
    scope.phase = phase
    return Lowering(scope, None).function(name, chunk.span, (), chunk.body)


def read_body(span: Span) -> Stmt:
    """What `lua_need_request_body on` does in front of a handler."""
    entry = catalogue.load().entries["ngx.req.read_body"]
    return Evaluate(span, Action(span, entry, entry.name, None, []))


_TIMERS = {"r.AfterFunction": "special.timer_at", "r.EveryFunction": "special.timer_every"}
"""What timers of a function that is a value are in Go, and what those of one that is known by name are."""
_OF_LATER_LUA = frozenset(
    [
        "table.pack",
        "table.unpack",
        "string.pack",
        "string.unpack",
        "math.type",
        "math.tointeger",
        "string.gfind",
    ]
)
"""Names of other Luas, nil in nginx's LuaJIT; programs look for them: `table.unpack or unpack`."""


class Lowering(Names):
    """Lowers the body of one function, inside of what `outer` lowers."""

    def __init__(self, scope: ChunkScope, owner: ast.Function | None, outer: Lowering | None = None) -> None:
        super().__init__(scope, owner, outer)
        self.labels: list[dict[str, Label]] = []  # of the blocks around
        self.ends: list[Label | None] = [None]  # the labels at the ends of the loops around
        self.branches = 0  # loops and conditions around
        self.literals: dict[Variable, tuple[Define, int]] = {}  # variables that hold a string constant

    # Functions and statements

    def function(self, name: str, span: Span, parameters: tuple[ast.Name, ...], body: ast.Block) -> Function:
        """A function with this body."""
        function = Function(name, span, self.scope.chunk, [], Block(), vararg=self.owner is None)
        self.fill(function, parameters, body)
        return function

    def fill(self, function: Function, parameters: tuple[ast.Name, ...], body: ast.Block) -> None:
        """Lowers parameters and body of a function."""
        self.current = function
        for place in function.tables:
            self.scope.meanings[self.scope.resolution.symbols[parameters[place]]] = Builtin("ngx")
        function.parameters = [
            self._variable(item) for place, item in enumerate(parameters) if place not in function.tables
        ]
        function.body = self.block(body)

    def _variable(self, name: ast.Name, of_loop: bool = False) -> Variable:
        """A new variable of the function, for the place where it is declared."""
        symbol = self.scope.resolution.symbols[name]
        once = self.owner is None and not self.branches and not of_loop
        if self.scope.lasting and symbol.captured and once:
            lasting = self.program.lasting(name.name, name.span, "upvalue")
            lasting.owner = self.current
            self.scope.meanings[symbol] = lasting
            return lasting
        variable = Variable(
            name.name,
            name.span,
            assigned=symbol.assigned,
            captured=symbol.captured,
            owner=self.current,
            foreign=symbol.foreign,
        )
        self.scope.meanings[symbol] = variable
        return variable

    def block(self, block: ast.Block) -> Block:
        """A block."""
        found = Block()
        labels = {item.label: Label(item.span, item.label) for item in block.statements if _is_label(item)}
        self.labels.append(labels)
        for statement in block.statements:
            lowered = labels[statement.label] if _is_label(statement) else self.statement(statement)
            if isinstance(lowered, list):
                found.statements += lowered
            elif lowered is not None:
                found.statements.append(lowered)
        self.labels.pop()
        for label in labels.values():
            self._place(label, found)
        return found

    def _place(self, label: Label, block: Block) -> None:
        """Makes a block of its own of what `goto` skips in front of a label: Go can't jump over variables. A
        label that nothing goes on at is left out.
        """
        statements = block.statements
        place = statements.index(label)
        jumping = [
            any(goes_to(inner, label) for inner in walk_statements(Block([item]))) for item in statements
        ]
        if not any(jumping):
            del statements[place]
        elif any(jumping[:place]):
            first = jumping.index(True)
            skipped = Block(statements[first:place])
            kept = {item for item in walk_statements(skipped) if isinstance(item, Label)}
            rest = Block(statements[place:])
            if any(goes_to(item, inner) for item in walk_statements(rest) for inner in kept):
                self.later("a goto that crosses another one", label.span)
            statements[first:place] = [Do(skipped.statements[0].span, skipped)]

    def statement(self, statement: ast.Statement) -> Stmt | list[Stmt] | None:
        """A statement, or several; None if it leaves nothing to do at run time."""
        match statement:
            case ast.Local():
                return self._local(statement)
            case ast.LocalFunction(name=name, function=function):
                return self._local_function(name, function)
            case ast.Assign() if searched(statement, self.scope.resolution):
                return None  # it said where modules are, when they were looked for
            case ast.Assign(
                targets=(
                    ast.Index(object=ast.Name(name="package") as package, key=ast.String(value=b"cpath")),
                )
            ) if package not in self.scope.resolution.symbols:
                return None  # where modules in C are: there are none
            case ast.Assign():
                return self._assign_nginx(statement, self.expression) or self._assign(statement)
            case ast.CallStatement(call=ast.Call() as call) if (
                self.is_require(call)
                and self.own_module(call) is None
                and not self.program.modules.computed.get(call)
            ):
                self.require(call)
                return None
            case ast.CallStatement(call=call):
                found = self.expression(call)
                return Evaluate(statement.span, found) if isinstance(found, Call) else None
            case ast.If(clauses=clauses, otherwise=otherwise):
                return self._if(statement.span, clauses, otherwise)
            case ast.Do(body=body):
                return Do(statement.span, self.block(body))
            case ast.Return(values=values):
                return self._return(statement.span, values)
            case ast.FunctionStatement(target=target, function=function):
                return self._function_statement(statement.span, target, function)
            case _:
                return self._loop(statement)

    def _if(self, span: Span, clauses: tuple[ast.Clause, ...], otherwise: ast.Block | None) -> If:
        """`if … end`; of an arm that is never chosen, it does no harm if it can't be compiled."""
        arms: list[tuple[Expr, Block]] = []
        for clause in clauses:
            condition = self._tested(clause.condition)
            before = len(self.program.diagnostics)
            body = self._branch(clause.body)
            if _is_false(condition) and self.program.forget_errors(before):
                body = Block()
            arms.append((condition, body))
        return If(span, arms, None if otherwise is None else self._branch(otherwise))

    def _loop(self, statement: ast.Statement) -> Stmt | None:
        span = statement.span
        match statement:
            case ast.While(condition=condition, body=body):
                return While(span, self._single(condition), self._body(body))
            case ast.Repeat(body=body, condition=condition):
                self.ends.append(None)
                lowered_body = self._branch(body)
                self.ends.pop()
                return Repeat(span, lowered_body, self._single(condition))
            case ast.NumericFor(variable=variable, start=start, stop=stop, step=step, body=body):
                first, last = self._single(start), self._single(stop)
                by = None if step is None else self._single(step)
                counter = self._variable(variable, of_loop=True)
                loop = NumericFor(span, counter, first, last, by, self._body(body))
                loop.line = lines.behind((step or stop).span)
                return loop
            case ast.GenericFor(variables=variables, values=values, body=body):
                over, lowered = self._iterated(values)
                found = [self._variable(item, of_loop=True) for item in variables]
                each = GenericFor(span, found, lowered, self._body(body), over)
                called = values[0].function if over and isinstance(values[0], ast.Call) else None
                each.line = lines.last(called.span) if called is not None else values[0].span.line
                return each
            case ast.Break():
                return Break(span)
            case ast.Goto(label=name):
                label = next(found[name] for found in reversed(self.labels) if name in found)
                return Continue(span) if label is self.ends[-1] else Goto(span, label)
            case _:
                self.later("this statement", span)
                return None

    def _branch(self, body: ast.Block) -> Block:
        """A block that may run never, or more than once."""
        self.branches += 1
        found = self.block(body)
        self.branches -= 1
        return found

    def _body(self, body: ast.Block) -> Block:
        """The body of a loop; `goto` to a label at its end goes on with the next round."""
        last = body.statements[-1] if body.statements else None
        self.ends.append(None)
        if last is not None and _is_label(last):
            self.ends[-1] = end = Label(last.span, last.label)
            self.labels.append({last.label: end})
            found = self._branch(ast.Block(body.statements[:-1], span=body.span))
            self.labels.pop()
            found.statements.append(end)
            self._place(end, found)
        else:
            found = self._branch(body)
        self.ends.pop()
        return found

    def _single(self, expression: ast.Expression) -> Expr:
        """An expression of which one value is wanted."""
        found = self.expression(expression)
        _adjust_all([found])
        return found

    def _iterated(self, values: tuple[ast.Expression, ...]) -> tuple[str, list[Expr]]:
        """What a loop goes over: the table of `pairs(t)` or `ipairs(t)`, else iterator, state and control."""
        if len(values) == 1 and isinstance(values[0], ast.Call) and len(values[0].arguments) == 1:
            function = values[0].function
            if isinstance(function, ast.Name | ast.Index):
                meaning = self.meaning(function, quiet=True)
                if isinstance(meaning, Builtin) and meaning.path in ("pairs", "ipairs"):
                    over = self._without_empty(values[0].arguments[0])
                    return meaning.path, [self._single(over)]
        return "", self._arguments(values)

    def _without_empty(self, over: ast.Expression) -> ast.Expression:
        """What a loop goes over; an empty table for those of nginx's that look everything up by name."""
        meaning = self.meaning(over, quiet=True) if isinstance(over, ast.Name | ast.Index) else None
        if not isinstance(meaning, Builtin) or meaning.path not in LOOKED_UP:
            return over
        self.warn(
            "S2W303",
            f"a loop over {meaning.path} never runs",
            over.span,
            "it is an empty table, in nginx, too, that looks each name up when it is asked for",
            LOOKED_UP[meaning.path],
        )
        return ast.Table((), span=over.span)

    def _function_statement(
        self, span: Span, target: ast.Name | ast.Index, syntax: ast.Function
    ) -> Stmt | None:
        """`function name() … end` for a local variable, `function t.name() … end`."""
        if isinstance(target, ast.Name):
            if target not in self.scope.resolution.symbols and target.name in self.scope.functions:
                return self._own_function(target.name, syntax)
            if self._assignable(target) and isinstance(meaning := self.name(target), Variable):
                return Assign(span, [meaning], [self._closure(target.name, syntax)])
            return None
        if (variable := self._target_variable(target)) is not None:
            return Assign(span, [variable], [self._closure(variable.name, syntax)])
        if self._is_value(target.object) and isinstance(target.key, ast.String):
            object_ = self._single(target.object)
            name = target.key.value.decode("utf-8", "surrogateescape")
            return Store(span, object_, self.expression(target.key), self._closure(name, syntax))
        self.later("a function defined in a table that is not known", span)
        return None

    def _own_function(self, name: str, syntax: ast.Function) -> Stmt:
        """A global function that only this handler knows."""
        function = self._named(name, syntax)
        self.program.globals[name] = function
        self.define_function(function, syntax)
        return DefineFunction(syntax.span, function)

    def _return(self, span: Span, values: tuple[ast.Expression, ...]) -> Stmt | list[Stmt]:
        found = [self.expression(value) for value in values]
        _adjust(found)
        phase = self.scope.phase if self.owner is None else None
        entry = self.catalogue.returns.get(phase.value) if phase is not None else None
        if entry is not None and found:
            _adjust_all(found[:1])
            result = Action(span, entry, entry.name, None, found[:1])
            return [Evaluate(span, result), Return(span, found[1:])]
        match found:
            case [
                Action(adjusted=False)
                | Apply(adjusted=False)
                | ApplyValue(adjusted=False)
                | Invoke(adjusted=False) as call
            ]:
                call.tail = True
        return Return(span, found)

    def _local(self, statement: ast.Local) -> Stmt | None:
        """`local …`: names of modules, functions and constants are known from here on; the rest are
        variables.
        """
        symbols = [self.scope.resolution.symbols[name] for name in statement.names]
        if len(symbols) == 1 and len(statement.values) == 1 and not symbols[0].assigned:
            value = statement.values[0]
            if isinstance(value, ast.Function):
                return self._local_function(statement.names[0], value)
            known = self.known(value)
            if known is not None:
                self.scope.meanings[symbols[0]] = known
                loads = isinstance(known, OwnModule) and isinstance(value, ast.Call) and not known.quiet
                if isinstance(known, OwnModule) and loads:
                    return Evaluate(statement.span, self._load(known, value.span))
                return None
        if len(symbols) == 2 and self._is_protected_library(statement, symbols):
            return None
        statement = self._without_known(statement)
        if not statement.names:
            return None
        values = self._protected_function(statement) or [
            self.named_value(statement.names, index, value) for index, value in enumerate(statement.values)
        ]
        _adjust(values)
        variables = [self._variable(name) for name in statement.names]
        if any(variable.lasting for variable in variables):
            return self._define_lasting(statement.span, variables, values)
        definition = Define(statement.span, variables, values)
        for place, (variable, lowered) in enumerate(zip(variables, values, strict=False)):
            if not variable.assigned and _makes_object(lowered):
                self.program.objects.add(variable)
            if isinstance(lowered, Constant) and isinstance(lowered.value, bytes) and not variable.assigned:
                self.literals[variable] = definition, place
        return definition

    def _without_known(self, statement: ast.Local) -> ast.Local:
        """`local type, pairs, x = type, pairs, f()` without the names of what is known."""
        names, values = statement.names, statement.values
        if len(names) < 2 or len(names) != len(values):
            return statement
        found = [
            None if self.scope.resolution.symbols[name].assigned else self.known(value)
            for name, value in zip(names, values, strict=True)
        ]
        for name, meaning in zip(names, found, strict=True):
            if meaning is not None:
                self.scope.meanings[self.scope.resolution.symbols[name]] = meaning
        left = [index for index, meaning in enumerate(found) if meaning is None]
        return ast.Local(
            tuple(names[index] for index in left), tuple(values[index] for index in left), span=statement.span
        )

    def _define_lasting(self, span: Span, variables: list[Variable], values: list[Expr]) -> Stmt:
        """`local …` of variables some of which live as long as nginx's Lua VM."""
        if all(variable.lasting for variable in variables):
            return Assign(span, variables, values)
        for variable in variables:
            if not variable.lasting:
                variable.lasting = "upvalue"
                variable.assigned = variable.captured = True
                self.program.state.append(variable)
        return Assign(span, variables, values)

    def _load(self, module: OwnModule, span: Span) -> Load:
        """What runs a module's main chunk, the first time."""
        return self.program.load(module, span)

    def known(self, value: ast.Expression) -> Meaning | None:
        """The meaning of an expression that is known at compile time and is not a plain value."""
        value = self.without_test_of_loaded(value)
        if not isinstance(value, ast.Name | ast.Index | ast.Call):
            return None
        if isinstance(value, ast.Call) and not self.is_require(value):
            return None
        meaning = self.meaning(value, quiet=True)
        if isinstance(meaning, Builtin):
            is_value = (
                meaning.path in self.catalogue.constants
                or meaning.path in self.catalogue.values
                or self.catalogue.value(meaning.path) is not None
            )
            is_value |= meaning.path.startswith("ngx.var.") or self.is_absent(meaning.path)
            return None if is_value else meaning
        return meaning if isinstance(meaning, Module | OwnModule | Function | Hook) else None

    def _is_protected_library(self, statement: ast.Local, symbols: list[Symbol]) -> bool:
        """Whether this is `local ok, m = pcall(require, "…")` of a module of the library, whose names then
        mean true and the module.
        """
        prefix = self._protected(statement)
        if prefix is None or any(symbol.assigned for symbol in symbols):
            return False
        self.scope.meanings[symbols[0]] = KnownConstant(Constant(statement.values[0].span, True))
        is_function = prefix in self.catalogue.entries
        self.scope.meanings[symbols[1]] = Builtin(prefix) if is_function else Module(prefix)
        return True

    def _protected(self, statement: ast.Local) -> str | None:
        """The prefix of the library module in `local … = pcall(require, "…")`."""
        value = statement.values[0] if len(statement.values) == 1 else None
        if not isinstance(value, ast.Call) or not is_protected(value):
            return None
        return self.catalogue.modules.get(required(value, self.scope.resolution) or "")

    def _protected_function(self, statement: ast.Local) -> list[Expr]:
        """True and the function, for `local ok, new = pcall(require, "table.new")` of a module that is a
        function, where the names get other values later: a fallback of the program's own.
        """
        prefix = self._protected(statement)
        if prefix is None or prefix not in self.catalogue.entries:
            return []
        value = statement.values[0]
        return [Constant(value.span, True), self._builtin_value(prefix, value)]

    def _protected_require(self, call: ast.Call, name: str) -> Expr:
        """`pcall(require, "…")`."""
        module = self.own_module(call)
        inner: Expr
        if module is not None:
            inner = self._load(module, call.span)
        elif name in self.program.modules.missing:
            text = Constant(call.span, self.program.modules.search.not_found(name))
            error = self.catalogue.entries["error"]
            inner = Action(call.span, error, "error", None, [text, Constant(call.span, 0.0)])
        else:
            self.later("a module of the library as a value", call.span)
            return Constant(call.span, None)
        function = Function("", call.span, self.scope.chunk, [], Block([Return(call.span, [inner])]))
        function.value = True
        self.program.functions.append(function)
        entry = self.catalogue.entries["pcall"]
        return Action(call.span, entry, "pcall", None, [Closure(call.span, function)])

    def _require_any(self, call: ast.Call, names: list[str]) -> Expr:
        """`require(name)` of a computed name: one of these modules, or the error that there is none."""
        protected = is_protected_require(call)
        function = require_any(self.program, names, self.scope.chunk, call.span, protected=protected)
        return Apply(call.span, function, self._arguments(call.arguments))

    def named_value(self, names: tuple[ast.Name, ...], index: int, value: ast.Expression) -> Expr:
        """The value for one of some names; a secret, which its name may tell, becomes configuration."""
        found = self.expression(value)
        if index >= len(names):
            return found
        if isinstance(found, Logical):
            found.right = self._without_secret(found.right, names[index].name)
        return self._without_secret(found, names[index].name)

    def _without_secret(self, found: Expr, name: str) -> Expr:
        """The expression, or the configuration field that takes the place of a secret literal."""
        if isinstance(found, Constant) and isinstance(found.value, bytes) and is_secret(name, found.value):
            return ConfigValue(found.span, self.program.lift_secret(name, found.span))
        return found

    def _lift_compared(self, comparison: Binary) -> None:
        """Lifts the literal that something secret is compared with: `ngx.var.http_x_api_key ~= "…"`."""
        left, right = comparison.left, comparison.right
        for value, name in ((right, _secret_name(left)), (left, _secret_name(right))):
            if name and isinstance(value, Constant):
                lifted = self._without_secret(value, name)
                comparison.left = lifted if value is left else comparison.left
                comparison.right = lifted if value is right else comparison.right

    def _local_function(self, name: ast.Name, syntax: ast.Function) -> Stmt | None:
        """A function of its own if it is only called; else a variable that holds a function."""
        symbol = self.scope.resolution.symbols[name]
        if symbol.assigned or symbol.escapes or syntax.is_vararg:
            variable = self._variable(name)
            closure = self._closure(name.name, syntax)
            if variable.lasting:
                return Assign(syntax.span, [variable], [closure])
            return Define(syntax.span, [variable], [closure])
        function = self._named(name.name, syntax)
        self.scope.meanings[symbol] = function
        self.define_function(function, syntax)
        return DefineFunction(syntax.span, function)

    def _named(self, name: str, syntax: ast.Function) -> Function:
        """A function that is called by name, yet without its body. A parameter called ngx, as some programs
        hand the table to their functions, is no value: each call has to give ngx for it.
        """
        symbols = self.scope.resolution.symbols
        is_method = bool(syntax.parameters) and syntax.parameters[0].name == "self"
        places = frozenset(
            place
            for place, parameter in enumerate(syntax.parameters)
            if parameter.name == "ngx" and not symbols[parameter].assigned and not is_method
        )
        return Function(name, syntax.span, self.scope.chunk, [], Block(), places)

    def define_function(self, function: Function, syntax: ast.Function) -> None:
        """Lowers the body of a function whose name is known already, so that it can call itself."""
        function.vararg = syntax.is_vararg
        Lowering(self.scope, syntax, self).fill(function, syntax.parameters, syntax.body)
        self.program.functions.append(function)

    def _closure(self, name: str, syntax: ast.Function) -> Expr:
        """A function as a value."""
        function = Function(name, syntax.span, self.scope.chunk, [], Block(), value=True)
        self.define_function(function, syntax)
        return Closure(syntax.span, function)

    def _assign(self, statement: ast.Assign) -> Stmt | list[Stmt] | None:
        targets = tuple(map(self._plain_target, statement.targets))
        statement = ast.Assign(targets, statement.values, span=statement.span)
        if not all(map(self._assignable, statement.targets)):
            return None
        names = tuple(map(_target_name, statement.targets))
        values = [self.named_value(names, index, value) for index, value in enumerate(statement.values)]
        _adjust(values)
        variables = list(filter(None, map(self._target_variable, statement.targets)))
        if len(variables) == len(statement.targets):
            return Assign(statement.span, variables, values)
        if len(statement.targets) == len(values) == 1 and isinstance(
            target := statement.targets[0], ast.Index
        ):
            return self._store(statement.span, target, values)
        return self._assign_several(statement, values)

    def _assign_nginx(
        self, statement: ast.Assign, expression: Callable[[ast.Expression], Expr]
    ) -> Stmt | None:
        """An assignment with one target that belongs to nginx; None for any other."""
        return variables.assignment(self, statement, expression) or assignment_to_nginx(
            statement, self.catalogue, self.quiet_meaning, expression, self.refuse, self.warn
        )

    def _target_variable(self, target: ast.Name | ast.Index) -> Variable | None:
        """The variable that a target is: a field of a module can be one."""
        meaning = self.name(target) if isinstance(target, ast.Name) else self.quiet_meaning(target)
        return meaning if isinstance(meaning, Variable) else None

    def _plain_target(self, target: ast.Name | ast.Index) -> ast.Name | ast.Index:
        """The target; the name of the global for `_G.name`."""
        match target:
            case ast.Index(object=ast.Name(name="_G") as table, key=ast.String(value=key)):
                if table not in self.scope.resolution.symbols:
                    return ast.Name(key.decode("utf-8", "surrogateescape"), span=target.span)
            case _:
                pass
        return target

    def _assignable(self, target: ast.Name | ast.Index) -> bool:
        if isinstance(target, ast.Name):
            meaning = self.name(target)
            if isinstance(meaning, Variable):
                starts = self.scope.lasting and self.scope.module is None and self.owner is None
                if meaning.lasting == "global" and not starts:
                    self.program.warn_of_global(target)
                return True
        elif (
            self._target_variable(target) is not None
            or self._is_value(target.object)
            or is_of_nginx(target, self.catalogue, self.quiet_meaning)
        ):
            return True
        self._refuse_target(target)
        return False

    def _store(self, span: Span, target: ast.Index, values: list[Expr]) -> Stmt:
        _adjust_all(values)
        return Store(span, self._single(target.object), self._single(target.key), values[0])

    def _assign_several(self, statement: ast.Assign, values: list[Expr]) -> list[Stmt]:
        """`a, t[k] = …`: objects and keys first, then all values, then the assignments from right to left."""
        span = statement.span
        before: list[Stmt] = []
        after: list[Stmt] = []
        behind: set[Variable | None] = set()  # the targets that change before this one

        def held(expr: Expr) -> Expr:
            match expr:
                case Constant() | Local(variable=Variable(assigned=False)):
                    return expr
                case Local(variable=Variable(owner=owner) as own) if owner is self.current:
                    if own not in behind:
                        return expr  # LuaJIT takes it from where it is
            variable = Variable(f"operand{len(before) + 1}", expr.span, origin=expr)
            before.append(Define(expr.span, [variable], [expr]))
            return Local(expr.span, variable)

        known = len(values) == len(statement.targets) and all(isinstance(each, Constant) for each in values)
        results = [Variable(f"value{index + 1}", item.span) for index, item in enumerate(statement.targets)]
        for index, (target, result) in enumerate(zip(statement.targets, results, strict=True)):
            value = values[index] if known else Local(target.span, result)
            behind = set(map(self._target_variable, statement.targets[index + 1 :]))
            variable = self._target_variable(target)
            if variable is not None:
                after.append(Assign(span, [variable], [value]))
            elif isinstance(target, ast.Index) and is_of_nginx(target, self.catalogue, self.quiet_meaning):
                given = ast.Nil(span=target.span)

                def operand(part: ast.Expression, given: ast.Nil = given, value: Expr = value) -> Expr:
                    return value if part is given else held(self._single(part))

                one = ast.Assign((target,), (given,), span=span)
                if (changed := self._assign_nginx(one, operand)) is not None:
                    after.append(changed)
            elif isinstance(target, ast.Index):
                object_, key = held(self._single(target.object)), held(self._single(target.key))
                after.append(Store(span, object_, key, value))
        after.reverse()
        if not known:
            return [Do(span, Block([*before, Define(span, results, values), *after]))]
        return [Do(span, Block([*before, *after]))] if before else after

    def _refuse_target(self, target: ast.Name | ast.Index) -> None:
        if isinstance(target, ast.Name):
            if target not in self.scope.resolution.symbols:
                self.program.refuse_library(target)
            return
        meaning = self.meaning(target, quiet=True)
        path = meaning.path if isinstance(meaning, Builtin) else ""
        if path:
            reason, help_ = self.unsupported(path) or (LATER, HOOK_HELP)
            self.refuse(
                "S2W221", f"this assigns to {path}, which can't be compiled", target.span, reason, help_
            )
        elif self.meaning(target.object, quiet=True) == Builtin("package.loaded"):
            self.refuse_path("package.loaded", target.span)
        else:
            self.later("an assignment to a field of a table", target.span)

    # Expressions

    def expression(self, expression: ast.Expression) -> Expr:
        """An expression."""
        span = expression.span
        match expression:
            case ast.Nil():
                return Constant(span, None)
            case ast.Boolean(value=truth):
                return Constant(span, truth)
            case ast.Number(value=number):
                return Constant(span, number)
            case ast.String(value=data):
                return Constant(span, data)
            case ast.Name() | ast.Index():
                return self._value(expression)
            case ast.Call():
                return lines.beginning_at(self._call(expression), expression.function.span)
            case ast.MethodCall():
                return lines.beginning_at(self._method_call(expression), expression.method.span)
            case ast.Parenthesized(expression=inner):
                found = self.expression(inner)
                if isinstance(found, Call):
                    found.adjusted = True
                return found
            case ast.Table():
                return self._table(expression)
            case ast.Vararg() if self.owner is None and self.scope.phase is Phase.SET:
                self.later("... in set_by_lua", span)
                return Constant(span, None)
            case ast.Vararg():
                module = self.scope.module if self.owner is None else None
                return Vararg(span) if module is None else Constant(span, module.name.encode())
            case ast.Function():
                return self._closure("", expression)
            case _:
                return self._operation(expression)

    def _tested(self, expression: ast.Expression) -> Expr:
        """An expression of which only the truth is wanted: tables and functions of the library are true."""
        if self.is_library_table(expression):
            return Constant(expression.span, True)
        match expression:
            case ast.Name() if expression not in self.scope.resolution.symbols:
                meaning = self.program.global_(expression, only_tested=True)
                absent = isinstance(meaning, KnownConstant) and meaning.constant.value is None
                return Constant(expression.span, None) if absent else self.expression(expression)
            case ast.Logical(operator=operator, left=left, right=right):
                if self.is_library_table(left):
                    is_and = operator is ast.LogicalOperator.AND
                    return self._tested(right) if is_and else Constant(left.span, True)
                first = self._tested(left)
                before = len(self.program.diagnostics)
                found = Logical(expression.span, operator.value, first, self._tested(right))
                never = operator is ast.LogicalOperator.AND and _is_false(first)
                if never and self.program.forget_errors(before):
                    return first
                _adjust_all([found.left, found.right])
                return found
            case _:
                return self.expression(expression)

    def _operation(self, expression: ast.Expression) -> Expr:
        span = expression.span
        match expression:
            case ast.Unary(operator=ast.UnaryOperator.NOT, operand=operand):
                return folding.fold(Unary(span, "not", lines.read_at_once(self._tested(operand))))
            case ast.Unary(operator=operator, operand=operand):
                found_operand = lines.read_at_once(self.expression(operand))
                return folding.fold(Unary(span, operator.value, found_operand))
            case ast.Binary(operator=operator, left=left, right=right):
                first, second = self.expression(left), lines.read_at_once(self.expression(right))
                found_binary = Binary(span, operator.value, first, second)
                _adjust_all([found_binary.left, found_binary.right])
                found = folding.fold(found_binary)
                if isinstance(found, Binary) and found.operator in ("==", "~="):
                    self._lift_compared(found)
                return found
            case ast.Logical(operator=ast.LogicalOperator.OR, left=left, right=right) if self._is_absent(
                left
            ):
                return self.expression(right)
            case ast.Logical(operator=logical, left=left, right=right):
                same = self.without_test_of_loaded(expression)
                if same is not expression:
                    return self.expression(same)
                if self.is_library_table(left) and logical is ast.LogicalOperator.AND:
                    return self.expression(right)
                # Of what stands in front of `and`, only what is not true can be the value.
                tested = self._tested if logical is ast.LogicalOperator.AND else self.expression
                first = tested(left)
                before = len(self.program.diagnostics)
                found_logical = Logical(span, logical.value, first, self.expression(right))
                never = logical is ast.LogicalOperator.AND and _is_false(first)
                if never and self.program.forget_errors(before):
                    return first
                _adjust_all([found_logical.left, found_logical.right])
                return found_logical
            case _:
                self.later("this expression", span)
                return Constant(span, None)

    def _table(self, table: ast.Table) -> Expr:
        """A table constructor; one that holds only constant names, each once, may be options of a library."""
        names = [entry.key.value for entry in table.fields if isinstance(entry.key, ast.String)]
        if len(set(names)) == len(table.fields):
            fields = {
                (text := name.decode("utf-8", "surrogateescape")): self._without_secret(
                    self._single(entry.value), text
                )
                for name, entry in zip(names, table.fields, strict=True)
            }
            return Record(table.span, fields)
        entries = [
            (None if entry.key is None else self._single(entry.key), self.expression(entry.value))
            for entry in table.fields
        ]
        last = table.fields[-1].key is None
        _adjust_all([value for _, value in (entries[:-1] if last else entries)])
        return Constructor(table.span, entries)

    def _value(self, expression: ast.Name | ast.Index) -> Expr:
        """A name, a path or an indexed value where a value is wanted."""
        span = expression.span
        if isinstance(expression, ast.Index) and isinstance(expression.key, ast.Number):
            base = self.meaning(expression.object, quiet=True)
            if isinstance(base, Builtin):
                path = f"{base.path}.{expression.key.value:g}"
                if base.path == "ngx.arg" and self.scope.phase is Phase.SET:
                    number = Constant(span, expression.key.value)
                    return Action(span, self.catalogue.entries["ngx.arg.set"], path, None, [number])
                if path in self.catalogue.entries:
                    return Action(span, self.catalogue.entries[path], path, None, [])
        if isinstance(expression, ast.Index) and self._is_value(expression.object):
            found = Index(span, self.expression(expression.object), self.expression(expression.key))
            _adjust_all([found.object, found.key])
            return lines.read_late(found)
        if isinstance(expression, ast.Index) and not isinstance(expression.key, ast.String):
            base = self.meaning(expression.object, quiet=True)
            if base == Builtin("ngx.shared"):
                return self._any_dict(self._single(expression.key))
        if isinstance(expression, ast.Index) and (entry := self._computed(expression)) is not None:
            return self._of_library(entry, expression)
        meaning = self.meaning(expression)
        match meaning:
            case Variable():
                return Local(span, meaning)
            case ConfigField():
                return ConfigValue(span, meaning)
            case KnownConstant(constant=constant):
                return Constant(span, constant.value, constant.name)
            case Builtin(path=path):
                return self._builtin_value(path, expression)
            case Function():
                return self._function_value(meaning, span)
            case Module() | OwnModule() | Hook():
                self.later("a hook or module used as a value", span)
            case None:
                self._refuse_value(expression)
        return Constant(span, None)

    def _of_library(self, entry: Entry, expression: ast.Index) -> Expr:
        """A part of the library whose name is computed."""
        key = self._single(expression.key)
        if entry.name == "ngx.var[*]":
            return variables.read_any(self.program, key, expression.span, self.scope.chunk)
        return Action(expression.span, entry, entry.name, None, [key])

    def _computed(self, expression: ast.Index) -> Entry | None:
        """The entry for a part of the library whose name is computed: `ngx.var[name]`."""
        if isinstance(expression.key, ast.String):
            return None
        base = self.meaning(expression.object, quiet=True)
        return self.catalogue.entries.get(f"{base.path}[*]") if isinstance(base, Builtin) else None

    def _is_value(self, expression: ast.Expression) -> bool:
        """Whether the expression gives a value of the program, not a module or a part of the library."""
        expression = self.without_test_of_loaded(expression)
        if not isinstance(expression, ast.Name | ast.Index):
            if isinstance(expression, ast.Call) and self.is_require(expression):
                own = self.own_module(expression)
                computed = bool(self.program.modules.computed.get(expression))
                return computed or (own is not None and not own.static)
            return True
        meaning = self.meaning(expression, quiet=True)
        if isinstance(meaning, Builtin) and self.catalogue.value(meaning.path) is not None:
            return True
        return isinstance(meaning, Variable) or (
            isinstance(expression, ast.Index) and self._is_value(expression.object)
        )

    def _refuse_value(self, expression: ast.Name | ast.Index) -> None:
        if isinstance(expression, ast.Index):
            if not isinstance(expression.object, ast.Name | ast.Index | ast.Call):
                self.later("a field of a table", expression.span)
                return
            base = self.meaning(expression.object, quiet=True)
            if base == Builtin("package.loaded"):
                self.refuse_path(base.path, expression.span)
            elif isinstance(base, Builtin):
                self.later(f"{base.path} with a computed name", expression.span)
            elif base is None or isinstance(base, Variable | KnownConstant | ConfigField):
                self.later("a field of a table", expression.span)

    def _is_absent(self, expression: ast.Expression) -> bool:
        """Whether it is a name that other Luas have: `table.unpack`."""
        found = self.meaning(expression, quiet=True) if isinstance(expression, ast.Index) else None
        return isinstance(found, Builtin) and found.path in _OF_LATER_LUA

    def _builtin_value(self, path: str, expression: ast.Expression) -> Expr:
        span = expression.span
        constant = self.catalogue.constants.get(path)
        if constant is not None:
            return Constant(span, constant.value, path)
        if path in self.catalogue.values:
            return LibraryValue(span, self.catalogue.values[path])
        if path.startswith("ngx.var."):
            return variables.read(self.program, path.removeprefix("ngx.var."), span)
        elif path.startswith("ngx.shared.") and self.catalogue.value(path) is not None:
            return self._dict(dict_part(path.removeprefix("ngx.shared.")), span)
        elif (found := self.catalogue.value(path)) is not None:
            entry, part = found
            parts: list[Expr] = [Constant(span, part.encode("utf-8", "surrogateescape"))] if part else []
            return Action(span, entry, path, None, parts)
        elif path in self.catalogue.entries:
            entry = self.catalogue.entries[path]
            count = len(entry.parameters) - entry.variadic
            if path in ("io.open", "io.lines"):
                return self._wrapped(
                    path,
                    span,
                    count - 1,
                    lambda args: self._open_file(entry, path, args, span),
                    entry.variadic,
                )
            return self._wrapped(
                path, span, count, lambda args: Action(span, entry, path, None, args), entry.variadic
            )
        elif path in _OF_LATER_LUA or self.read_absent(path, span):
            pass
        elif path not in self.catalogue.unsupported and self.is_library_table(expression):
            self.refuse(
                "S2W220",
                f"the table {path} as a value can't be compiled",
                span,
                "a plugin has what is in it by name only",
                f"use it by its name where it is needed: {path}.NAME",
            )
        else:
            self.refuse_path(path, span)
        return Constant(span, None)

    def _dict(self, name: str, span: Span) -> Expr:
        """The shared dict of a name; nil if there is none."""
        size = self.program.dicts.size(name)
        if size is None:
            self.program.undeclared_dict(name, span)
            return Constant(span, None)
        args: list[Expr] = [
            Constant(span, name.encode("utf-8", "surrogateescape")),
            Constant(span, float(size)),
        ]
        return Action(span, self.catalogue.entries["ngx.shared.*"], f"ngx.shared.{name}", None, args)

    def _any_dict(self, name: Expr) -> Expr:
        """The shared dict whose name is known at run time."""
        if isinstance(name, Constant) and isinstance(name.value, bytes):
            return self._dict(name.value.decode("utf-8", "surrogateescape"), name.span)
        return Action(name.span, self.catalogue.entries["ngx.shared[]"], "ngx.shared[]", None, [name])

    def _function_value(self, function: Function, span: Span) -> Expr:
        """A function of the program that is known by name, as a value."""
        if function.tables:
            self.later("a function with a parameter named ngx as a value", span)
            return Constant(span, None)
        return self._wrapped(
            function.name, span, len(function.parameters), lambda args: _tail(Apply(span, function, args))
        )

    def _wrapped(
        self, name: str, span: Span, count: int, call: Callable[[list[Expr]], Expr], variadic: bool = False
    ) -> Expr:
        """A function known by name as a value: a function that calls it."""
        parameters = [Variable(f"a{index + 1}", span) for index in range(count)]
        args: list[Expr] = [Local(span, parameter) for parameter in parameters]
        found = call([*args, Vararg(span)] if variadic else args)
        function = Function(name, span, self.scope.chunk, parameters, Block([Return(span, [found])]))
        function.value, function.library = True, isinstance(found, Action)
        function.vararg = variadic
        self.program.functions.append(function)
        return Closure(span, function)

    def _arguments(self, arguments: tuple[ast.Expression, ...]) -> list[Expr]:
        found = [self.expression(argument) for argument in arguments]
        _adjust(found)
        return found

    def _call(self, call: ast.Call) -> Expr:
        if (own := self.own_module(call)) is not None and not is_protected(call):
            if own.static and own.quiet:
                return Constant(call.span, None)
            return self._load(own, call.span)
        if self.is_require(call):
            if names := self.program.modules.computed.get(call):
                return self._require_any(call, names)
            if self.require(call) is not None:
                self.later("a module of the library as a value", call.span)
            return Constant(call.span, None)
        if (name := required(call, self.scope.resolution)) is not None:
            return self._protected_require(call, name)
        if (as_method := self._with_colon(call)) is not None:
            return self._method_call(as_method)
        if self._is_value(call.function):
            callee = self._single(call.function)
            return ApplyValue(call.span, callee, self._arguments(call.arguments))
        if not isinstance(call.function, ast.Name | ast.Index):
            self.later("a call of a computed function", call.span)
            return Constant(call.span, None)
        meaning = self.meaning(call.function)
        if meaning is None:
            self._refuse_value(call.function)
            return Constant(call.span, None)
        return self._timer(call, meaning) or self._miscounted(call, meaning) or self._call_of(meaning, call)

    def _miscounted(self, call: ast.Call, meaning: Meaning) -> Expr | None:
        """The error that cjson's functions raise for any number of arguments but one, also in pcall; None for
        all other calls.
        """
        function, arguments = call.function, call.arguments
        protected = meaning == Builtin("pcall") and bool(arguments)
        if protected:
            function, arguments = arguments[0], arguments[1:]
            meaning = self.known(function) or meaning
        if (
            not isinstance(meaning, Builtin)
            or meaning.path not in ONE_ARGUMENT
            or not is_miscounted(arguments)
        ):
            return None
        name = "?"  # what a function is called that pcall calls
        if not protected and isinstance(function, ast.Name | ast.Index):
            name = _target_name(function).name
        message = f"bad argument #1 to '{name}' (expected 1 argument)"
        span = call.span
        self.warn(
            "S2W302",
            f"this always raises an error: {message}",
            span,
            "nginx answers 500 to every request that comes here, unless pcall catches it",
            "give one argument; of several results of a call, parentheses around it give the first",
        )
        error = self.catalogue.entries["error"]
        level = Constant(span, 0.0 if protected else 1.0)
        given: list[Expr] = [Constant(span, message.encode()), level, *self._arguments(arguments)]
        if not protected:
            return Action(span, error, "error", None, given)
        return Action(
            span,
            self.catalogue.entries["pcall"],
            "pcall",
            None,
            [self._builtin_value("error", function), *given],
        )

    def _call_of(self, meaning: Meaning, call: ast.Call) -> Expr:
        """A call of something that is known by name."""
        args = self._arguments(self._without_builtin(meaning, self._without_ngx(meaning, call.arguments)))
        match meaning:
            case Builtin(path=path):
                entry = self.catalogue.entries.get(path)
                if entry is not None:
                    return self._action(entry, path, args, call)
                self.refuse_path(path, call.function.span)
            case Function():
                return Apply(call.span, meaning, args)
            case Hook():
                self._check_count(
                    meaning.lua_name, len(meaning.parameters), len(meaning.parameters), args, call.span
                )
                return HookCall(call.span, meaning, args)
            case KnownConstant(constant=constant) if constant.value is None:
                self.refuse(
                    "S2W219",
                    f"this calls {call.function.span.text!r}, which is nil",
                    call.span,
                    "nginx answers 500 to every request that comes here",
                    "define it, or bind it to a Lua file or a Go hook",
                )
            case _:
                self.later("a call of a computed function", call.span)
        return Constant(call.span, None)

    def _without_builtin(
        self, starts: Meaning, arguments: tuple[ast.Expression, ...]
    ) -> tuple[ast.Expression, ...]:
        """The arguments of a call that starts a light thread or a timer, with nil for a function in C, which
        nginx does not take either: its error tells neither apart.
        """
        place = self._place_of_started(starts, arguments)
        if place is None or place >= len(arguments):
            return arguments
        given = arguments[place]
        taken = self.meaning(given, quiet=True) if isinstance(given, ast.Name | ast.Index) else None
        if not isinstance(taken, Builtin) or not is_in_c(taken.path, self.catalogue):
            return arguments
        self.warn(
            "S2W302",
            f"this always raises an error: Lua function expected ({taken.path} is written in C)",
            given.span,
            "nginx answers 500 to every request that comes here, unless pcall catches it",
            f"give a function that calls it: function(…) return {taken.path}(…) end",
        )
        return (*arguments[:place], ast.Nil(span=given.span), *arguments[place + 1 :])

    def _place_of_started(self, starts: Meaning, arguments: tuple[ast.Expression, ...]) -> int | None:
        """Which argument of a call, of pcall, too, is what a light thread or a timer runs."""
        if starts == Builtin("pcall") and arguments and isinstance(arguments[0], ast.Name | ast.Index):
            protected = self.meaning(arguments[0], quiet=True)
            place = STARTS.get(protected.path) if isinstance(protected, Builtin) else None
            return None if place is None else place + 1
        return STARTS.get(starts.path) if isinstance(starts, Builtin) else None

    def _without_ngx(
        self, function: Meaning, arguments: tuple[ast.Expression, ...]
    ) -> tuple[ast.Expression, ...]:
        """The arguments of a call without those that are the table ngx for a parameter of that name."""
        if not isinstance(function, Function):
            return arguments
        for place in function.tables:
            given = arguments[place] if place < len(arguments) else None
            is_ngx = isinstance(given, ast.Name) and self.quiet_meaning(given) == Builtin("ngx")
            if not is_ngx:
                self.refuse(
                    "S2W220",
                    f"a call of {function.name!r} that gives no ngx for its parameter ngx can't be compiled",
                    (given or arguments[-1]).span if arguments else function.span,
                    "a plugin has what is in ngx by name only",
                    "give the parameter another name, or call it with ngx only",
                )
        return tuple(each for place, each in enumerate(arguments) if place not in function.tables)

    def _with_colon(self, call: ast.Call) -> ast.MethodCall | None:
        """`red:get(k)` for `red.get(red, k)` of a library's object, and `redis:new()` for `redis.new()` and
        `redis.new(redis)` of its modules: their functions without further arguments do not look at the first.
        """
        match call.function:
            case ast.Index(object=object_, key=ast.String(value=name) as method):
                pass
            case _:
                return None
        if not isinstance(object_, ast.Name | ast.Call):
            return None
        first = call.arguments[0] if call.arguments else None
        meaning = self.quiet_meaning(object_)
        if isinstance(meaning, Module):
            text = name.decode("utf-8", "surrogateescape")
            entry = self.catalogue.entries.get(f"{meaning.prefix}:{text}")
            if entry is None or f"{meaning.prefix}.{text}" in self.catalogue.entries:
                return None
            given = self.quiet_meaning(first) if isinstance(first, ast.Name) else None
            if given != meaning and (first is not None or entry.parameters):
                return None
        elif (
            not isinstance(meaning, Variable)
            or meaning not in self.program.objects
            or not isinstance(first, ast.Name)
            or self.quiet_meaning(first) is not meaning
        ):
            return None
        return ast.MethodCall(object_, method, call.arguments[1:], span=call.span)

    def _timer(self, call: ast.Call, meaning: object) -> Expr | None:
        """`ngx.timer.at(delay, f, …)` of a function that is known by name; None for anything else."""
        if not (isinstance(meaning, Builtin) and is_timer(call.function) and len(call.arguments) > 1):
            return None
        taken = call.arguments[1]
        function = self.meaning(taken) if isinstance(taken, ast.Name) else None
        if not isinstance(function, Function) or function.vararg or function.value:
            return None
        given = (call.arguments[0], *call.arguments[2:])
        several = isinstance(given[-1], ast.Call | ast.MethodCall | ast.Vararg)
        if several and len(given) < len(function.parameters):
            return None  # its results may be for several parameters
        args = [self._single(argument) for argument in given]
        entry = self.catalogue.entries[meaning.path]
        variant = replace(entry, parameters=(entry.parameters[0], entry.parameters[-1]), go=_TIMERS[entry.go])
        found = Action(call.span, variant, meaning.path, None, args)
        found.later = function
        return found

    def _action(self, entry: Entry, name: str, args: list[Expr], call: ast.Expression) -> Expr:
        if name in ("io.open", "io.lines"):
            return self._open_file(entry, name, args, call.span)
        required = sum(1 for parameter in entry.parameters if parameter.required)
        most = None if entry.variadic or entry.surplus else len(entry.parameters)
        self._check_count(name, required, most, args, call.span)
        check_name(entry, args, self.catalogue, self.refuse, self.warn)
        args = [
            self._any_dict(arg) if index < len(entry.parameters) and entry.parameters[index].dict else arg
            for index, arg in enumerate(args)
        ]
        if name == "os.getenv":
            return self._environment(args, call.span)
        owner = name.rpartition(":")[0] or name
        self._lift_secrets(entry, f"{owner.rpartition('.')[2]}_key", args)
        if name == "ngx.req.set_header":
            self._lift_header(args)
        return Action(call.span, variant(entry, args), name, None, args)

    def _open_file(self, entry: Entry, name: str, args: list[Expr], span: Span) -> Action:
        """`io.open(path, mode)`, `io.lines(path)`: the files are its first operand."""
        mode = args[1] if name == "io.open" and args[1:] else None
        if isinstance(mode, Constant) and isinstance(mode.value, bytes) and mode.value.strip(b"rb"):
            self.refuse(
                "S2W239",
                f"the mode {mode.value.decode('latin-1')!r} can't be compiled: a plugin can only read files",
                span,
                "a gateway gives a plugin no file system",
                "keep what changes in ngx.shared or in Redis, write to the log with ngx.log",
            )
        if args:
            self.program.files.open(self._known_path(args[0]), args[0].span)
        found = Action(span, entry, name, None, [self.program.files.set(span), *args])
        found.method = True  # arguments are counted without the files
        return found

    def _known_path(self, path: Expr) -> bytes | None:
        """The path that an expression always gives; None if that is not known."""
        match path:
            case Constant(value=bytes() as text):
                return text
            case Action(name="ngx.config.prefix"):
                return PREFIX
            case Local(variable=variable) if variable in self.literals:
                definition, place = self.literals[variable]
                return self._known_path(definition.values[place])
            case Binary(operator="..", left=left, right=right):
                before, after = self._known_path(left), self._known_path(right)
                return None if before is None or after is None else before + after
            case _:
                return None

    def _environment(self, args: list[Expr], span: Span) -> Expr:
        """`os.getenv("NAME")`: what the plugin's configuration has for it."""
        match args:
            case [Constant(value=bytes() as name)]:
                return ConfigValue(span, self.program.environment(name.decode("latin-1"), span))
            case _:
                self.refuse(
                    "S2W224",
                    "the name of this environment variable is computed",
                    span,
                    "a plugin gets them from its configuration, which has to name them",
                    'write the name as a string: os.getenv("NAME")',
                )
                return Constant(span, None)

    def _lift_secrets(self, entry: Entry, name: str, args: list[Expr]) -> None:
        """Turns literals that are given for secret parameters into configuration."""
        for index, (arg, parameter) in enumerate(zip(args, entry.parameters, strict=False)):
            if not parameter.secret:
                continue
            if isinstance(arg, Constant) and isinstance(arg.value, bytes):
                if not is_public(arg.value):
                    args[index] = ConfigValue(arg.span, self.program.lift_secret(name, arg.span))
            elif isinstance(arg, Local) and arg.variable in self.literals:
                definition, place = self.literals[arg.variable]
                value = definition.values[place]
                if isinstance(value, Constant) and isinstance(value.value, bytes) and is_public(value.value):
                    continue
                del self.literals[arg.variable]
                field = self.program.lift_secret(arg.variable.name, value.span)
                definition.values[place] = ConfigValue(value.span, field)

    def _lift_header(self, args: list[Expr]) -> None:
        """The same for a header of the request whose name tells that its value is a secret."""
        match args:
            case [Constant(value=bytes() as key), Constant(value=bytes() as value)]:
                name = key.decode("utf-8", "replace")
                if is_secret(name.replace("-", "_"), value.rpartition(b" ")[2]):
                    args[1] = ConfigValue(args[1].span, self.program.lift_secret(name, args[1].span))

    def _check_count(self, name: str, least: int, most: int | None, args: list[Expr], span: Span) -> None:
        spreads = bool(args) and isinstance(args[-1], Call) and not args[-1].adjusted
        if len(args) < least and not spreads:
            self.refuse("S2W304", f"{name} wants {least} arguments, this gives {len(args)}", span)
        elif most is not None and len(args) > most:
            self.refuse("S2W304", f"{name} takes {most} arguments, this gives {len(args)}", span)

    def _method_call(self, call: ast.MethodCall) -> Expr:
        name = call.method.value.decode("utf-8", "surrogateescape")
        base = None
        if isinstance(call.object, ast.Name | ast.Index | ast.Call):
            base = self.meaning(call.object, quiet=True)
        if isinstance(base, Module):
            path = f"{base.prefix}:{name}"
            entry = self.catalogue.entries.get(path)
            if entry is None:
                self.refuse_path(path, call.span)
                return Constant(call.span, None)
            return self._action(entry, path, self._arguments(call.arguments), call)
        is_value = isinstance(base, Builtin) and self.catalogue.value(base.path) is not None
        if isinstance(base, Builtin) and not is_value and not base.path.startswith("ngx.var."):
            self.refuse_path(f"{base.path}:{name}", call.span)
            return Constant(call.span, None)
        if isinstance(base, OwnModule):
            function = base.meanings.get(name)
            if isinstance(function, Function):
                return Apply(call.span, function, self._arguments(call.arguments))
        receiver = self.expression(call.object)
        _adjust_all([receiver])
        args = self._arguments(call.arguments)
        if name == "auth":
            self._lift_secrets(self.catalogue.entries["redis:auth"], "redis_password", args)
        return Invoke(call.span, receiver, name, args, self._string_method(name, call.span))

    def _string_method(self, name: str, span: Span) -> Callable[[], Expr] | None:
        """Makes the function as a value that strings have as a method of this name."""
        path = f"string.{name}"
        entry = self.catalogue.entries.get(path)
        if entry is None:
            return None
        count = len(entry.parameters) - entry.variadic
        return lambda: self._wrapped(
            path, span, count, lambda args: Action(span, entry, path, None, args), entry.variadic
        )


def _makes_object(expr: Expr) -> bool:
    """Whether an expression gives an object of a library: `redis:new()`."""
    results = expr.entry.results if isinstance(expr, Action) else ()
    return bool(results) and results[0].kinds == results[0].objects


def _tail(call: Apply) -> Apply:
    """The call as all that a function does: an error in it is its caller's."""
    call.tail = True
    return call


def _is_false(condition: Expr) -> bool:
    """Whether a condition is false or nil as it stands."""
    match condition:
        case Constant(value=value):
            return value is None or value is False
        case Unary(operator="not", operand=Constant(value=value)):
            return value is not None and value is not False
        case _:
            return False


def _is_label(statement: ast.Statement) -> TypeGuard[ast.Label]:
    return isinstance(statement, ast.Label)


def _adjust(values: list[Expr]) -> None:
    """Marks the calls of a list that give exactly one value: all but the last."""
    _adjust_all(values[:-1])


def _adjust_all(values: list[Expr]) -> None:
    for value in values:
        if isinstance(value, Call):
            value.adjusted = True


def _target_name(target: ast.Name | ast.Index) -> ast.Name:
    """The name of what is assigned to; of a field without a constant name ""."""
    match target:
        case ast.Name():
            return target
        case ast.Index(key=ast.String(value=key)):
            return ast.Name(key.decode("utf-8", "surrogateescape"), span=target.span)
        case _:
            return ast.Name("", span=target.span)


def _secret_name(expr: Expr) -> str:
    """The name of an operand that may tell that what it is compared with is a secret; "" if it has none."""
    match expr:
        case Local(variable=variable):
            return variable.name
        case Action(name=name) if name.startswith("ngx.var."):
            return name.rpartition(".")[2]
        case _:
            return ""
