"""Statements and functions: IR → Go."""

from __future__ import annotations

from snippet2wasm.analysis.effects import touches_request
from snippet2wasm.backend import goast, shown
from snippet2wasm.backend.assignments import Assignments
from snippet2wasm.backend.context import FileContext, FunctionContext, Unordered, Unused
from snippet2wasm.backend.goast import Line, Lines
from snippet2wasm.backend.loops import Loops, is_bounded
from snippet2wasm.backend.order import Order
from snippet2wasm.backend.returns import Returns
from snippet2wasm.backend.signatures import function_type, parameters_and_results
from snippet2wasm.backend.temporaries import Temporaries
from snippet2wasm.backend.wrapping import wrapped
from snippet2wasm.backend.writer import Writer
from snippet2wasm.ir.nodes import (
    Action,
    Assign,
    Binary,
    Block,
    Call,
    Constant,
    Define,
    DefineFunction,
    Do,
    Evaluate,
    Expr,
    Function,
    Goto,
    If,
    Label,
    Local,
    Logical,
    Return,
    Stmt,
    Store,
    Variable,
    calls_itself_later,
    goes_to,
    inner_functions,
    is_loop,
    walk_statements,
)
from snippet2wasm.ir.types import TABLE


def emit_function(file: FileContext, function: Function, handler: bool) -> tuple[Lines, list[str]]:
    """The body of a function, and the names of its parameters; the signature is `signature`'s."""
    unused: set[Unused] = set()
    while True:
        context = FunctionContext(file, function, handler, unused)
        names = _Statements(context).function()
        found = context.unused() - {("value", item) for item in _parameters(function)}
        if not found:
            context.lines.lines = wrapped(context.lines.lines)
            return context.lines, names
        unused |= found  # Go refuses variables that nothing uses, so they are left out in another round


def _parameters(function: Function) -> list[Variable]:
    """The parameters of a function and of those inside of it that are no values: unused ones are fine."""
    inner = [each for each in inner_functions(function.body) if not each.value]
    return [parameter for each in (function, *inner) for parameter in each.parameters]


