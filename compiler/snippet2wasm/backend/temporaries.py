"""Values that need Go statements of their own: computed into a variable in front of the statement."""

from __future__ import annotations

import copy
from collections.abc import Callable

from snippet2wasm.analysis.events import events, reads_late, runs_code
from snippet2wasm.analysis.matching import captured_texts
from snippet2wasm.analysis.representation import (
    Repr,
    go_type,
    is_pair,
    may_end,
    native_results,
    needs_statements,
    representation,
)
from snippet2wasm.backend import goast
from snippet2wasm.backend.context import Rest, Unordered
from snippet2wasm.backend.goast import Name, show
from snippet2wasm.backend.writer import Writer, negated
from snippet2wasm.ir.nodes import (
    Action,
    Call,
    Closure,
    Constant,
    Constructor,
    Expr,
    Local,
    Logical,
    Stmt,
    Vararg,
    Variable,
    has_call,
    has_effect,
    is_open,
    spreads,
)
from snippet2wasm.ir.types import ANY, Type


class Temporaries:
    """Computes values of one function in front of the statement that they are part of."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.context = writer.context
        self.exprs = writer.exprs
        self._preset: Expr | None = None  # what the variable that is being computed has been set to
        self.context.lift = self.lift
        self.context.spread = self.spread
        self.context.spread_all = self.spread_all

    def lift(self, expr: Expr, name: str = "value") -> Expr:
        """Computes an expression in front of the current statement, into a variable of this name."""
        if not self.context.move_to_front(expr):
            raise self.context.unordered(
                expr, "this has no Go form here: something else must happen before it"
            )
        return self.temporary(expr, name)

    def spread(self, call: Call, count: int) -> list[Local]:
        """Variables with the first results of a call, which is made in front of the current statement."""
        texts = captured_texts(call)
        if is_open(call) and (texts is None or count > len(texts.entry.results)):
            return self._items(self._list(call), call, count)
        self._to_front(call)
        call = texts or call
        found: list[Local] = []
        names: list[str] = []
        with self.context.sequence([call]):
            shown = show(self.exprs.calls.call(call))
        if not native_results(call):
            self.writer.add(shown)
        for type_ in native_results(call):
            if len(found) == count:
                names.append("_")
                continue
            local = Local(call.span, Variable("value", call.span, type_))
            local.type = type_
            names.append(self.context.declare(local.variable))
            found.append(local)
        if names:
            self.writer.define_names(names, shown, None)
        place = len(self.context.lines.lines)
        self.writer.temporaries += [(local.variable, place) for local in found]
        return found

    def spread_all(self, call: Call, count: int) -> list[Expr]:
        """As spread, with all further results of the call behind the first ones."""
        name = self._list(call)
        rest = Rest(call.span, f"{name}.From({count})")
        rest.type, rest.results = ANY, [ANY]
        return [*self._items(name, call, count), rest]

    def _to_front(self, call: Call) -> None:
        if not self.context.move_to_front(call):
            raise self.context.unordered(call, "the several results of this call have no Go form here")

    def _list(self, call: Call) -> str:
        """The Go variable with all results of a call, which is made in front of the current statement."""
        self._to_front(call)
        with self.context.sequence([call]):
            shown = show(self.exprs.calls.several([call]))
        if isinstance(call, Vararg):
            return shown
        name = self.context.names.new("results")
        self.writer.define_names([name], shown, None)
        return name

    def _items(self, name: str, call: Call, count: int) -> list[Local]:
        """The first values of a list in Go."""
        found = []
        for index in range(count):
            local = Local(call.span, Variable("value", call.span, ANY))
            local.type = call.results[index] if index < len(call.results) else ANY
            self.context.reuse(local.variable, f"{name}.At({index})")
            self.context.plain.add(local.variable)
            found.append(local)
        return found

    def temporary(self, expr: Expr, name: str = "value") -> Expr:
        """A variable with the value of an expression; nil for a call that gives none."""
        if isinstance(expr, Call) and not native_results(expr):
            return self.writer.valued(expr, None)
        variable = Variable(name, expr.span, expr.type)
        if isinstance(expr, Closure):
            variable.name = "function"
        name = self.context.declare(variable)
        if isinstance(expr, Closure):
            self.writer.closure(f"{name} := ", expr.function)
        elif needs_statements(expr):
            self.begin(variable, name, expr)
        else:
            with self.context.sequence([expr]):
                shown = self.writer.initial(variable, expr)
            if self.exprs.is_plain_value(expr):
                self.context.plain.add(variable)
            if representation(variable.type) is Repr.VALUE and not self.exprs.is_value(expr):
                self.writer.add(f"var {name} lua.Value = {shown}")
            else:
                self.writer.define_names([name], shown, None)
        self.writer.temporaries.append((variable, len(self.context.lines.lines)))
        self.context.remember(variable, self.context.origin(expr))
        found = Local(expr.span, variable)
        found.type = expr.type
        return found

    def named(self, name: str, type_: Type, expr: Expr, shown: str) -> Expr:
        """A variable with what has been made of the value of an expression."""
        variable = Variable(name, expr.span, type_)
        self.writer.define_names([self.context.declare(variable)], shown, None)
        self.writer.temporaries.append((variable, len(self.context.lines.lines)))
        found = Local(expr.span, variable)
        found.type = type_
        return found

    def begin(self, variable: Variable, name: str, expr: Expr, statement: Stmt | None = None) -> None:
        """Declares a variable whose value needs statements, and writes them."""
        last = expr.right if isinstance(expr, Logical) and expr.operator == "or" else None
        kind = representation(variable.type)
        scalar = kind in (Repr.STRING, Repr.NUMBER, Repr.BOOL)
        if scalar and isinstance(last, Constant) and representation(last.type) is kind:
            self._preset = last  # `x := 1`, and what it is otherwise
            self.writer.define_names([name], self.writer.initial(variable, last), statement)
        elif isinstance(last, Local) and _is_choice(expr) and self._stays(last, variable.type):
            self._preset = last  # `x := y`, and what it is otherwise
            self.writer.define_names([name], show(self.exprs.native(last)), statement)
        elif isinstance(expr, Logical) and expr.operator == "or" and self._starts(expr.left, variable.type):
            try:
                with self.writer.attempt():
                    self._first_or(variable, name, expr, statement)
                return
            except Unordered:
                self.writer.add(f"var {name} {go_type(variable.type)}", statement)
        else:
            self.writer.add(f"var {name} {go_type(variable.type)}", statement)
        self.into(name, expr, variable.type, fresh=True)

    def _stays(self, last: Local, wanted: Type) -> bool:
        """Whether a variable has the Go type that is wanted, and is the same before and after a test."""
        fixed = not (last.variable.assigned or last.variable.lasting or last.variable in self.context.pairs)
        return fixed and go_type(last.variable.type) == go_type(wanted)

    def _starts(self, first: Expr, wanted: Type) -> bool:
        """Whether a variable can hold the first operand of `or` as it is, until it is tested."""
        chooses = isinstance(first, Logical) and first.operator == "and" and not first.right.type.falsy.kinds
        if may_end(first) or chooses:  # `a and b or c` with a true b is a choice
            return False
        match representation(wanted):
            case Repr.VALUE:
                return True
            case Repr.OPT_STRING | Repr.OPT_NUMBER:
                return first.type.only("string", "nil") or first.type.only("number", "nil")
            case Repr.STRING | Repr.NUMBER:
                return _is_pair(first)
            case _:
                return False

    def _first_or(self, variable: Variable, name: str, expr: Logical, statement: Stmt | None) -> None:
        """`x := a`, and `if x is nil { x = b }`: the value of `a or b`."""
        first, kind = expr.left, representation(variable.type)
        test = f"!lua.Truthy({name})" if kind is Repr.VALUE else f"{name}.IsNil()"
        if kind in (Repr.STRING, Repr.NUMBER):
            assert isinstance(first, Call)
            flag = self.context.new_flag(variable)
            test = f"!{flag}"
            with self.context.sequence([first]):
                self.writer.define_names([name, flag], show(self.exprs.calls.call(first)), statement)
        elif needs_statements(first):
            self.begin(variable, name, first, statement)
        else:
            with self.context.sequence([first]):
                shown = show(self.exprs.as_type(first, variable.type))
            if kind is Repr.VALUE and not self.exprs.is_value(first):
                self.writer.add(f"var {name} lua.Value = {shown}", statement)
            else:
                self.writer.define_names([name], shown, statement)
        self.writer.open("if", [test])
        self._indented(name, expr.right, variable.type, fresh=False)
        self.context.lines.add("}")

    def into(self, name: str, expr: Expr, wanted: Type, fresh: bool) -> None:
        """Assigns the value of an expression to a Go variable; a fresh one is nil already."""
        if isinstance(expr, Closure):
            self.writer.closure(f"{name} = ", expr.function)
        elif isinstance(expr, Action) and expr.entry.ends:
            self.writer.ended(expr, None)
        elif isinstance(expr, Constructor) and needs_statements(expr):
            # What is in a table may look at the variable that is to hold it.
            in_place = fresh and go_type(wanted) == "*lua.Table"
            table = name if in_place else self.context.names.new("table")
            self.writer.add(f"{table} {'=' if table == name else ':='} lua.NewTable({len(expr.fields)})")
            self._table(table, expr)
            if table != name:
                self.writer.add(f"{name} = {table}")
        elif not isinstance(expr, Logical) or not needs_statements(expr):
            self._into_simple(name, expr, wanted)
        elif expr.operator == "and":
            once = _is_pair(expr.left) or _is_constant(expr.left.type.falsy)
            left = expr.left if once else self._operand(expr.left)
            otherwise = self._narrowed(left, left.type.falsy)
            self._choose(name, [(left, expr.right)], otherwise, wanted, fresh)
        else:
            try:
                with self.writer.attempt():
                    self._choose_first(name, _alternatives(expr), wanted, fresh)
            except Unordered:
                left = self.temporary(expr.left)
                narrowed = self._narrowed(left, left.type.truthy)
                self._choose(name, [(left, narrowed)], expr.right, wanted, fresh)

    def _table(self, name: str, table: Constructor) -> None:
        """Sets the fields of a new table one by one. LuaJIT begins with those that are constants."""
        places: dict[int, int] = {}
        for index, (key, _) in enumerate(table.fields):
            if key is None:
                places[index] = len(places) + 1
        entries = sorted(enumerate(table.fields), key=lambda item: not _is_known_entry(*item[1]))
        for index, (key, value) in entries:
            late = key is not None and reads_late(key, self.context.function)
            with self.context.sequence([value] if key is None or late else [key, value]):
                if late and any(map(runs_code, events([value]))):
                    value = self.lift(value)
                if key is not None:
                    keyed = [
                        Name(name),
                        self.exprs.value(key),
                        self.exprs.value(value),
                        self.exprs.operand(key),
                    ]
                    self.writer.add(show(goast.call("lua.SetIndex", *keyed)))
                    continue
                place = Name(str(places[index]))
                if index == len(table.fields) - 1 and spreads([value]) is not None:
                    rest = self.exprs.calls.several([value])
                    self.writer.add(show(goast.method(Name(name), "SetFrom", place, rest)))
                else:
                    self.writer.add(show(goast.method(Name(name), "Set", place, self.exprs.value(value))))

    def _into_simple(self, name: str, expr: Expr, wanted: Type) -> None:
        if self._holds_already(name, expr, wanted):
            return
        try:
            with self.writer.attempt(), self.context.sequence([expr]):
                shown = show(self.exprs.as_type(expr, wanted))
        except Unordered:
            shown = show(self.exprs.as_type(self.writer.flat(expr), wanted))
        if shown != name:
            self.writer.add(f"{name} = {shown}")

    def _choose_first(self, name: str, alternatives: list[Expr], wanted: Type, fresh: bool) -> None:
        """`a or b or c`: the first that is true, else the last."""
        arms: list[tuple[Expr, Expr]] = []
        for item in alternatives[:-1]:
            if isinstance(item, Logical) and item.operator == "and" and not item.right.type.falsy.kinds:
                arms.append((item.left, item.right))
            elif _is_pair(item):
                arms.append((item, item))
            elif arms and has_call(item):
                raise self.context.unordered(item, "this alternative has no Go form yet")
            else:
                operand = item if _is_constant(item.type.truthy) else self._operand(item)
                arms.append((operand, self._narrowed(operand, operand.type.truthy)))
        self._choose(name, arms, alternatives[-1], wanted, fresh)

    def _operand(self, expr: Expr) -> Expr:
        """An operand that is both test and value: evaluated once."""
        if not (has_call(expr) or has_effect(expr) or needs_statements(expr)):
            return expr
        try:
            with self.writer.attempt():
                return self.temporary(expr)
        except Unordered:
            return self.writer.flat(expr)

    def _narrowed(self, expr: Expr, type_: Type) -> Expr:
        """The operand of `and` or `or` where it is the value itself: its test has been made."""
        if _is_constant(type_):
            constant = Constant(expr.span, None if type_.only("nil") else type_.only("true"))
            constant.type = type_
            return constant
        found = copy.copy(expr)
        found.type = type_
        return found

    def _choose(
        self, name: str, arms: list[tuple[Expr, Expr]], otherwise: Expr, wanted: Type, fresh: bool
    ) -> None:
        """Assigns the value of the first arm whose condition holds, else the last one."""
        if arms and self._holds_already(name, arms[0][1], wanted):
            self.writer.open("if", self._test(negated(arms[0][0]), first=True))
            self._nested(lambda: self._choose_rest(name, arms[1:], otherwise, wanted))
            self.context.lines.add("}")
            return
        for index, (condition, value) in enumerate(arms):
            if value is condition and isinstance(condition, Call):
                shown, value = self._bound(condition, first=index == 0)
            else:
                shown = self._test(condition, first=index == 0)
            self.writer.open("if" if index == 0 else "} else if", shown)
            self._indented(name, value, wanted, fresh)
        is_nil = fresh and isinstance(otherwise, Constant) and otherwise.value is None
        if not is_nil and otherwise is not self._preset:
            self.context.lines.add("} else {")
            self._indented(name, otherwise, wanted, fresh)
        self.context.lines.add("}")

    def _test(self, condition: Expr, first: bool) -> list[str]:
        """The condition of an arm; what the first one needs may stand in front of it."""
        try:
            with self.writer.attempt():
                return self.writer.test(condition, first)
        except Unordered:
            if not first:
                raise
            return self.writer.test(self.writer.flat(condition), first)

    def _bound(self, call: Call, first: bool) -> tuple[list[str], Expr]:
        """`value, ok := call(); ok`, and the value where it holds."""
        self.context.hoistable = first
        with self.context.sequence([call]):
            shown = show(self.exprs.calls.call(call))
        self.context.hoistable = True
        type_ = native_results(call)[0].drop("nil")
        variable = Variable("value", call.span, type_)
        value = Local(call.span, variable)
        value.type = type_
        flag = self.context.free_flag()
        return [f"{self.context.declare(variable)}, {flag} := {shown}; {flag}"], value

    def _choose_rest(self, name: str, arms: list[tuple[Expr, Expr]], otherwise: Expr, wanted: Type) -> None:
        if arms:
            self._choose(name, arms, otherwise, wanted, fresh=False)
        else:
            self.into(name, otherwise, wanted, fresh=False)

    def _holds_already(self, name: str, value: Expr, wanted: Type) -> bool:
        """Whether a Go variable holds a value without being assigned it: `x = x or …`."""
        if not isinstance(value, Local):
            return False
        if not (value.variable.lasting or self.context.is_declared(value.variable)):
            return False
        same = representation(value.variable.type) is representation(wanted)
        return same and self.context.target(value.variable) == name

    def _indented(self, name: str, value: Expr, wanted: Type, fresh: bool) -> None:
        self._nested(lambda: self.into(name, value, wanted, fresh))

    def _nested(self, write: Callable[[], None]) -> None:
        self.context.lines.indent += 1
        self.writer.declared.append(set())
        with self.context.names.scope():
            write()
        self.writer.declared.pop()
        self.context.lines.indent -= 1


def _is_constant(type_: Type) -> bool:
    """Whether a value of this type is known: nil, true or false."""
    return type_.only("nil") or type_.only("true") or type_.only("false")


def _is_choice(expr: Expr) -> bool:
    """Whether an expression is `a and b or c`, with b that is true."""
    match expr:
        case Logical(operator="or", left=Logical(operator="and", right=right)):
            return not right.type.falsy.kinds
        case _:
            return False


def _is_pair(expr: Expr) -> bool:
    return isinstance(expr, Call) and is_pair(expr)


def _alternatives(expr: Expr) -> list[Expr]:
    """The operands of a chain of `or`."""
    if isinstance(expr, Logical) and expr.operator == "or" and needs_statements(expr):
        return [*_alternatives(expr.left), expr.right]
    return [expr]


def _is_known_entry(key: Expr | None, value: Expr) -> bool:
    """Whether an entry of a table constructor is known when it is compiled."""
    return isinstance(value, Constant) and (key is None or isinstance(key, Constant))
