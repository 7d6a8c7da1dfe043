"""Name resolution: which declaration each name of a chunk means, by Lua's scope rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from snippet2wasm.frontend import lua_ast as ast


@dataclass(eq=False)
class Symbol:
    """A local variable or parameter.

    Attributes:
        declaration: the name where it is declared.
        function: the function whose local it is; None in the main chunk.
        assigned: whether something assigns to it after its declaration.
        captured: whether an inner function uses it.
        foreign: whether an inner function assigns to it.
        escapes: whether it is used as a value, not only called.
    """

    declaration: ast.Name
    function: ast.Function | None
    assigned: bool = False
    captured: bool = False
    foreign: bool = False
    escapes: bool = False


@dataclass
class Resolution:
    """What the names of a chunk mean.

    Attributes:
        symbols: every name that is a local; all others are globals.
        tested: the globals that are tested for truth or nil.
        used: the globals that are used in other ways.
        written: the globals that are assigned to, with all places where, in source order.
        calls: the globals that are called, with all places where.
        values: the globals that are used as values.
        first: where each global is first looked at.
    """

    symbols: dict[ast.Name, Symbol] = field(default_factory=dict)
    tested: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    written: dict[str, list[ast.Name | ast.Index]] = field(default_factory=dict)
    calls: dict[str, list[ast.Name]] = field(default_factory=dict)
    values: set[str] = field(default_factory=set)
    first: dict[str, int] = field(default_factory=dict)


def resolve(chunk: ast.Chunk) -> Resolution:
    """Resolves all names of a chunk."""
    resolver = _Resolver()
    resolver.block(chunk.body)
    return resolver.resolution


class _Resolver:
    def __init__(self) -> None:
        self.resolution = Resolution()
        self.scopes: list[dict[str, Symbol]] = [{}]
        self.function: ast.Function | None = None

    def declare(self, name: ast.Name) -> None:
        """Brings a local into the innermost scope."""
        symbol = Symbol(name, self.function)
        self.scopes[-1][name.name] = symbol
        self.resolution.symbols[name] = symbol

    def use(self, name: ast.Name, assigns: bool = False, calls: bool = False) -> None:
        """Resolves a use of a name."""
        for scope in reversed(self.scopes):
            symbol = scope.get(name.name)
            if symbol is not None:
                self.resolution.symbols[name] = symbol
                symbol.assigned |= assigns
                inner = symbol.function is not self.function
                symbol.captured |= inner
                symbol.foreign |= inner and assigns
                symbol.escapes |= not (assigns or calls)
                return
        self.resolution.used.add(name.name)
        if not assigns:
            self.resolution.first.setdefault(name.name, name.span.start)
        if assigns:
            self.resolution.written.setdefault(name.name, []).append(name)
        elif calls:
            self.resolution.calls.setdefault(name.name, []).append(name)
        else:
            self.resolution.values.add(name.name)

    def test(self, expression: ast.Expression) -> None:
        """Resolves an expression of which only the truth is wanted."""
        match expression:
            case ast.Name(name=name) if not any(name in scope for scope in self.scopes):
                self.resolution.tested.add(name)
                self.resolution.first.setdefault(name, expression.span.start)
            case ast.Unary(operator=ast.UnaryOperator.NOT, operand=operand):
                self.test(operand)
            case ast.Logical(left=left, right=right):
                self.test(left)
                self.test(right)
            case _:
                self.expression(expression)

    def block(self, block: ast.Block, names: tuple[ast.Name, ...] = ()) -> None:
        """Resolves a block in a scope of its own, in which `names` are declared."""
        self.scopes.append({})
        for name in names:
            self.declare(name)
        for statement in block.statements:
            self.statement(statement)
        self.scopes.pop()

    def statement(self, statement: ast.Statement) -> None:
        """Resolves one statement."""
        match statement:
            case ast.Local(names=names, values=values):
                self.expressions(values)
                for name in names:
                    self.declare(name)
            case ast.LocalFunction(name=name, function=function):
                self.declare(name)
                self.expression(function)
            case ast.Assign(targets=targets, values=values):
                for target in targets:
                    self.target(target)
                self.expressions(values)
            case ast.FunctionStatement(target=target, function=function):
                self.target(target)
                self.expression(function)
            case ast.CallStatement(call=call):
                self.expression(call)
            case ast.Return(values=values):
                self.expressions(values)
            case _:
                self.compound(statement)

    def compound(self, statement: ast.Statement) -> None:
        """Resolves a statement that holds blocks."""
        match statement:
            case ast.Do(body=body):
                self.block(body)
            case ast.While(condition=condition, body=body):
                self.test(condition)
                self.block(body)
            case ast.Repeat(body=body, condition=condition):
                self.scopes.append({})
                for inner in body.statements:
                    self.statement(inner)
                self.expression(condition)
                self.scopes.pop()
            case ast.If(clauses=clauses, otherwise=otherwise):
                for clause in clauses:
                    self.test(clause.condition)
                    self.block(clause.body)
                if otherwise is not None:
                    self.block(otherwise)
            case ast.NumericFor(variable=variable, start=start, stop=stop, step=step, body=body):
                self.expressions((start, stop) if step is None else (start, stop, step))
                self.block(body, (variable,))
            case ast.GenericFor(variables=variables, values=values, body=body):
                self.expressions(values)
                self.block(body, variables)
            case _:
                pass

    def target(self, target: ast.Name | ast.Index) -> None:
        """Resolves what is assigned to."""
        if isinstance(target, ast.Name):
            self.use(target, assigns=True)
        else:
            self.expression(target)
            match target:
                case ast.Index(object=ast.Name(name="_G") as object_, key=ast.String(value=key)):
                    if object_ not in self.resolution.symbols:
                        name = key.decode("utf-8", "surrogateescape")
                        self.resolution.written.setdefault(name, []).append(target)
                case _:
                    pass

    def expressions(self, expressions: tuple[ast.Expression, ...]) -> None:
        """Resolves expressions in order."""
        for expression in expressions:
            self.expression(expression)

    def expression(self, expression: ast.Expression) -> None:
        """Resolves the names in an expression."""
        match expression:
            case ast.Name():
                self.use(expression)
            case ast.Index(object=object_, key=key):
                self.expressions((object_, key))
            case ast.Call(function=ast.Name() as function, arguments=arguments):
                self.use(function, calls=True)
                self.expressions(arguments)
            case ast.Call(function=function, arguments=(delay, ast.Name() as taken, *arguments)) if is_timer(
                function
            ):
                self.expressions((function, delay))
                self.use(taken, calls=True)
                self.expressions(tuple(arguments))
            case ast.Call(function=function, arguments=arguments):
                self.expressions((function, *arguments))
            case ast.MethodCall(object=object_, arguments=arguments):
                self.expressions((object_, *arguments))
            case ast.Parenthesized(expression=inner):
                self.expression(inner)
            case ast.Unary(operator=ast.UnaryOperator.NOT):
                self.test(expression)
            case ast.Unary(operand=operand):
                self.expression(operand)
            case ast.Binary(
                operator=ast.BinaryOperator.EQUAL | ast.BinaryOperator.NOT_EQUAL, left=left, right=ast.Nil()
            ):
                self.test(left)
            case ast.Logical(left=left, right=right):
                self.test(left)
                self.expression(right)
            case ast.Binary(left=left, right=right):
                self.expressions((left, right))
            case ast.Table(fields=fields):
                for entry in fields:
                    self.expressions((entry.value,) if entry.key is None else (entry.key, entry.value))
            case ast.Function():
                outer, self.function = self.function, expression
                self.block(expression.body, expression.parameters)
                self.function = outer
            case _:
                pass


def is_timer(function: ast.Expression) -> bool:
    """Whether a call of this starts a timer: `ngx.timer.at`, `ngx.timer.every`."""
    match function:
        case ast.Index(
            object=ast.Index(object=ast.Name(name="ngx"), key=ast.String(value=b"timer")),
            key=ast.String(value=b"at" | b"every"),
        ):
            return True
        case _:
            return False
