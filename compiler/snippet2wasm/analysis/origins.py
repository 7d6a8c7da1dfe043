"""Where the values of expressions come from, as far as the program says it: the address in
`red:connect(settings.host, settings.port or 6379)`.

What is found is what an expression may be, not what it always is: enough to say which servers a gateway
needs, and never used for the code that is emitted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Assign,
    ConfigValue,
    Constant,
    Constructor,
    Define,
    Expr,
    Index,
    Local,
    Logical,
    Record,
    Store,
    Unit,
    Variable,
    walk_expressions,
    walk_statements,
)

_DEEPEST = 12
_CONVERSIONS = frozenset(("tonumber", "tostring"))


class Origins:
    """The values that the variables of a unit are given."""

    def __init__(self, unit: Unit) -> None:
        self._given: dict[Variable, list[Expr]] = defaultdict(list)
        self._stores: dict[Variable, list[Store]] = defaultdict(list)
        for function in unit.bodies:
            for statement in walk_statements(function.body):
                match statement:
                    case (
                        Define(variables=variables, values=values)
                        | Assign(variables=variables, values=values)
                    ):
                        self._note(variables, values)
                    case Store(object=Local(variable=variable)):
                        self._stores[variable].append(statement)
                    case _:
                        pass
            for expr in walk_expressions(function.body):
                if isinstance(expr, Apply):
                    self._note(expr.function.parameters, expr.args)

    def _note(self, variables: list[Variable], values: list[Expr]) -> None:
        for variable, value in zip(variables, values, strict=False):
            self._given[variable].append(value)

    def of(self, expr: Expr) -> list[Constant | ConfigValue]:
        """The constants and configuration values that an expression may be, each once."""
        found: dict[object, Constant | ConfigValue] = {}
        for source in self._sources(expr, _DEEPEST):
            if isinstance(source, Constant):
                found.setdefault((type(source.value), source.value), source)
            elif isinstance(source, ConfigValue):
                found.setdefault(source.config.key, source)
        return list(found.values())

    def _sources(self, expr: Expr, depth: int) -> Iterator[Expr]:
        if depth == 0:
            return
        match expr:
            case Local(variable=variable):
                for value in self._given[variable]:
                    yield from self._sources(value, depth - 1)
            case Logical(operator=operator, left=left, right=right):
                if operator == "or":
                    yield from self._sources(left, depth - 1)
                yield from self._sources(right, depth - 1)
            case Index(object=object_, key=Constant(value=bytes() as key)):
                for value in self._field(object_, key, depth - 1):
                    yield from self._sources(value, depth - 1)
            case Action(name=name, args=[value, *_]) if name in _CONVERSIONS:
                yield from self._sources(value, depth - 1)
            case Constant() | ConfigValue() | Record() | Constructor():
                yield expr
            case _:
                pass

    def _field(self, object_: Expr, key: bytes, depth: int) -> Iterator[Expr]:
        """What a field of a table may hold."""
        for table in self._sources(object_, depth):
            match table:
                case Record(fields=fields):
                    if (value := fields.get(key.decode("utf-8", "surrogateescape"))) is not None:
                        yield value
                case Constructor(fields=entries):
                    yield from (
                        value for at, value in entries if isinstance(at, Constant) and at.value == key
                    )
                case _:
                    pass
        if isinstance(object_, Local):
            for store in self._stores[object_.variable]:
                if isinstance(store.key, Constant) and store.key.value == key:
                    yield store.value
