"""Loops: IR → Go."""

from __future__ import annotations

import copy
from dataclasses import replace
from itertools import combinations

from snippet2wasm.analysis import rows
from snippet2wasm.analysis.events import has_event, is_number
from snippet2wasm.analysis.fields import keys_of
from snippet2wasm.analysis.lists import list_of, texts
from snippet2wasm.analysis.matching import matched
from snippet2wasm.analysis.representation import Repr, go_type
from snippet2wasm.backend import goast
from snippet2wasm.backend.context import Unordered
from snippet2wasm.backend.goast import Go, Name, show
from snippet2wasm.backend.naming import camel
from snippet2wasm.backend.writer import WIDTH, Writer, negated
from snippet2wasm.ir.nodes import (
    Action,
    Block,
    Break,
    Constant,
    Continue,
    Expr,
    GenericFor,
    If,
    Local,
    NumericFor,
    Repeat,
    Stmt,
    Store,
    Variable,
    While,
    is_loop,
)
from snippet2wasm.ir.types import NUMBER


class Loops:
    """Writes the loops of one function."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.context = writer.context
        self.exprs = writer.exprs

    def write(self, statement: Stmt) -> None:
        """A loop, or a jump out of one or to its next round."""
        match statement:
            case While():
                self._while(statement)
            case Repeat(body=body, condition=condition):
                self.context.lines.add("for {")
                tests = [] if body.ends else [_break_if(condition)]
                self.writer.nested(Block([*body.statements, *tests]))
                self.context.lines.add("}")
            case NumericFor():
                self._range(statement)
            case GenericFor():
                self._iterate(statement)
            case Break():
                self.context.lines.add("break")
            case Continue():
                self.context.lines.add("continue")
            case _:
                raise AssertionError(f"unknown statement {type(statement).__name__}")

    def _while(self, statement: While) -> None:
        mark = len(self.context.lines.lines)
        try:
            self.context.hoistable = False
            with self.context.sequence([statement.condition]):
                shown = goast.pieces(self.exprs.condition(statement.condition), WIDTH)
            self.context.hoistable = True
        except Unordered:
            # What the condition needs is computed in the loop.
            del self.context.lines.lines[mark:]
            self.context.hoistable = True
            ends = _break_if(negated(statement.condition))
            self.context.lines.add("for {")
            self.writer.nested(Block([ends, *statement.body.statements]))
        else:
            if shown == ["true"]:
                self.context.lines.add("for {")
            else:
                self.writer.open("for", shown)
            self.writer.nested(statement.body)
        self.context.lines.add("}")

    def _range(self, statement: NumericFor) -> None:
        """`for i := 1.0; i <= n; i++ {`: limit and step are computed once."""
        variable = statement.variable
        start, stop, step = self._bounds(statement)
        own = variable.assigned or go_type(variable.type) != "float64"
        name = self.context.names.new("index") if own else self.context.declare(variable)
        names, values = [name], [_float(start)]

        def fixed(role: str, value: Go) -> Name:
            names.append(self.context.names.new(role))
            values.append(show(value, 2))
            return Name(names[-1])

        limit = stop if _is_fixed(statement.stop) else fixed("stop", stop)
        by = 1.0 if statement.step is None else _constant(statement.step)
        if by is None:
            advance = fixed("step", step)
            test: Go = goast.call("lua.Within", Name(name), limit, advance)
            move = f"{name} += {advance.text}"
        else:
            test = goast.Infix("<=" if by >= 0 else ">=", Name(name), limit)
            move = {1.0: f"{name}++", -1.0: f"{name}--"}.get(by, f"{name} += {show(step)}")
        self.writer.add(f"for {', '.join(names)} := {', '.join(values)}; {show(test)}; {move} {{", statement)
        if not own:
            self.context.name(variable)
        elif self.context.is_read(variable) or variable.assigned:
            names.append(self._own_variable(variable, name))
        self.writer.nested(statement.body)
        self.context.lines.add("}")
        self.context.names.free(names)

    def _bounds(self, statement: NumericFor) -> tuple[Go, Go, Go]:
        """Start, limit and step of a loop over numbers."""
        step = statement.step
        if step is None:
            step = Constant(statement.span, 1.0)
            step.type = NUMBER
        exprs = [statement.start, statement.stop, *([step] if statement.step is not None else [])]
        if any(has_event(later) and not is_number(expr) for expr, later in combinations(exprs, 2)):
            raise self.context.unordered(statement.start, "all bounds are computed before one is judged")
        with self.context.sequence(exprs):
            return (
                self._bound_number(statement.start, "initial", statement.line),
                self._bound_number(statement.stop, "limit", statement.line),
                self._bound_number(step, "step", statement.line),
            )

    def _own_variable(self, variable: Variable, counter: str) -> str:
        """The variable of a loop whose body assigns to it, which does not move the loop."""
        self.context.lines.indent += 1
        name = self.context.declare(variable)
        self.writer.add(_declaration(name, go_type(variable.type), counter))
        if not self.context.is_read(variable):
            self.writer.add(f"_ = {name}")
        self.context.lines.indent -= 1
        return name

    def _bound_number(self, expr: Expr, role: str, line: int) -> Go:
        if expr.type.only("number"):
            return self.exprs.number(expr)
        place = self.exprs.in_chunk(goast.call("lua.Temporary", Name(str(line))))
        return goast.call("lua.ForNumber", self.exprs.value(expr), goast.string(role.encode()), place)

    def _matches(self, statement: GenericFor) -> None:
        """`for name, value := range lua.MatchPairs(text, "…") {`: the matches of a constant pattern."""
        variables = [item for item in statement.variables[:2] if self.context.is_read(item)]
        both = len(statement.variables) > 1 and statement.variables[1] in variables
        (action,) = statement.values
        assert isinstance(action, Action)
        source = copy.copy(action)
        source.entry = replace(action.entry, go="lua.MatchPairs" if both else "lua.Matches", at=False)
        with self.context.sequence(statement.values):
            call = show(self.exprs.calls.call(source))
        names = [self.context.declare(item) if item in variables else "_" for item in statement.variables[:2]]
        while names and names[-1] == "_":
            names.pop()
        self.writer.add(f"for {', '.join(names)}{' := ' if names else ''}range {call} {{", statement)
        self.writer.nested(statement.body)
        self.context.lines.add("}")
        self.context.names.free([name for name in names if name != "_"])

    def _iterate(self, statement: GenericFor) -> None:
        if matched(statement) is not None:
            self._matches(statement)
            return
        over, values = statement.over, statement.values
        keys = keys_of(values[0]) if over == "pairs" else None
        texts_only = keys is not None and keys.only("string")
        if over == "ipairs" and (list_of(values[0]) is not None or texts(values[0])):
            source = self._list(values[0])
            target = _copied_to(statement)
            if target is not None and self.context.bounded():
                name = show(self.exprs.native(target))
                self.writer.add(f"{name} = append({name}, {show(source)}...)", statement)
                return
            if self.context.is_read(statement.variables[0]) or statement.variables[0].assigned:
                source = goast.call("lua.Each", source)
            names = self._over_pairs(statement, show(source), "string")
            self.writer.nested(statement.body)
            self.context.lines.add("}")
            self.context.names.free([name for name in names if name != "_"])
            return
        with self.context.sequence(values):
            line = Name(str(statement.line))
            if over:
                named = goast.string(over.encode())
                place = self.exprs.in_chunk(goast.call("lua.Arg", Name("1"), named, line))
                if self.exprs.native_repr(values[0]) is Repr.TABLE or values[0].type.kinds == {"table"}:
                    table = self.exprs.table_of(values[0])
                else:
                    table = goast.method(place, "Table", self.exprs.value(values[0]))
                source = goast.method(
                    table, "Items" if over == "ipairs" else "Fields" if texts_only else "Pairs"
                )
            else:
                place = self.exprs.in_chunk(goast.call("lua.Temporary", line))
                source = goast.call("lua.Loop", self.exprs.calls.several(values), place)
        element = "lua.Value"
        if over and self._gives_tables(statement):
            source, element = goast.call("lua.Tables", source), "*lua.Table"
        if texts_only:
            names = self._over_pairs(statement, show(source), element, "string")
        else:
            names = (
                self._over_pairs(statement, show(source), element)
                if over
                else self._over_values(statement, show(source))
            )
        self.writer.nested(statement.body)
        self.context.lines.add("}")
        self.context.names.free([name for name in names if name != "_"])

    def _gives_tables(self, statement: GenericFor) -> bool:
        """Whether a loop wants what is in a table, which is tables only."""
        if rows.of(statement.values[0]) is None or len(statement.variables) < 2:
            return False
        variable = statement.variables[1]
        return self.context.is_read(variable) and go_type(variable.type) == "*lua.Table"

    def _list(self, expr: Expr) -> Go:
        """A list of strings: a variable, or written out."""
        found = texts(expr)
        if found is None:
            return self.exprs.native(expr)
        with self.context.sequence(found):
            return goast.Items("[]string", tuple(map(self.exprs.text, found)))

    def _over_pairs(
        self, statement: GenericFor, source: str, element: str = "lua.Value", key: str = "lua.Value"
    ) -> list[str]:
        """`for k, v := range t.Pairs() {`; gives the names in it."""
        given = ["float64" if statement.over == "ipairs" else key, element]
        names: list[str] = []
        inside: list[tuple[str, Variable, str]] = []
        for index, variable in enumerate(statement.variables):
            wanted = self.context.is_read(variable) or variable.assigned
            if index >= 2:
                inside += [("", variable, "")] if wanted else []
            elif not wanted:
                names.append("_")
            elif go_type(variable.type) == given[index]:
                names.append(self.context.declare(variable))
                self.context.plain |= set() if variable.assigned else {variable}
                inside += [] if self.context.is_read(variable) else [(names[-1], variable, "_")]
            else:
                names.append(self.context.names.new(camel(variable.name)))
                inside.append((names[-1], variable, "="))
        while names and names[-1] == "_":
            names.pop()
        self.writer.add(f"for {', '.join(names)}{' := ' if names else ''}range {source} {{", statement)
        self.context.lines.indent += 1
        for source_name, variable, how in inside:
            if how == "_":
                self.writer.add(f"_ = {source_name}")
                continue
            name = self.context.declare(variable)
            kind = go_type(variable.type)
            self.writer.add(_declaration(name, kind, source_name) if how else f"var {name} {kind}")
            if not self.context.is_read(variable):
                self.writer.add(f"_ = {name}")
        self.context.lines.indent -= 1
        return names

    def _over_values(self, statement: GenericFor, source: str) -> list[str]:
        """`for values := range lua.Loop(…) {`; gives the names in it."""
        wanted = [item for item in statement.variables if self.context.is_read(item) or item.assigned]
        if not wanted:
            self.writer.add(f"for range {source} {{", statement)
            return []
        values = self.context.names.new("values")
        self.writer.add(f"for {values} := range {source} {{", statement)
        self.context.lines.indent += 1
        for index, variable in enumerate(statement.variables):
            if variable in wanted:
                name = self.context.declare(variable)
                self.writer.add(f"{name} := {values}.At({index})")
                if not self.context.is_read(variable):
                    self.writer.add(f"_ = {name}")
        self.context.lines.indent -= 1
        return [values, *(self.context.target(item) for item in wanted)]


def _declaration(name: str, kind: str, value: str) -> str:
    """The variable of a loop as one of its body, of a Go type that can hold more."""
    match kind:
        case "float64":
            return f"{name} := {value}"
        case "string":
            return f"{name} := lua.AsString({value})"
        case "*lua.Table":
            return f"{name} := lua.AsTable({value})"
        case "lua.OptNumber":
            return f"{name} := lua.SomeNumber({value})"
        case "lua.OptString":
            return f"{name} := lua.Some({value})"
        case _:
            return f"var {name} {kind} = {value}"


def _copied_to(statement: GenericFor) -> Local | None:
    """The list that a loop appends all elements of another to, if it does nothing else."""
    match statement:
        case GenericFor(
            variables=[_, item], body=Block(statements=[Store(object=Local() as target) as store])
        ):
            copies = isinstance(store.value, Local) and store.value.variable is item
            return target if copies and list_of(target) is not None else None
        case _:
            return None


def is_bounded(statement: Stmt) -> bool:
    """Whether a loop ends for sure after as many rounds as something in memory has parts."""
    match statement:
        case GenericFor(over="ipairs", values=[table]) if list_of(table) is not None or texts(table):
            return True
        case GenericFor():
            return matched(statement) is not None
        case _:
            return not is_loop(statement)


def _break_if(condition: Expr) -> If:
    return If(condition.span, [(condition, Block([Break(condition.span)], ends=True))], None)


def _constant(step: Expr) -> float | None:
    """The value of a step, if it is known."""
    return step.value if isinstance(step, Constant) and isinstance(step.value, float) else None


def _is_fixed(expr: Expr) -> bool:
    """Whether the limit of a loop can be written in its head: it does not change."""
    if isinstance(expr, Local):
        return (
            expr.type.only("number")
            and go_type(expr.variable.type) == "float64"
            and not expr.variable.assigned
        )
    return isinstance(expr, Constant)


def _float(start: Go) -> str:
    """The start of a loop, so that Go takes it for a float64."""
    shown = show(start)
    return f"{shown}.0" if shown.lstrip("-").isdigit() else shown
