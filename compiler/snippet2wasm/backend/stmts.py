"""Statements and functions: IR → Go."""

from __future__ import annotations

import copy

from snippet2wasm.analysis.events import acts, has_event
from snippet2wasm.analysis.representation import (
    Repr,
    go_type,
    is_pair,
    native_results,
    needs_statements,
    representation,
)
from snippet2wasm.backend import goast
from snippet2wasm.backend.context import FileContext, FunctionContext
from snippet2wasm.backend.exprs import Expressions
from snippet2wasm.backend.goast import Go, Line, Lines, Name, Not, show, show_list
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Assign,
    Block,
    Call,
    Constant,
    Define,
    Do,
    Evaluate,
    Expr,
    Function,
    If,
    Local,
    Logical,
    Return,
    Stmt,
    Unary,
    Variable,
    children,
    has_call,
    walk_expressions,
    walk_statements,
)
from snippet2wasm.ir.types import STRING, Type


def emit_function(file: FileContext, function: Function, handler: bool) -> tuple[Lines, list[str]]:
    """The body of a function, and the names of its parameters; the signature is `signature`'s."""
    unused: set[tuple[str, Variable]] = set()
    while True:
        context = FunctionContext(file, function, handler, unused)
        emitter = _Statements(context)
        names = [context.declare(parameter) for parameter in function.parameters]
        emitter.block(function.body)
        emitter.end()
        found = context.unused() - {("value", parameter) for parameter in function.parameters}
        if not found:
            return context.lines, names
        unused |= found  # Go refuses variables that nothing uses, so they are left out in another round


def check_types(function: Function) -> None:
    """Checks that every variable and result of a function has a Go type.

    Raises:
        Refusal: S2W301.
    """
    variables = [*function.parameters]
    for statement in walk_statements(function.body):
        if isinstance(statement, Define):
            variables += statement.variables
    places = [(item.type, item.span, f"the variable {item.name!r}") for item in variables]
    places += [(expr.type, expr.span, "this value") for expr in walk_expressions(function.body)]
    places += [(result, function.span, "a result of this function") for result in function.results]
    for type_, span, what in places:
        try:
            representation(type_)
        except ValueError:
            reason = "a library object and another kind of value have no common Go type"
            raise Refusal(Diagnostic("S2W301", f"{what} may be {type_}", span, reason=reason)) from None


def signature(file: FileContext, function: Function, names: list[str]) -> str:
    """The Go signature of a function of the program, without `func`."""
    parts: list[tuple[str, str]] = []
    if function.needs_request:
        parts.append(("r", "*ngx.Request"))
    if function.needs_config:
        parts.append(("cfg", "*Config"))
    types = [go_type(parameter.type) for parameter in function.parameters]
    parts += zip(names, types, strict=True)
    shown = []
    for index, (name, type_) in enumerate(parts):
        same = index + 1 < len(parts) and parts[index + 1][1] == type_
        shown.append(name if same else f"{name} {type_}")
    results = _result_types(function)
    tail = "" if not results else f" {results[0]}" if len(results) == 1 else f" ({', '.join(results)})"
    return f"{file.functions[function]}({', '.join(shown)}){tail}"


def _result_types(function: Function) -> list[str]:
    if len(function.results) == 1 and representation(function.results[0]) is Repr.OPT_STRING:
        return ["string", "bool"]
    return [go_type(result) for result in function.results]


_ZERO = {"string": '""', "float64": "0", "bool": "false", "lua.OptString": "lua.None"}


