"""What all statements of a function are written with: lines, blocks, names, conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from snippet2wasm.analysis.effects import touches_request
from snippet2wasm.analysis.events import acts, has_event
from snippet2wasm.analysis.representation import Repr, go_type, is_pair, native_results, representation
from snippet2wasm.backend import goast
from snippet2wasm.backend.context import ARGUMENTS, FunctionContext, Unordered
from snippet2wasm.backend.exprs import Expressions
from snippet2wasm.backend.goast import Go, Name, Not, show
from snippet2wasm.backend.naming import shown_name
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Assign,
    Block,
    Call,
    Constant,
    Define,
    Evaluate,
    Expr,
    Function,
    Return,
    Stmt,
    Unary,
    Variable,
    children,
)
from snippet2wasm.ir.types import BOOLEAN, NIL
from snippet2wasm.source import Span

WIDTH = 110
"""Columns of a condition that is not broken."""


class Writer:
    """Writes the text of one function: its lines, and the names that its blocks have declared.

    Attributes:
        tail: whether the statement being written is the last of the function.
        declared: the Go names of each open block, which are assigned to and not declared again.
        shadowed: by name of a Lua variable in each open block: the Go variable and its type, whose place one
            of that name may take.
        shadows: whether the variable being defined may take such a place.
        temporaries: variables of the emission, and the line behind which each is declared.
        flat: what is left of an expression when all that can be noticed is computed in front; see `order`.
        statements: writes a block; see `stmts`.
        ended: writes a call that never comes back; see `returns`.
        inside: writes the body of a function inside of this one, told whether `r` is that function's own;
            gives the names of its parameters.
    """

    def __init__(
        self,
        context: FunctionContext,
        statements: Callable[[Block], None],
        inside: Callable[[Function, bool], list[str]],
    ) -> None:
        self.context = context
        self.exprs = Expressions(context)
        self.statements = statements
        self.inside = inside
        self.ended: Callable[[Action, Stmt | None], None] = lambda _call, _statement: None
        self.flat: Callable[[Expr], Expr] = lambda expr: expr
        self.tail = False
        self.declared: list[set[str]] = [set()]
        self.shadowed: list[dict[str, tuple[str, str]]] = [{}]
        self.shadows = True
        self.temporaries: list[tuple[Variable, int]] = []

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Takes back all that is written inside of it if that fails for the order of things."""
        lines = len(self.context.lines.lines)
        indent = self.context.lines.indent
        declared, shadowed = [set(names) for names in self.declared], [dict(names) for names in self.shadowed]
        temporaries, loops = len(self.temporaries), (self.context.loops, self.context.endless)
        try:
            yield
        except Unordered:
            del self.context.lines.lines[lines:]
            del self.temporaries[temporaries:]
            self.context.lines.indent = indent
            self.declared, self.shadowed = declared, shadowed
            self.context.hoistable = True
            self.context.loops, self.context.endless = loops
            raise

    def declare(self, variable: Variable) -> str:
        """The Go name of a new variable; one that shadows another of its type takes its place, unless the
        same statement may still need that.
        """
        kind = go_type(variable.type)
        before = self.shadowed[-1].get(variable.name)
        if self.shadows and before is not None and before[1] == kind and not variable.captured:
            self.context.reuse(variable, before[0])
            return before[0]
        name = self.context.declare(variable)
        self.shadowed[-1].pop(variable.name, None)
        if not variable.captured:
            self.shadowed[-1][variable.name] = (name, kind)
        return name

    def add(self, text: str, at: Stmt | None = None) -> None:
        """A line; its comment says in which line of the source the statement stands."""
        comment = self._place(at.span.outermost()) if at is not None else ""
        if isinstance(at, (Define, Evaluate, Assign, Return)) and _suspends(at):
            comment += "  suspends"
        self.context.lines.add(text, comment)

    def _place(self, span: Span) -> str:
        """A line of the source; with the file's name where it is not that of the function."""
        name = span.source.name
        if name == self.context.function.span.outermost().source.name:
            return f":{span.line}"
        return f"{shown_name(name)}:{span.line}"

    def nested(self, block: Block) -> None:
        """A block inside of the open one."""
        self.context.lines.indent += 1
        self.declared.append(set())
        self.shadowed.append({})
        with self.context.names.scope():
            self.statements(block)
        self.shadowed.pop()
        self.declared.pop()
        self.context.lines.indent -= 1

    def open(self, keyword: str, condition: list[str]) -> None:
        """`keyword condition {`; a long condition, given in parts, in several lines."""
        lines = self.context.lines
        whole = " ".join(part.lstrip("\t") for part in condition)
        if 4 * lines.indent + len(f"{keyword} {whole} {{") <= WIDTH:
            condition = [whole]
        *before, last = f"{keyword} {condition[0]}", *condition[1:]
        for index, part in enumerate([*before, f"{last} {{"]):
            lines.indent += index > 0
            lines.add(part)
            lines.indent -= index > 0

    def define_names(self, names: list[str], shown: str, statement: Stmt | None) -> None:
        """`names := shown`, or `=` where all of them exist already in this scope."""
        new = [name for name in names if name != "_" and name not in self.declared[-1]]
        self.declared[-1].update(new)
        self.add(f"{', '.join(names)} {':=' if new else '='} {shown}", statement)

    def initial(self, variable: Variable, value: Expr) -> str:
        """The value that gives a new variable its type: `name := value`."""
        shown = show(self.exprs.as_type(value, variable.type))
        if representation(variable.type) is Repr.NUMBER and isinstance(value, Constant):
            # An untyped integer constant would make an int variable.
            if shown.lstrip("-").isdigit():
                return shown + ".0"
            if value.name:
                return f"float64({shown})"
        return shown

    def closure(self, start: str, function: Function, end: str = "", at: Stmt | None = None) -> None:
        """A function as a value, between `start` and `end`."""
        arguments = self.context.names.child().new(ARGUMENTS)
        self.add(f"{start}lua.NewFunction(func({arguments} lua.Values) lua.Values {{", at)
        self.context.lines.indent += 1
        # It may be kept, and called in another request, or in a timer, which has none.
        lasts = bool(self.context.file.state or self.context.file.modules)
        own = (function.timed or lasts) and touches_request(function)
        if own:
            self.context.lines.add("r := ngx.Running()")
        self.inside(function, own)
        self.context.lines.indent -= 1
        self.context.lines.add("})" + end)

    def discard(self, value: Expr, statement: Stmt | None) -> None:
        """Evaluates an expression for its effect, and for the errors that it may raise."""
        if not has_event(value):
            return
        with self.context.sequence([value]):
            if isinstance(value, Action):
                value.used = 0
            if isinstance(value, Call) and acts(value):
                self.add(show(self.exprs.calls.call(value)), statement)
            else:
                self.add(f"_ = {show(self.exprs.as_type(value, value.type))}", statement)

    def valued(self, value: Expr, statement: Stmt | None) -> Expr:
        """The value, or nil in the place of a call that gives none in Go; the call is made before."""
        if not isinstance(value, Call) or native_results(value):
            return value
        if isinstance(value, Action) and value.entry.ends:
            raise self.context.refuse(value, f"{value.name} does not come back, so it has no value")
        self.discard(value, statement)
        nothing = Constant(value.span, None)
        nothing.type = NIL
        return nothing

    def test(self, condition: Expr, first: bool) -> list[str]:
        """The condition of an arm, in parts; only in front of the first one is a place for statements."""
        self.context.hoistable = first
        with self.context.sequence([condition]):
            shown = self._condition(condition)
        self.context.hoistable = True
        return shown

    def _condition(self, condition: Expr) -> list[str]:
        """The parts of a condition; a lone test of a call that gives a pair becomes `_, ok := …; ok`."""
        negated = False
        inner = condition
        while isinstance(inner, Unary) and inner.operator == "not":
            inner, negated = inner.operand, not negated
        if isinstance(inner, Call) and is_pair(inner):
            flag = Name(self.context.flag_name)
            test: Go = Not(flag) if negated else flag
            return [f"_, {flag.text} := {show(self.exprs.calls.call(inner))}; {show(test)}"]
        return goast.pieces(self.exprs.condition(condition), WIDTH)


def _suspends(statement: Stmt) -> bool:
    """Whether a statement may wait, so that other requests run before it has ended."""
    match statement:
        case Define(values=values) | Assign(values=values) | Return(values=values):
            pending: list[Expr] = list(values)
        case Evaluate(call=call):
            pending = [call]
        case _:
            return False
    while pending:
        expr = pending.pop()
        if isinstance(expr, Action) and expr.entry.suspends and not (expr.used == 0 and expr.entry.unused):
            return True
        if isinstance(expr, Apply) and expr.function.suspends:
            return True
        pending.extend(children(expr))
    return False


def negated(condition: Expr) -> Expr:
    """The opposite of a condition."""
    found = Unary(condition.span, "not", condition)
    found.type = BOOLEAN
    return found
