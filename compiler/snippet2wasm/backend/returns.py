"""The ends of functions and handlers: `return`, tail calls, calls that never come back."""

from __future__ import annotations

from snippet2wasm.analysis.events import has_event
from snippet2wasm.analysis.representation import (
    OPTIONAL,
    Repr,
    go_type,
    is_pair,
    native_results,
    representation,
)
from snippet2wasm.backend import goast
from snippet2wasm.backend.assignments import holds
from snippet2wasm.backend.goast import show, show_assigned, show_list
from snippet2wasm.backend.writer import Writer
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Call,
    Closure,
    Constant,
    Expr,
    Local,
    Return,
    Stmt,
    is_self_call,
    spreads,
)
from snippet2wasm.ir.types import Type

_ZERO = {"string": '""', "float64": "0", "bool": "false", "lua.OptString": "lua.None"}


class Returns:
    """Writes the ends of one function.

    Attributes:
        label: of the loop around the body, where a tail call inside of another loop has to name it, else "".
        repeats: whether anything names that label.
    """

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.context = writer.context
        self.exprs = writer.exprs
        self.label = ""
        self.repeats = False

    def exit(self, call: Action, statement: Stmt | None) -> None:
        """A call that never comes back, and the `return` that Go wants behind it."""
        self.writer.add(show(self.exprs.calls.call(call)), statement)
        results = [] if self.context.handler else self.context.function.results
        if results or not self.writer.tail or (self.context.function.open and not self.context.handler):
            self.writer.add("return" + self.zero(results))

    def exit_inside(self, call: Action, statement: Stmt | None) -> None:
        """As `exit`, where more of the statement follows."""
        before, self.writer.tail = self.writer.tail, False
        with self.context.sequence([call]):
            self.exit(call, statement)
        self.writer.tail = before

    def zero(self, results: list[Type]) -> str:
        """The zero values of the results: what follows a call that never comes back."""
        if self.context.function.open and not self.context.handler:
            return " nil"
        shown = []
        for type_ in (
            [go_type(results[0].drop("nil")), "bool"]
            if self._returns_pair() and results
            else [go_type(result) for result in results]
        ):
            struct = "." in type_ and type_[0] != "*" and type_ != "lua.Value"
            shown.append(_ZERO.get(type_, f"{type_}{{}}" if struct else "nil"))
        return " " + ", ".join(shown) if shown else ""

    def _returns_pair(self) -> bool:
        results = self.context.function.results
        return len(results) == 1 and representation(results[0]) in OPTIONAL

    def write(self, statement: Return) -> None:
        """A `return` of a function or handler."""
        with self.context.sequence(statement.values):
            self._values(statement)

    def _values(self, statement: Return) -> None:
        values = statement.values
        results = self.context.function.results
        if self.context.handler:
            for value in values:
                if isinstance(value, Action) and value.entry.ends:
                    self.exit(value, statement)
                    return
                self.writer.discard(value, statement)
            if not self.writer.tail:
                self.writer.add("return", statement if not values else None)
            return
        if len(values) == 1 and isinstance(last := values[0], Action) and last.entry.ends:
            self.exit(last, statement)
            return
        if self._is_again(values):
            self._again(values[0], statement)
            return
        if self._is_function(values):
            self._function(values[0], statement)
            return
        if self.context.function.open:
            kept = 0 if spreads(values) is None else 1  # nothing at the end stays nothing
            head = len(values) - kept
            values = [self.writer.valued(value, statement) for value in values[:head]] + values[head:]
            self.writer.add(f"return {show(self.exprs.calls.several(values))}", statement)
            return
        if any(isinstance(value, Call) and not native_results(value) for value in values):
            if any(has_event(value) for value in values[:-1]):
                raise self.context.unordered(values[-1], "these results have no Go form yet")
            values = [self.writer.valued(value, statement) for value in values]
        if self._returns_pair():
            self.writer.add(f"return {self._pair(values)}", statement)
            return
        if len(values) == 1 and len(results) > 1 and isinstance(values[0], Call):
            kinds = [go_type(type_) for type_ in native_results(values[0])]
            if kinds == [go_type(type_) for type_ in results] and not values[0].adjusted:
                self.writer.add(f"return {show(self.exprs.calls.call(values[0]))}", statement)
                return
        values = self.exprs.calls.expanded(values, len(results))
        padded = values + [Constant(statement.span, None) for _ in results[len(values) :]]
        shown = [self.exprs.as_type(value, type_) for value, type_ in zip(padded, results, strict=False)]
        if shown or not self.writer.tail:
            self.writer.add(f"return {show_list(shown)}".rstrip(), statement)

    def _is_function(self, values: list[Expr]) -> bool:
        """Whether a `return` gives just a function."""
        few = self.context.function.open or len(self.context.function.results) == 1
        return few and len(values) == 1 and isinstance(values[0], Closure)

    def _function(self, closure: Expr, statement: Stmt) -> None:
        """`return lua.NewFunction(…)`."""
        assert isinstance(closure, Closure)
        around = ("lua.Values{", "}") if self.context.function.open else ("", "")
        self.writer.closure(f"return {around[0]}", closure.function, around[1], statement)

    def _is_again(self, values: list[Expr]) -> bool:
        """Whether a `return` is a tail call of the function itself, which is a loop."""
        function = self.context.function
        return function.loops and is_self_call(values, function)

    def _again(self, call: Expr, statement: Stmt) -> None:
        """Takes the arguments of a tail call as parameters, and starts over."""
        assert isinstance(call, Apply)
        parameters = self.context.function.parameters
        args = self.exprs.calls.expanded(call.args, len(parameters))
        args += [Constant(call.span, None) for _ in parameters[len(args) :]]
        pairs = [(item, arg) for item, arg in zip(parameters, args, strict=False) if not holds(item, arg)]
        if pairs:
            targets = [self.context.target(parameter) for parameter, _ in pairs]
            shown = [self.exprs.as_type(arg, parameter.type) for parameter, arg in pairs]
            self.writer.add(f"{', '.join(targets)} = {show_assigned(shown)}", statement)
        for extra in args[len(parameters) :]:
            self.writer.discard(extra, statement)
        if not self.writer.tail:
            self.repeats = True
            self.writer.add(f"continue {self.label}".rstrip())

    def _pair(self, values: list[Expr]) -> str:
        """The results of a function that returns a string or nil, or a number or nil."""
        is_number = representation(self.context.function.results[0]) is Repr.OPT_NUMBER
        if not values or (isinstance(values[0], Constant) and values[0].value is None):
            return "0, false" if is_number else '"", false'
        value = values[0]
        if isinstance(value, Call) and is_pair(value):
            return show(self.exprs.calls.call(value))
        if isinstance(value, Local) and value.variable in self.context.pairs and "nil" in value.type:
            return f"{self.context.name(value.variable)}, {self.context.flag(value.variable)}"
        if is_number:
            if value.type.only("number"):
                return f"{show(self.exprs.number(value))}, true"
            return show(goast.method(self.exprs.optional_number(value), "Get"))
        if value.type.only("string"):
            return f"{show(self.exprs.text(value))}, true"
        return show(goast.method(self.exprs.optional(value), "Get"))