class _Statements:
    def __init__(self, context: FunctionContext) -> None:
        self.context = context
        self.exprs = Expressions(context)
        self.declared: list[set[str]] = [set()]
        self.shadowed: list[dict[str, tuple[str, str]]] = [{}]
        self.tail = False
        self.shadows = True
        self.temporaries: list[tuple[Variable, int]] = []
        context.lift = self._lift
        context.spread = self._spread

    def end(self) -> None:
        """Returns nil at the end of a function that can get there."""
        function = self.context.function
        if function.results and not self.context.handler and not function.body.ends:
            self.context.lines.add("return" + self._zero(function.results))
        for variable, place in reversed(self.temporaries):
            if not self.context.is_used(variable):
                lines = self.context.lines.lines
                lines.insert(place, Line(lines[place - 1].indent, f"_ = {self.context.target(variable)}"))

    def block(self, block: Block) -> None:
        """Emits statements at the current indentation."""
        for index, statement in enumerate(block.statements):
            self.tail = len(self.declared) == 1 and index == len(block.statements) - 1
            self._statement(statement)

    def _declare(self, variable: Variable) -> str:
        """The Go name of a new variable; one that shadows another of its type takes its place, unless the
        same statement may still need that.
        """
        kind = go_type(variable.type)
        before = self.shadowed[-1].get(variable.name)
        if self.shadows and before is not None and before[1] == kind:
            self.context.reuse(variable, before[0])
            return before[0]
        name = self.context.declare(variable)
        self.shadowed[-1][variable.name] = (name, kind)
        return name

    def _add(self, text: str, at: Stmt | None = None) -> None:
        comment = f":{at.span.outermost().line}" if at is not None else ""
        if isinstance(at, (Define, Evaluate, Assign, Return)) and self._suspends(at):
            comment += "  suspends"
        self.context.lines.add(text, comment)

    def _suspends(self, statement: Stmt) -> bool:
        match statement:
            case Define(values=values) | Assign(values=values) | Return(values=values):
                pending: list[Expr] = list(values)
            case Evaluate(call=call):
                pending = [call]
            case _:
                return False
        while pending:
            expr = pending.pop()
            if (
                isinstance(expr, Action)
                and expr.entry.suspends
                and not (expr.used == 0 and expr.entry.unused)
            ):
                return True
            if isinstance(expr, Apply) and expr.function.suspends:
                return True
            pending.extend(children(expr))
        return False

    def _nested(self, block: Block) -> None:
        self.context.lines.indent += 1
        self.declared.append(set())
        self.shadowed.append({})
        self.block(block)
        self.shadowed.pop()
        self.declared.pop()
        self.context.lines.indent -= 1

    def _statement(self, statement: Stmt) -> None:
        match statement:
            case Define():
                self._define(statement)
            case Assign():
                self._assign(statement)
            case Evaluate(call=call):
                self._evaluate(call, statement)
            case If():
                self._if(statement)
            case Do(body=body):
                self._do(body)
            case Return():
                self._return(statement)
            case _:
                raise AssertionError(f"unknown statement {statement}")

    def _do(self, body: Block) -> None:
        self.context.lines.add("{")
        self._nested(body)
        self.context.lines.add("}")

    # Definitions and assignments

    def _define(self, statement: Define) -> None:
        variables, values = statement.variables, statement.values
        last = values[-1] if values else None
        head = len(values) - 1
        spreads = len(values) < len(variables) and isinstance(last, Call) and not last.adjusted
        if spreads and isinstance(last, Call) and len(native_results(last)) > 1:
            self._define_each(variables[:head], values[:head], statement)
            self.shadows = True
            with self.context.sequence([last]):
                self._define_results(Define(statement.span, variables[head:], [last]), last)
            return
        self._define_each(variables, values, statement)
        for value in values[len(variables) :]:
            self._discard(value, statement)

    def _define_each(self, variables: list[Variable], values: list[Expr], statement: Define) -> None:
        """One variable after the other, nil where there are no values left."""
        self.shadows = len(statement.variables) == 1
        for index, variable in enumerate(variables):
            value = values[index] if index < len(values) else Constant(statement.span, None)
            with self.context.sequence([value]):
                self._define_one(variable, self._valued(value, statement), statement)

    def _valued(self, value: Expr, statement: Stmt) -> Expr:
        """The value, or nil in the place of a call that gives none in Go; the call is made before."""
        if not isinstance(value, Call) or native_results(value):
            return value
        if isinstance(value, Action) and value.entry.ends:
            raise self.context.refuse(value, f"{value.name} does not come back, so it has no value")
        self._discard(value, statement)
        return Constant(value.span, None)

    def _define_one(self, variable: Variable, value: Expr, statement: Stmt) -> None:
        if variable in self.context.pairs:
            self._define_pair(variable, value, statement)
            return
        if not self.context.is_read(variable) and not variable.assigned:
            self._discard(value, statement)
            return
        if isinstance(value, Call) and len(native_results(value)) > 1:
            self._define_results(Define(statement.span, [variable], [value]), value)
            return
        if needs_statements(value):
            name = self.context.declare(variable)
            self._add(f"var {name} {go_type(variable.type)}", statement)
            self._into(name, value, variable.type, fresh=True)
        else:
            self._define_simple(variable, value, statement)
        if not self.context.is_read(variable):
            self._add(f"_ = {self.context.target(variable)}")

    def _define_pair(self, variable: Variable, value: Expr, statement: Stmt) -> None:
        """`v, ok := call()`."""
        assert isinstance(value, Call)
        name = self.context.declare(variable) if self.context.is_read(variable) else "_"
        flag = self.context.declare_flag(variable)
        if name == flag == "_":
            self._discard(value, statement)
        else:
            self._define_names([name, flag], show(self.exprs.calls.call(value)), statement)

    def _define_simple(self, variable: Variable, value: Expr, statement: Stmt) -> None:
        shown = self._initial(variable, value)
        name = self._declare(variable)
        if name == shown:
            return  # it shadows a variable whose place it takes
        if name in self.declared[-1]:
            self._add(f"{name} = {shown}", statement)
        elif isinstance(value, Constant) and value.value is None:
            self._add(f"var {name} {go_type(variable.type)}", statement)
            self.declared[-1].add(name)
        elif representation(variable.type) is Repr.VALUE:
            self._add(f"var {name} lua.Value = {shown}", statement)
            self.declared[-1].add(name)
        else:
            self._define_names([name], shown, statement)

    # Values that need statements: `a and b or c`

    def _lift(self, expr: Expr) -> Local:
        """Computes an expression in front of the current statement."""
        if not self.context.move_to_front(expr):
            raise self.context.refuse(expr, "this has no Go form here: something else must happen before it")
        return self._temporary(expr)

    def _spread(self, call: Call, count: int) -> list[Local]:
        """Variables with the first results of a call, which is made in front of the current statement."""
        if not self.context.move_to_front(call):
            raise self.context.refuse(call, "the several results of this call have no Go form here")
        found: list[Local] = []
        names: list[str] = []
        with self.context.sequence([call]):
            shown = show(self.exprs.calls.call(call))
        for type_ in native_results(call):
            if len(found) == count:
                names.append("_")
                continue
            local = Local(call.span, Variable("value", call.span, type_))
            local.type = type_
            names.append(self.context.declare(local.variable))
            found.append(local)
        self._define_names(names, shown, None)
        place = len(self.context.lines.lines)
        self.temporaries += [(local.variable, place) for local in found]
        return found

    def _temporary(self, expr: Expr) -> Local:
        """A variable with the value of an expression."""
        variable = Variable("value", expr.span, expr.type)
        name = self.context.declare(variable)
        if needs_statements(expr):
            self._add(f"var {name} {go_type(expr.type)}")
            self._into(name, expr, expr.type, fresh=True)
        else:
            with self.context.sequence([expr]):
                shown = self._initial(variable, expr)
            if representation(variable.type) is Repr.VALUE:
                self._add(f"var {name} lua.Value = {shown}")
            else:
                self._define_names([name], shown, None)
        self.temporaries.append((variable, len(self.context.lines.lines)))
        self.context.remember(variable, self.context.origin(expr))
        found = Local(expr.span, variable)
        found.type = expr.type
        return found

    def _into(self, name: str, expr: Expr, wanted: Type, fresh: bool) -> None:
        """Assigns the value of an expression to a Go variable; a fresh one is nil already."""
        if not isinstance(expr, Logical) or not needs_statements(expr):
            with self.context.sequence([expr]):
                shown = show(self.exprs.as_type(expr, wanted))
            if shown != name:
                self._add(f"{name} = {shown}")
        elif expr.operator == "and":
            left = expr.left if _is_pair(expr.left) else self._operand(expr.left)
            otherwise = self._narrowed(left, left.type.falsy)
            self._choose(name, [(left, expr.right)], otherwise, wanted, fresh)
        else:
            self._choose_first(name, _alternatives(expr), wanted, fresh)

    def _choose_first(self, name: str, alternatives: list[Expr], wanted: Type, fresh: bool) -> None:
        """`a or b or c`: the first that is true, else the last."""
        arms: list[tuple[Expr, Expr]] = []
        for item in alternatives[:-1]:
            if isinstance(item, Logical) and item.operator == "and" and not item.right.type.falsy.kinds:
                arms.append((item.left, item.right))
            elif _is_pair(item):
                arms.append((item, item))
            elif arms and has_call(item):
                raise self.context.refuse(item, "this alternative has no Go form yet")
            else:
                operand = self._operand(item)
                arms.append((operand, self._narrowed(operand, operand.type.truthy)))
        self._choose(name, arms, alternatives[-1], wanted, fresh)

    def _operand(self, expr: Expr) -> Expr:
        """An operand that is both test and value: evaluated once."""
        return self._temporary(expr) if has_call(expr) or needs_statements(expr) else expr

    def _narrowed(self, expr: Expr, type_: Type) -> Expr:
        """The operand of `and` or `or` where it is the value itself: its test has been made."""
        if type_.only("nil"):
            return Constant(expr.span, None)
        found = copy.copy(expr)
        found.type = type_
        return found

    def _choose(
        self, name: str, arms: list[tuple[Expr, Expr]], otherwise: Expr, wanted: Type, fresh: bool
    ) -> None:
        """Assigns the value of the first arm whose condition holds, else the last one."""
        for index, (condition, value) in enumerate(arms):
            if value is condition and isinstance(condition, Call):
                shown, value = self._bound(condition, first=index == 0)
            else:
                shown = self._test(condition, first=index == 0)
            self.context.lines.add(f"{'if' if index == 0 else '} else if'} {shown} {{")
            self._indented(name, value, wanted, fresh)
        if not (fresh and isinstance(otherwise, Constant) and otherwise.value is None):
            self.context.lines.add("} else {")
            self._indented(name, otherwise, wanted, fresh)
        self.context.lines.add("}")

    def _bound(self, call: Call, first: bool) -> tuple[str, Expr]:
        """`value, ok := call(); ok`, and the value where it holds."""
        self.context.hoistable = first
        with self.context.sequence([call]):
            shown = show(self.exprs.calls.call(call))
        self.context.hoistable = True
        variable = Variable("value", call.span, STRING)
        value = Local(call.span, variable)
        value.type = STRING
        flag = self.context.free_flag()
        return f"{self.context.declare(variable)}, {flag} := {shown}; {flag}", value

    def _indented(self, name: str, value: Expr, wanted: Type, fresh: bool) -> None:
        self.context.lines.indent += 1
        self.declared.append(set())
        self._into(name, value, wanted, fresh)
        self.declared.pop()
        self.context.lines.indent -= 1

    def _initial(self, variable: Variable, value: Expr) -> str:
        shown = show(self.exprs.as_type(value, variable.type))
        if representation(variable.type) is Repr.NUMBER and isinstance(value, Constant):
            # An untyped integer constant would make an int variable.
            if shown.lstrip("-").isdigit():
                return shown + ".0"
            if value.name:
                return f"float64({shown})"
        return shown

    def _define_names(self, names: list[str], shown: str, statement: Stmt | None) -> None:
        """`names := shown`, or `=` where all of them exist already in this scope."""
        new = [name for name in names if name != "_" and name not in self.declared[-1]]
        self.declared[-1].update(new)
        self._add(f"{', '.join(names)} {':=' if new else '='} {shown}", statement)

    def _define_results(self, statement: Define, call: Call) -> None:
        """`local a, b = f()`."""
        found = native_results(call)
        shown = show(self.exprs.calls.call(call))
        names: list[str] = []
        later: list[tuple[Variable, str]] = []
        only_assigned: list[str] = []
        for index, variable in enumerate(statement.variables):
            read = self.context.is_read(variable)
            if index >= len(found):
                later.append((variable, ""))
            elif not read and not variable.assigned:
                names.append("_")
            elif go_type(found[index]) == go_type(variable.type):
                names.append(self._declare(variable))
                only_assigned += [names[-1]] * (not read)
            else:
                names.append(self.context.names.new("result"))
                later.append((variable, names[-1]))
        names += ["_"] * (len(found) - len(names))
        if all(name == "_" for name in names):
            self._add(shown, statement)
        else:
            self._define_names(names, shown, statement)
        for name in only_assigned:
            self._add(f"_ = {name}")
        for variable, source in later:
            self._define_from(variable, source)

    def _define_from(self, variable: Variable, source: str) -> None:
        """Defines a variable from a result of another type, or as nil where there is none."""
        if not self.context.is_read(variable) and not variable.assigned:
            return
        name = self.context.declare(variable)
        if source and representation(variable.type) is Repr.OPT_STRING:
            source = f"lua.Some({source})"  # the call gives a string, later values may be nil
        self._add(f"var {name} {go_type(variable.type)}" + (f" = {source}" if source else ""))
        if not self.context.is_read(variable):
            self._add(f"_ = {name}")

    def _assign(self, statement: Assign) -> None:
        pairs = list(zip(statement.variables, statement.values, strict=False))
        if len(pairs) != len(statement.variables) or len(statement.values) > len(statement.variables):
            raise self.context.refuse(
                statement.values[-1], "this assignment of several results has no Go form yet"
            )
        if len(pairs) == 1 and needs_statements(pairs[0][1]):
            self._into(self.context.target(pairs[0][0]), pairs[0][1], pairs[0][0].type, fresh=False)
            return
        if len(set(statement.variables)) == len(pairs):
            pairs = [(variable, value) for variable, value in pairs if not _holds(value, variable)]
        if not pairs:
            return
        with self.context.sequence(statement.values):
            values = [show(self.exprs.as_type(value, variable.type)) for variable, value in pairs]
        # Lua assigns from right to left: of one variable named twice, the leftmost value stays.
        targets = [self.context.target(variable) for variable, _ in pairs]
        names = [name if name not in targets[:index] else "_" for index, name in enumerate(targets)]
        if names != values:  # go vet takes exception to `b = b`, which tostring(b) may have become
            self._add(f"{', '.join(names)} = {', '.join(values)}", statement)

    # Calls

    def _evaluate(self, call: Call, statement: Stmt) -> None:
        if isinstance(call, Action) and call.entry.ends:
            with self.context.sequence([call]):
                self._exit(call, statement)
            return
        self._discard(call, statement)

    def _exit(self, call: Action, statement: Stmt) -> None:
        self._add(show(self.exprs.calls.call(call)), statement)
        results = [] if self.context.handler else self.context.function.results
        if results or not self.tail:
            self._add("return" + self._zero(results))

    def _zero(self, results: list[Type]) -> str:
        """The zero values of the results: what follows a call that never comes back."""
        shown = []
        for type_ in (
            ["string", "bool"]
            if self._returns_pair() and results
            else [go_type(result) for result in results]
        ):
            struct = "." in type_ and type_[0] != "*" and type_ != "lua.Value"
            shown.append(_ZERO.get(type_, f"{type_}{{}}" if struct else "nil"))
        return " " + ", ".join(shown) if shown else ""

    def _discard(self, value: Expr, statement: Stmt) -> None:
        """Evaluates an expression for its effect, and for the errors that it may raise."""
        if not has_event(value):
            return
        with self.context.sequence([value]):
            if isinstance(value, Action):
                value.used = 0
            if isinstance(value, Call) and acts(value):
                self._add(show(self.exprs.calls.call(value)), statement)
            else:
                self._add(f"_ = {show(self.exprs.as_type(value, value.type))}", statement)

    # Control flow

    def _if(self, statement: If) -> None:
        for index, (condition, body) in enumerate(statement.arms):
            shown = self._test(condition, first=index == 0)
            self.context.lines.add(f"{'if' if index == 0 else '} else if'} {shown} {{")
            self._nested(body)
        if statement.otherwise is not None:
            self.context.lines.add("} else {")
            self._nested(statement.otherwise)
        self.context.lines.add("}")

    def _test(self, condition: Expr, first: bool) -> str:
        """The condition of an arm; only in front of the first one there is a place for statements."""
        self.context.hoistable = first
        with self.context.sequence([condition]):
            shown = self._condition(condition)
        self.context.hoistable = True
        return shown

    def _condition(self, condition: Expr) -> str:
        """The text of a condition; a lone test of a call that gives a pair becomes `_, ok := …; ok`."""
        negated = False
        inner = condition
        while isinstance(inner, Unary) and inner.operator == "not":
            inner, negated = inner.operand, not negated
        if isinstance(inner, Call) and is_pair(inner):
            test: Go = Not(Name("ok")) if negated else Name("ok")
            return f"_, ok := {show(self.exprs.calls.call(inner))}; {show(test)}"
        return show(self.exprs.condition(condition))

    def _returns_pair(self) -> bool:
        results = self.context.function.results
        return len(results) == 1 and representation(results[0]) is Repr.OPT_STRING

    def _return(self, statement: Return) -> None:
        with self.context.sequence(statement.values):
            self._return_values(statement)

    def _return_values(self, statement: Return) -> None:
        values = statement.values
        results = self.context.function.results
        if self.context.handler:
            for value in values:
                if isinstance(value, Action) and value.entry.ends:
                    self._exit(value, statement)
                    return
                self._discard(value, statement)
            if not self.tail:
                self._add("return", statement if not values else None)
            return
        if len(values) == 1 and isinstance(last := values[0], Action) and last.entry.ends:
            self._exit(last, statement)
            return
        if any(isinstance(value, Call) and not native_results(value) for value in values):
            if any(has_event(value) for value in values[:-1]):
                raise self.context.refuse(values[-1], "these results have no Go form yet")
            values = [self._valued(value, statement) for value in values]
        if self._returns_pair():
            self._add(f"return {self._pair(values)}", statement)
            return
        if len(values) == 1 and len(results) > 1 and isinstance(values[0], Call):
            if [go_type(type_) for type_ in native_results(values[0])] != [
                go_type(type_) for type_ in results
            ]:
                raise self.context.refuse(values[0], "these results have no Go form yet")
            self._add(f"return {show(self.exprs.calls.call(values[0]))}", statement)
            return
        values = self.exprs.calls.expanded(values, len(results))
        padded = values + [Constant(statement.span, None) for _ in results[len(values) :]]
        shown = [self.exprs.as_type(value, type_) for value, type_ in zip(padded, results, strict=False)]
        if shown or not self.tail:
            self._add(f"return {show_list(shown)}".rstrip(), statement)

    def _pair(self, values: list[Expr]) -> str:
        """The results of a function that returns a string or nil."""
        if not values or (isinstance(values[0], Constant) and values[0].value is None):
            return '"", false'
        value = values[0]
        if isinstance(value, Call) and is_pair(value):
            return show(self.exprs.calls.call(value))
        if (
            isinstance(value, Local)
            and value.variable in self.context.pairs
            and not value.type.only("string")
        ):
            return f"{self.context.name(value.variable)}, {self.context.flag(value.variable)}"
        if value.type.only("string"):
            return f"{show(self.exprs.text(value))}, true"
        return show(goast.method(self.exprs.optional(value), "Get"))


def _holds(value: Expr, variable: Variable) -> bool:
    """Whether a value is that of the variable itself."""
    return isinstance(value, Local) and value.variable is variable


def _is_pair(expr: Expr) -> bool:
    return isinstance(expr, Call) and is_pair(expr)


def _alternatives(expr: Expr) -> list[Expr]:
    """The operands of a chain of `or`."""
    if isinstance(expr, Logical) and expr.operator == "or" and needs_statements(expr):
        return [*_alternatives(expr.left), expr.right]
    return [expr]
