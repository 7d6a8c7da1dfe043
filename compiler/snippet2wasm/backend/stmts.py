"""Statements and functions: IR → Go."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

from snippet2wasm.analysis.events import acts, events, has_event, reads_late, runs_code
from snippet2wasm.analysis.representation import (
    Repr,
    go_type,
    is_pair,
    native_results,
    needs_statements,
    representation,
)
from snippet2wasm.backend import goast
from snippet2wasm.backend.context import FileContext, FunctionContext, Unordered
from snippet2wasm.backend.exprs import Expressions
from snippet2wasm.backend.goast import Go, Line, Lines, Name, Not, show, show_assigned, show_list
from snippet2wasm.backend.naming import camel
from snippet2wasm.diagnostics import Diagnostic, Refusal
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
    HookCall,
    If,
    Index,
    Invoke,
    Local,
    Logical,
    NumericFor,
    Record,
    Repeat,
    Return,
    Stmt,
    Store,
    Unary,
    Vararg,
    Variable,
    While,
    children,
    declared,
    has_call,
    inner_functions,
    is_loop,
    is_open,
    is_self_call,
    spreads,
    walk_expressions,
    walk_statements,
)
from snippet2wasm.ir.types import ANY, BOOLEAN, NIL, NUMBER, STRING, Type


def emit_function(file: FileContext, function: Function, handler: bool) -> tuple[Lines, list[str]]:
    """The body of a function, and the names of its parameters; the signature is `signature`'s."""
    unused: set[tuple[str, Variable]] = set()
    while True:
        context = FunctionContext(file, function, handler, unused)
        names = _Statements(context).function()
        found = context.unused() - {("value", item) for item in _parameters(function)}
        if not found:
            return context.lines, names
        unused |= found  # Go refuses variables that nothing uses, so they are left out in another round


def _parameters(function: Function) -> list[Variable]:
    """The parameters of a function and of those inside of it that are no values: unused ones are fine."""
    inner = [each for each in inner_functions(function.body) if not each.value]
    return [parameter for each in (function, *inner) for parameter in each.parameters]


def check_types(function: Function) -> None:
    """Checks that every variable and result of a function has a Go type.

    Raises:
        Refusal: S2W301.
    """
    variables = [*function.parameters]
    for statement in walk_statements(function.body):
        variables += declared(statement)
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
    return file.functions[function] + _parameters_and_results(function, names)


def _parameters_and_results(function: Function, names: list[str]) -> str:
    if function.value:
        return "(args lua.Values) lua.Values"
    parts: list[tuple[str, str]] = []
    if function.needs_request and not function.nested:
        parts.append(("r", "*ngx.Request"))
    if function.needs_config and not function.nested:
        parts.append(("cfg", "*Config"))
    types = [go_type(parameter.type) for parameter in function.parameters]
    parts += zip(names, types, strict=True)
    shown = []
    for index, (name, type_) in enumerate(parts):
        same = index + 1 < len(parts) and parts[index + 1][1] == type_
        shown.append(name if same else f"{name} {type_}")
    results = _result_types(function)
    tail = "" if not results else f" {results[0]}" if len(results) == 1 else f" ({', '.join(results)})"
    return f"({', '.join(shown)}){tail}"