class _Statements:
    """Writes the body of one function."""

    def __init__(self, context: FunctionContext) -> None:
        self.context = context
        self.writer = Writer(context, self.block, self._inside)
        self.exprs = self.writer.exprs
        temporaries = Temporaries(self.writer)
        self.order = Order(self.writer, temporaries)
        self.assignments = Assignments(self.writer, temporaries)
        self.loops = Loops(self.writer)
        self.returns = Returns(self.writer)
        self.writer.ended = self.returns.exit_inside
        self.shown = shown.candidates(context.function)

    def _inside(self, function: Function, own_request: bool) -> list[str]:
        context = self.context.inside(function)
        context.own_request |= own_request
        return _Statements(context).function()

    def function(self) -> list[str]:
        """Emits the whole body; the result is the names of the parameters."""
        function, lines = self.context.function, self.context.lines
        names = [self.context.declare(parameter) for parameter in function.parameters if not function.value]
        if function.value:
            self._take_arguments()
        if function.recursive and not self.context.handler:
            lines.add(f"defer {self.context.chunk()}.Enter({_first_line(function)}).Leave()")
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
            self.returns.label = self.context.names.new("again")
        head = len(lines.lines)
        lines.add("for {")
        lines.indent += 1
        self.block(function.body)
        self.end()
        if not function.body.ends and not function.results and not function.open:
            lines.add("return")
        lines.indent -= 1
        lines.add("}")
        if self.returns.label and self.returns.repeats:
            lines.lines.insert(head, Line(lines.indent - 1, f"{self.returns.label}:"))

    def _take_arguments(self) -> None:
        """`a, b := args.At(0), args.At(1)`: the parameters of a function that is a value."""
        function = self.context.function
        names, values = [], []
        for index, parameter in enumerate(function.parameters):
            if self.context.is_read(parameter) or parameter.assigned:
                names.append(self.context.declare(parameter))
                self.context.plain |= set() if parameter.assigned else {parameter}
                values.append(f"{self.context.arguments}.At({index})")
        if names:
            self.writer.add(f"{', '.join(names)} := {', '.join(values)}")
        for parameter in function.parameters:
            if parameter.assigned and not self.context.is_read(parameter):
                self.writer.add(f"_ = {self.context.target(parameter)}")
        if function.vararg:
            skipped = len(function.parameters)
            given = self.context.arguments
            self.context.varargs = f"{given}.From({skipped})" if skipped else given

    def end(self) -> None:
        """Returns nil at the end of a function that can get there."""
        function = self.context.function
        if (function.results or function.open) and not self.context.handler and not function.body.ends:
            self.context.lines.add("return" + self.returns.zero(function.results))
        for variable, place in reversed(self.writer.temporaries):
            if not self.context.is_used(variable):
                lines = self.context.lines.lines
                lines.insert(place, Line(lines[place - 1].indent, f"_ = {self.context.target(variable)}"))

    def block(self, block: Block) -> None:
        """Emits statements at the current indentation."""
        begun: list[Variable] = []
        places = shown.starts(block, self.shown)
        try:
            for index, statement in enumerate(block.statements):
                for variable in places.get(index, []):
                    if variable not in self.context.tables and self._begin_table(variable, statement):
                        begun.append(variable)
                self._at(block, index)
        finally:
            for variable in begun:
                del self.context.tables[variable]

    def _at(self, block: Block, index: int) -> None:
        """The statement in a place of a block."""
        statement = block.statements[index]
        self.writer.tail = tail = len(self.writer.declared) == 1 and index == len(block.statements) - 1
        try:
            with self.writer.attempt():
                self._statement(statement)
        except Unordered:
            self.writer.tail = tail
            self._statement(self.order.in_order(statement))

    def _begin_table(self, variable: Variable, statement: Stmt) -> bool:
        """`orderTable := lua.AsTable(order)`, unless nothing needs it."""
        if variable.table is None:
            variable.table = Variable(f"{variable.name}_table", variable.span, TABLE, holds_table=True)
        if self.context.is_unused(variable.table):
            return False
        value = goast.call("lua.AsTable", goast.Name(self.context.name(variable)))
        name = self.context.declare(variable.table)
        self.writer.define_names([name], goast.show(value), statement)
        self.context.tables[variable] = variable.table
        return True

    def _statement(self, statement: Stmt) -> None:
        match statement:
            case Define():
                self.assignments.define(statement)
            case Assign():
                self.assignments.assign(statement)
            case Evaluate(call=call):
                self._evaluate(call, statement)
            case If():
                self._if(statement)
            case Do(body=body):
                self._do(body)
            case Return():
                self.returns.write(statement)
            case Store():
                self.assignments.store(statement)
            case DefineFunction(function=function):
                if function in self.context.file.functions and self.context.holds(function):
                    self._define_function(function, statement)
            case Label():
                self._label(statement)
            case Goto(label=label):
                self.writer.add(f"goto {self.context.label(label)}", statement)
            case _:
                endless = not is_bounded(statement)
                self.context.loops += 1
                self.context.endless += endless
                self.loops.write(statement)
                self.context.loops -= 1
                self.context.endless -= endless

    def _label(self, label: Label) -> None:
        if any(goes_to(item, label) for item in walk_statements(self.context.function.body)):
            lines = self.context.lines
            lines.lines.append(Line(lines.indent - 1, f"{self.context.label(label)}:"))
            self.context.loops += 1
            self.context.endless += 1  # what follows may happen again

    def _define_function(self, function: Function, statement: Stmt) -> None:
        """A function that uses variables of this one."""
        inner = _Statements(self.context.inside(function))
        name = self.context.file.functions[function]
        head = len(self.context.lines.lines)
        self.writer.add("", statement)
        self.context.lines.indent += 1
        if function.timed and touches_request(function) and not self.context.own_request:
            self.context.lines.add("r := ngx.Running()")
            inner.context.own_request = True
        names = inner.function()
        self.context.lines.indent -= 1
        shape = parameters_and_results(function, names)
        line = self.context.lines.lines[head]
        line.indent = self.context.lines.indent
        line.text = f"{name} := func{shape} {{"
        if function.recursive or function.loops or calls_itself_later(function):
            line.text = f"{name} = func{shape} {{"
            self.context.lines.lines.insert(head, Line(line.indent, f"var {name} {function_type(function)}"))
        self.context.lines.add("}")

    def _evaluate(self, call: Call, statement: Stmt) -> None:
        if isinstance(call, Action) and call.entry.ends:
            with self.context.sequence([call]):
                self.returns.exit(call, statement)
            return
        self.writer.discard(call, statement)

    def _if(self, statement: If) -> None:
        cases = _cases(statement)
        if cases is not None:
            self._switch(statement, *cases)
            return
        for index, (condition, body) in enumerate(statement.arms):
            test = self.writer.test(condition, first=index == 0)
            self.writer.open("if" if index == 0 else "} else if", test)
            self.writer.nested(body)
        if statement.otherwise is not None:
            self.context.lines.add("} else {")
            self.writer.nested(statement.otherwise)
        self.context.lines.add("}")

    def _switch(self, statement: If, subject: Local, cases: list[list[bytes]]) -> None:
        self.context.lines.add(f"switch {goast.show(self.exprs.text(subject))} {{")
        for texts, (_, body) in zip(cases, statement.arms, strict=True):
            self.context.lines.add(f"case {', '.join(goast.quote(text) for text in texts)}:")
            self.writer.nested(body)
        self.context.lines.add("}")

    def _do(self, body: Block) -> None:
        self.context.lines.add("{")
        self.writer.nested(body)
        self.context.lines.add("}")


_FEWEST_CASES = 3


def _cases(statement: If) -> tuple[Local, list[list[bytes]]] | None:
    """The variable and the texts that it is compared with, where that is all that a statement of so many arms
    does, and each arm returns: a `switch`.
    """
    if statement.otherwise is not None or len(statement.arms) < _FEWEST_CASES:
        return None
    found = [_compared(condition) for condition, _ in statement.arms]
    subjects = [subject for each in found if each is not None for subject, _ in each]
    texts = [[text for _, text in each] for each in found if each is not None]
    everything = [text for each in texts for text in each]
    returns = all(
        len(body.statements) == 1 and isinstance(body.statements[0], Return) for _, body in statement.arms
    )
    one = len({subject.variable for subject in subjects}) == 1 and subjects[0].type.only("string")
    if None in found or not one or not returns or len(set(everything)) < len(everything):
        return None
    return subjects[0], texts


def _compared(condition: Expr) -> list[tuple[Local, bytes]] | None:
    """What a condition compares for equality: variables and texts; None if it does anything else."""
    match condition:
        case Binary(operator="==", left=Local() as subject, right=Constant(value=bytes() as text)):
            return [(subject, text)]
        case Logical(operator="or", left=left, right=right):
            first, second = _compared(left), _compared(right)
            return None if first is None or second is None else [*first, *second]
        case _:
            return None


def _first_line(function: Function) -> int:
    """The line of a function's first instruction, which LuaJIT names when the stack overflows."""
    statements = function.body.statements
    return (statements[0].span if statements else function.span).line