def _result_types(function: Function) -> list[str]:
    if function.open:
        return ["lua.Values"]
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
        self.label = ""
        self.repeats = False
        self.shadows = True
        self.temporaries: list[tuple[Variable, int]] = []
        context.lift = self._lift
        context.spread = self._spread

    def function(self) -> list[str]:
        """Emits the whole body; the result is the names of the parameters."""
        function, lines = self.context.function, self.context.lines
        names = [self.context.declare(parameter) for parameter in function.parameters if not function.value]
        if function.value:
            self._take_arguments()
        if function.recursive and not self.context.handler:
            chunk = goast.quote(function.chunk.encode())
            lines.add(f"defer lua.Enter({chunk}, {_first_line(function)}).Leave()")
        if function.loops and not self.context.handler:
            self._repeated(function)
        else:
            self.block(function.body)
            self.end()
        return names

    def _repeated(self, function: Function) -> None:
        """A body in a loop: a call of the function in the end of it starts over."""
        lines = self.context.lines
        if any(map(is_loop, walk_statements(function.body))):
            self.label = self.context.names.new("again")
        head = len(lines.lines)
        lines.add("for {")
        lines.indent += 1
        self.block(function.body)
        self.end()
        if not function.body.ends and not function.results and not function.open:
            lines.add("return")
        lines.indent -= 1
        lines.add("}")
        if self.label and self.repeats:
            lines.lines.insert(head, Line(lines.indent - 1, f"{self.label}:"))

    def _take_arguments(self) -> None:
        """`a, b := args.At(0), args.At(1)`: the parameters of a function that is a value."""
        function = self.context.function
        names, values = [], []
        for index, parameter in enumerate(function.parameters):
            if self.context.is_read(parameter) or parameter.assigned:
                names.append(self.context.declare(parameter))
                values.append(f"args.At({index})")
        if names:
            self._add(f"{', '.join(names)} := {', '.join(values)}")
        for parameter in function.parameters:
            if parameter.assigned and not self.context.is_read(parameter):
                self._add(f"_ = {self.context.target(parameter)}")
        if function.vararg:
            skipped = len(function.parameters)
            self.context.varargs = f"args.From({skipped})" if skipped else "args"

    def end(self) -> None:
        """Returns nil at the end of a function that can get there."""
        function = self.context.function
        if (function.results or function.open) and not self.context.handler and not function.body.ends:
            self.context.lines.add("return" + self._zero(function.results))
        for variable, place in reversed(self.temporaries):
            if not self.context.is_used(variable):
                lines = self.context.lines.lines
                lines.insert(place, Line(lines[place - 1].indent, f"_ = {self.context.target(variable)}"))

    def block(self, block: Block) -> None:
        """Emits statements at the current indentation."""
        for index, statement in enumerate(block.statements):
            self.tail = len(self.declared) == 1 and index == len(block.statements) - 1
            tail = self.tail
            try:
                with self._attempt():
                    self._statement(statement)
            except Unordered:
                self.tail = tail
                self._statement(self._in_order(statement))

    @contextmanager
    def _attempt(self) -> Iterator[None]:
        """Takes back all that is written inside of it if that fails for the order of things."""
        lines = len(self.context.lines.lines)
        indent = self.context.lines.indent
        declared, shadowed = [set(names) for names in self.declared], [dict(names) for names in self.shadowed]
        temporaries, loops = len(self.temporaries), self.context.loops
        try:
            yield
        except Unordered:
            del self.context.lines.lines[lines:]
            del self.temporaries[temporaries:]
            self.context.lines.indent = indent
            self.declared, self.shadowed = declared, shadowed
            self.context.hoistable, self.context.loops = True, loops
            raise

    def _in_order(self, statement: Stmt) -> Stmt:
        """The statement with its operands computed in front of it, one after the other."""
        flat = copy.copy(statement)
        match flat:
            case Define() | Assign() | Return():
                flat.values = self._flat_list(flat.values)
            case Evaluate(call=call):
                found = self._flat_operands(call)
                assert isinstance(found, Call)
                flat.call = found
            case Store():
                flat.object, flat.key = (
                    item if reads_late(item, self.context.function) else self._flat(item)
                    for item in (flat.object, flat.key)
                )
                flat.value = self._flat(flat.value)
            case If(arms=[(condition, body), *others]):
                flat.arms = [(self._flat(condition), body)]
                if others:
                    flat.otherwise = Block([If(flat.span, others, flat.otherwise)])
            case NumericFor():
                flat.start, flat.stop = self._flat(flat.start), self._flat(flat.stop)
                flat.step = None if flat.step is None else self._flat(flat.step)
            case GenericFor():
                flat.values = self._flat_list(flat.values)
            case _:
                pass
        return flat

    def _flat_list(self, values: list[Expr]) -> list[Expr]:
        """A list of values, computed in front; a last call with several results stays."""
        last = spreads(values)
        if last is None:
            return list(map(self._flat, values))
        return [*map(self._flat, values[:-1]), self._flat_operands(last)]

    def _flat(self, expr: Expr) -> Expr:
        """What is left of an expression when all that can be noticed is computed in front."""
        if not events([expr]) and not any(map(needs_statements, _all(expr))):
            return expr
        if isinstance(expr, Logical):
            return self._flat_logical(expr)
        found = self._flat_operands(expr)
        return self._temporary(found) if events([found]) or needs_statements(found) else found

    def _flat_operands(self, expr: Expr) -> Expr:
        match expr:
            case (
                Action(args=args)
                | Apply(args=args)
                | ApplyValue(args=args)
                | HookCall(args=args)
                | Invoke(args=args)
            ):
                found = copy.copy(expr)
                if isinstance(found, Action | Invoke) and found.receiver is not None:
                    found.receiver = self._flat(found.receiver)
                if isinstance(found, ApplyValue):
                    found.callee = self._flat(found.callee)
                found.args = self._flat_list(args)
                return found
            case Unary(operand=operand):
                unary = copy.copy(expr)
                unary.operand = self._flat(operand)
                return unary
            case Binary(left=left, right=right):
                binary = copy.copy(expr)
                late = expr.operator != ".." and reads_late(left, self.context.function)
                binary.left, binary.right = left if late else self._flat(left), self._flat(right)
                return binary
            case Index(object=object_, key=key):
                indexed = copy.copy(expr)
                indexed.object, indexed.key = self._flat(object_), self._flat(key)
                return indexed
            case Record(fields=fields):
                record = copy.copy(expr)
                record.fields = {name: self._flat(value) for name, value in fields.items()}
                return record
            case Constructor(fields=entries):
                table = copy.copy(expr)
                table.fields = [
                    (
                        None if name is None else self._flat(name),
                        self._flat_list([value])[0]
                        if name is None and place == len(entries) - 1
                        else self._flat(value),
                    )
                    for place, (name, value) in enumerate(entries)
                ]
                return table
            case _:
                return expr

    def _flat_logical(self, expr: Logical) -> Expr:
        """`and` and `or` as statements: the right operand is computed only where it is wanted."""
        if needs_statements(expr):
            return self._temporary(expr)
        if not expr.type.only("true", "false"):  # `x or "default"`
            found = copy.copy(expr)
            found.left = self._flat(expr.left)
            return self._temporary(found)
        variable = Variable("holds", expr.span, BOOLEAN)
        name = self.context.declare(variable)
        left = self._flat(expr.left)
        self._add(f"{name} := {show(self.exprs.condition(left))}")
        self.context.lines.add(f"if {name} {{" if expr.operator == "and" else f"if !{name} {{")
        self.context.lines.indent += 1
        right = self._flat(expr.right)
        self._add(f"{name} = {show(self.exprs.condition(right))}")
        self.context.lines.indent -= 1
        self.context.lines.add("}")
        self.context.name(variable)
        result = Local(expr.span, variable)
        result.type = expr.type
        return result

    def _declare(self, variable: Variable) -> str:
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
        with self.context.names.scope():
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
            case Store():
                self._store(statement)
            case DefineFunction(function=function):
                if function in self.context.file.functions:  # else nothing calls it
                    self._define_function(function, statement)
            case _:
                self.context.loops += 1
                self._loop(statement)
                self.context.loops -= 1

    def _store(self, statement: Store) -> None:
        """`object[key] = value`."""
        object_, key, value = statement.object, statement.key, statement.value
        late = any(reads_late(item, self.context.function) for item in (object_, key))
        with self.context.sequence([object_, key, value]):
            if late and any(map(runs_code, events([value]))):
                value = self._lift(value)
            shown = self.exprs.value(object_), self.exprs.value(key), self.exprs.value(value)
            is_table = self.exprs.native_repr(object_) is Repr.TABLE
            if is_table and _is_next_place(object_, key):
                self._add(show(goast.method(shown[0], "Append", shown[2])), statement)
                return
            if is_table and (key.type.only("string") or isinstance(key, Constant)):
                self._add(show(goast.method(shown[0], "Set", *shown[1:])), statement)
                return
            place = self.exprs.operand(object_, None)
            self._add(show(goast.call("lua.SetIndex", *shown, place)), statement)

    # Functions inside of this one

    def _define_function(self, function: Function, statement: Stmt) -> None:
        """A function that uses variables of this one."""
        inner = _Statements(self.context.inside(function))
        name = self.context.file.functions[function]
        head = len(self.context.lines.lines)
        self._add("", statement)
        self.context.lines.indent += 1
        names = inner.function()
        self.context.lines.indent -= 1
        shape = _parameters_and_results(function, names)
        line = self.context.lines.lines[head]
        line.indent = self.context.lines.indent
        line.text = f"{name} := func{shape} {{"
        if function.recursive or function.loops:
            line.text = f"{name} = func{shape} {{"
            types = _parameters_and_results(function, ["_"] * len(function.parameters))
            self.context.lines.lines.insert(head, Line(line.indent, f"var {name} func{types}"))
        self.context.lines.add("}")

    def _closure(self, start: str, function: Function) -> None:
        """`start` and a function as a value."""
        self.context.lines.add(f"{start} lua.NewFunction(func(args lua.Values) lua.Values {{")
        self.context.lines.indent += 1
        _Statements(self.context.inside(function)).function()
        self.context.lines.indent -= 1
        self.context.lines.add("})")

    def _table(self, name: str, table: Constructor) -> None:
        """Sets the fields of a new table one by one."""
        position = 0
        for index, (key, value) in enumerate(table.fields):
            with self.context.sequence([value] if key is None else [key, value]):
                if key is not None:
                    keyed = [
                        Name(name),
                        self.exprs.value(key),
                        self.exprs.value(value),
                        self.exprs.operand(key),
                    ]
                    self._add(show(goast.call("lua.SetIndex", *keyed)))
                    continue
                position += 1
                if index == len(table.fields) - 1 and spreads([value]) is not None:
                    rest = self.exprs.calls.several([value])
                    self._add(show(goast.method(Name(name), "SetFrom", Name(str(position)), rest)))
                else:
                    self._add(
                        show(goast.method(Name(name), "Set", Name(str(position)), self.exprs.value(value)))
                    )

    # Loops

    def _loop(self, statement: Stmt) -> None:
        match statement:
            case While():
                self._while(statement)
            case Repeat(body=body, condition=condition):
                self.context.lines.add("for {")
                tests = [] if body.ends else [_break_if(condition)]
                self._nested(Block([*body.statements, *tests]))
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
                shown = show(self.exprs.condition(statement.condition))
            self.context.hoistable = True
        except Unordered:
            # What the condition needs is computed in the loop.
            del self.context.lines.lines[mark:]
            self.context.hoistable = True
            ends = _break_if(_negated(statement.condition))
            self.context.lines.add("for {")
            self._nested(Block([ends, *statement.body.statements]))
        else:
            self.context.lines.add("for {" if shown == "true" else f"for {shown} {{")
            self._nested(statement.body)
        self.context.lines.add("}")

    def _range(self, statement: NumericFor) -> None:
        """`for i := 1.0; i <= n; i++ {`: limit and step are computed once."""
        step = statement.step or Constant(statement.span, 1.0)
        step.type = NUMBER
        exprs = [statement.start, statement.stop, *([step] if statement.step is not None else [])]
        with self.context.sequence(exprs):
            roles = ("initial", "limit", "step")
            start, stop, by = (
                self._bound_number(expr, role)
                for expr, role in zip((statement.start, statement.stop, step), roles, strict=True)
            )
        variable = statement.variable
        own = variable.assigned or go_type(variable.type) != "float64"
        inner = ""
        name = self.context.names.new("index") if own else self.context.declare(variable)
        names, values = [name], [_float(start)]
        limit, advance = stop, by
        if not _is_fixed(statement.stop):
            limit = Name(self.context.names.new("stop"))
            names.append(limit.text)
            values.append(show(stop, 2))
        counted = Name(name)
        if isinstance(step, Constant) and isinstance(step.value, float):
            test: Go = goast.Infix("<=" if step.value >= 0 else ">=", counted, limit)
            move = {1.0: f"{name}++", -1.0: f"{name}--"}.get(step.value, f"{name} += {show(by)}")
        else:
            advance = Name(self.context.names.new("step"))
            names.append(advance.text)
            values.append(show(by, 2))
            test = goast.call("lua.Within", counted, limit, advance)
            move = f"{name} += {advance.text}"
        head = f"for {', '.join(names)} := {', '.join(values)}; {show(test)}; {move} {{"
        self._add(head, statement)
        if own and (self.context.is_read(variable) or variable.assigned):
            self.context.lines.indent += 1
            inner = self.context.declare(variable)
            kind = go_type(variable.type)
            self._add(f"{inner} := {name}" if kind == "float64" else f"var {inner} {kind} = {name}")
            if not self.context.is_read(variable):
                self._add(f"_ = {inner}")
            self.context.lines.indent -= 1
        self.context.name(variable) if not own else None
        self._nested(statement.body)
        self.context.lines.add("}")
        self.context.names.free([*names, self.context.target(variable)] if own and inner else names)

    def _bound_number(self, expr: Expr, role: str) -> Go:
        if expr.type.only("number"):
            return self.exprs.number(expr)
        place = self.exprs.in_chunk(goast.call("lua.Temporary", Name(str(self.context.line_of(expr)))))
        return goast.call("lua.ForNumber", self.exprs.value(expr), goast.string(role.encode()), place)

    def _iterate(self, statement: GenericFor) -> None:
        over, values = statement.over, statement.values
        with self.context.sequence(values):
            line = Name(str(self.context.line_of(values[0] if values else Constant(statement.span, None))))
            if over:
                named = goast.string(over.encode())
                place = self.exprs.in_chunk(goast.call("lua.Arg", Name("1"), named, line))
                table = self.exprs.value(values[0])
                if self.exprs.native_repr(values[0]) is not Repr.TABLE:
                    table = goast.method(place, "Table", table)
                source = goast.method(table, "Pairs" if over == "pairs" else "Items")
            else:
                place = self.exprs.in_chunk(goast.call("lua.Temporary", line))
                source = goast.call("lua.Loop", self.exprs.calls.several(values), place)
        names = (self._over_pairs if over else self._over_values)(statement, show(source))
        self._nested(statement.body)
        self.context.lines.add("}")
        self.context.names.free([name for name in names if name != "_"])

    def _over_pairs(self, statement: GenericFor, source: str) -> list[str]:
        """`for k, v := range t.Pairs() {`; gives the names in it."""
        given = ["float64" if statement.over == "ipairs" else "lua.Value", "lua.Value"]
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
                inside += [] if self.context.is_read(variable) else [(names[-1], variable, "_")]
            else:
                names.append(self.context.names.new(camel(variable.name)))
                inside.append((names[-1], variable, "="))
        while names and names[-1] == "_":
            names.pop()
        self._add(f"for {', '.join(names)}{' := ' if names else ''}range {source} {{", statement)
        self.context.lines.indent += 1
        for source_name, variable, how in inside:
            if how == "_":
                self._add(f"_ = {source_name}")
                continue
            name = self.context.declare(variable)
            self._add(f"var {name} {go_type(variable.type)}" + (f" = {source_name}" if how else ""))
            if not self.context.is_read(variable):
                self._add(f"_ = {name}")
        self.context.lines.indent -= 1
        return names

    def _over_values(self, statement: GenericFor, source: str) -> list[str]:
        """`for values := range lua.Loop(…) {`; gives the names in it."""
        wanted = [item for item in statement.variables if self.context.is_read(item) or item.assigned]
        if not wanted:
            self._add(f"for range {source} {{", statement)
            return []
        values = self.context.names.new("values")
        self._add(f"for {values} := range {source} {{", statement)
        self.context.lines.indent += 1
        for index, variable in enumerate(statement.variables):
            if variable in wanted:
                name = self.context.declare(variable)
                self._add(f"{name} := {values}.At({index})")
                if not self.context.is_read(variable):
                    self._add(f"_ = {name}")
        self.context.lines.indent -= 1
        return [values, *(self.context.target(item) for item in wanted)]

    def _do(self, body: Block) -> None:
        self.context.lines.add("{")
        self._nested(body)
        self.context.lines.add("}")

    # Definitions and assignments

    def _define(self, statement: Define) -> None:
        variables, values = statement.variables, statement.values
        last = values[-1] if values else None
        head = len(values) - 1
        several = len(values) < len(variables) and isinstance(last, Call) and not last.adjusted
        if several and isinstance(last, Call) and is_open(last):
            if not any(self.context.is_read(item) or item.assigned for item in variables[head:]):
                self._define_each(variables[:head], values[:head], statement)
                self._discard(last, statement)
                return
            with self.context.sequence(values):
                found = self.exprs.calls.expanded(values, len(variables))
            self._define_each(variables, found, statement)
            return
        if several and isinstance(last, Call) and len(native_results(last)) > 1:
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
        if isinstance(value, Closure):
            self._define_closure(variable, value)
        elif needs_statements(value):
            name = self.context.declare(variable)
            self._add(f"var {name} {go_type(variable.type)}", statement)
            self._into(name, value, variable.type, fresh=True)
        else:
            self._define_simple(variable, value, statement)
        if not self.context.is_read(variable):
            self._add(f"_ = {self.context.target(variable)}")

    def _define_closure(self, variable: Variable, value: Closure) -> None:
        """`f := lua.NewFunction(…)`; a variable that the function itself uses exists before it."""
        name = self.context.declare(variable)
        kind = go_type(variable.type)
        if kind == "*lua.Function" and not _uses_itself(value, variable):
            self._closure(f"{name} :=", value.function)
            return
        self._add(f"var {name} {kind}")
        self._closure(f"{name} =", value.function)

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
            raise self.context.unordered(
                expr, "this has no Go form here: something else must happen before it"
            )
        return self._temporary(expr)

    def _spread(self, call: Call, count: int) -> list[Local]:
        """Variables with the first results of a call, which is made in front of the current statement."""
        if not self.context.move_to_front(call):
            raise self.context.unordered(call, "the several results of this call have no Go form here")
        found: list[Local] = []
        names: list[str] = []
        with self.context.sequence([call]):
            shown = show(self.exprs.calls.call(call))
        if is_open(call):
            name = shown if isinstance(call, Vararg) else self.context.names.new("results")
            if name != shown:
                self._define_names([name], shown, None)
            for index in range(count):
                local = Local(call.span, Variable("value", call.span, ANY))
                local.type = ANY
                self.context.reuse(local.variable, f"{name}.At({index})")
                found.append(local)
            return found
        if not native_results(call):
            self._add(shown)
        for type_ in native_results(call):
            if len(found) == count:
                names.append("_")
                continue
            local = Local(call.span, Variable("value", call.span, type_))
            local.type = type_
            names.append(self.context.declare(local.variable))
            found.append(local)
        if names:
            self._define_names(names, shown, None)
        place = len(self.context.lines.lines)
        self.temporaries += [(local.variable, place) for local in found]
        return found

    def _temporary(self, expr: Expr) -> Local:
        """A variable with the value of an expression."""
        variable = Variable("value", expr.span, expr.type)
        if isinstance(expr, Closure):
            variable.name = "function"
        name = self.context.declare(variable)
        if isinstance(expr, Closure):
            self._closure(f"{name} :=", expr.function)
        elif needs_statements(expr):
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
        if isinstance(expr, Closure):
            self._closure(f"{name} =", expr.function)
        elif isinstance(expr, Constructor) and needs_statements(expr):
            table = name if go_type(wanted) == "*lua.Table" else self.context.names.new("table")
            self._add(f"{table} {'=' if table == name else ':='} lua.NewTable({len(expr.fields)})")
            self._table(table, expr)
            if table != name:
                self._add(f"{name} = {table}")
        elif not isinstance(expr, Logical) or not needs_statements(expr):
            self._into_simple(name, expr, wanted)
        elif expr.operator == "and":
            left = expr.left if _is_pair(expr.left) else self._operand(expr.left)
            otherwise = self._narrowed(left, left.type.falsy)
            self._choose(name, [(left, expr.right)], otherwise, wanted, fresh)
        else:
            try:
                with self._attempt():
                    self._choose_first(name, _alternatives(expr), wanted, fresh)
            except Unordered:
                left = self._temporary(expr.left)
                narrowed = self._narrowed(left, left.type.truthy)
                self._choose(name, [(left, narrowed)], expr.right, wanted, fresh)

    def _into_simple(self, name: str, expr: Expr, wanted: Type) -> None:
        try:
            with self._attempt(), self.context.sequence([expr]):
                shown = show(self.exprs.as_type(expr, wanted))
        except Unordered:
            shown = show(self.exprs.as_type(self._flat(expr), wanted))
        if shown != name:
            self._add(f"{name} = {shown}")

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
        with self.context.names.scope():
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
        later: list[tuple[Variable, str, Type]] = []
        only_assigned: list[str] = []
        for index, variable in enumerate(statement.variables):
            read = self.context.is_read(variable)
            if index >= len(found):
                later.append((variable, "", NIL))
            elif not read and not variable.assigned:
                names.append("_")
            elif go_type(found[index]) == go_type(variable.type):
                names.append(self._declare(variable))
                only_assigned += [names[-1]] * (not read)
            else:
                names.append(self.context.names.new("result"))
                later.append((variable, names[-1], found[index]))
        names += ["_"] * (len(found) - len(names))
        if all(name == "_" for name in names):
            self._add(shown, statement)
        else:
            self._define_names(names, shown, statement)
        for name in only_assigned:
            self._add(f"_ = {name}")
        for variable, source, type_ in later:
            self._define_from(variable, source, type_)

    def _define_from(self, variable: Variable, source: str, type_: Type = NIL) -> None:
        """Defines a variable from a result of another type, or as nil where there is none."""
        if not self.context.is_read(variable) and not variable.assigned:
            return
        name = self.context.declare(variable)
        if source and representation(variable.type) is Repr.OPT_STRING:
            # The call gives just strings, or just nil; later values may be the other.
            source = f"lua.{'Some' if type_.only('string') else 'AsOptString'}({source})"
        self._add(f"var {name} {go_type(variable.type)}" + (f" = {source}" if source else ""))
        if not self.context.is_read(variable):
            self._add(f"_ = {name}")

    def _assign(self, statement: Assign) -> None:
        with self.context.sequence(statement.values):
            values = self.exprs.calls.expanded(statement.values, len(statement.variables))
        extra = values[len(statement.variables) :]
        if not any(map(has_event, extra)):
            values = values[: len(statement.variables)]
        values += [Constant(statement.span, None) for _ in statement.variables[len(values) :]]
        statement = Assign(statement.span, statement.variables, values)
        pairs = list(zip(statement.variables, statement.values, strict=False))
        if len(pairs) != len(statement.variables) or len(statement.values) > len(statement.variables):
            raise self.context.unordered(
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
            depth = 2 if len(pairs) > 1 else 1
            shown = [show(self.exprs.as_type(value, variable.type), depth) for variable, value in pairs]
        # Lua assigns from right to left: of one variable named twice, the leftmost value stays.
        targets = [self.context.target(variable) for variable, _ in pairs]
        names = [name if name not in targets[:index] else "_" for index, name in enumerate(targets)]
        if names != shown:  # go vet takes exception to `b = b`, which tostring(b) may have become
            self._add(f"{', '.join(names)} = {', '.join(shown)}", statement)

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
        if results or not self.tail or (self.context.function.open and not self.context.handler):
            self._add("return" + self._zero(results))

    def _zero(self, results: list[Type]) -> str:
        """The zero values of the results: what follows a call that never comes back."""
        if self.context.function.open and not self.context.handler:
            return " nil"
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
        if self._repeats(values):
            self._again(values[0], statement)
            return
        if self.context.function.open:
            values = [
                self._valued(value, statement) if isinstance(value, Call) else value for value in values
            ]
            self._add(f"return {show(self.exprs.calls.several(values))}", statement)
            return
        if any(isinstance(value, Call) and not native_results(value) for value in values):
            if any(has_event(value) for value in values[:-1]):
                raise self.context.unordered(values[-1], "these results have no Go form yet")
            values = [self._valued(value, statement) for value in values]
        if self._returns_pair():
            self._add(f"return {self._pair(values)}", statement)
            return
        if len(values) == 1 and len(results) > 1 and isinstance(values[0], Call):
            kinds = [go_type(type_) for type_ in native_results(values[0])]
            if kinds == [go_type(type_) for type_ in results] and not values[0].adjusted:
                self._add(f"return {show(self.exprs.calls.call(values[0]))}", statement)
                return
        values = self.exprs.calls.expanded(values, len(results))
        padded = values + [Constant(statement.span, None) for _ in results[len(values) :]]
        shown = [self.exprs.as_type(value, type_) for value, type_ in zip(padded, results, strict=False)]
        if shown or not self.tail:
            self._add(f"return {show_list(shown)}".rstrip(), statement)

    def _repeats(self, values: list[Expr]) -> bool:
        """Whether a `return` is a tail call of the function itself, which is a loop."""
        function = self.context.function
        return function.loops and is_self_call(values, function)

    def _again(self, call: Expr, statement: Stmt) -> None:
        """Takes the arguments of a tail call as parameters, and starts over."""
        assert isinstance(call, Apply)
        parameters = self.context.function.parameters
        args = self.exprs.calls.expanded(call.args, len(parameters))
        args += [Constant(call.span, None) for _ in parameters[len(args) :]]
        pairs = [(item, arg) for item, arg in zip(parameters, args, strict=False) if not _holds(arg, item)]
        if pairs:
            targets = [self.context.target(parameter) for parameter, _ in pairs]
            shown = [self.exprs.as_type(arg, parameter.type) for parameter, arg in pairs]
            self._add(f"{', '.join(targets)} = {show_assigned(shown)}", statement)
        for extra in args[len(parameters) :]:
            self._discard(extra, statement)
        if not self.tail:
            self.repeats = True
            self._add(f"continue {self.label}".rstrip())

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


def _all(expr: Expr) -> Iterator[Expr]:
    """An expression and all in it."""
    yield expr
    for child in children(expr):
        yield from _all(child)


def _is_next_place(table: Expr, key: Expr) -> bool:
    """Whether a key is `#table + 1`."""
    match key:
        case Binary(
            operator="+", left=Unary(operator="#", operand=Local() as left), right=Constant(value=1.0)
        ):
            return isinstance(table, Local) and left.variable is table.variable
        case _:
            return False


def _first_line(function: Function) -> int:
    """The line of a function's first instruction, which LuaJIT names when the stack overflows."""
    statements = function.body.statements
    return (statements[0].span if statements else function.span).line


def _negated(condition: Expr) -> Expr:
    found = Unary(condition.span, "not", condition)
    found.type = BOOLEAN
    return found


def _break_if(condition: Expr) -> If:
    return If(condition.span, [(condition, Block([Break(condition.span)], ends=True))], None)


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


def _uses_itself(value: Closure, variable: Variable) -> bool:
    return any(
        isinstance(expr, Local) and expr.variable is variable
        for function in (value.function, *inner_functions(value.function.body))
        for expr in walk_expressions(function.body)
    )


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
