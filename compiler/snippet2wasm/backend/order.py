"""The order of evaluation: operands computed in front of their statement, one after the other."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from snippet2wasm.analysis.events import events, reads_late
from snippet2wasm.analysis.representation import native_results, needs_statements
from snippet2wasm.backend.goast import show
from snippet2wasm.backend.temporaries import Temporaries
from snippet2wasm.backend.writer import Writer
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    ApplyValue,
    Assign,
    Binary,
    Block,
    Call,
    Constructor,
    Define,
    Evaluate,
    Expr,
    GenericFor,
    HookCall,
    If,
    Index,
    Invoke,
    Local,
    Logical,
    NumericFor,
    Record,
    Return,
    Stmt,
    Store,
    Unary,
    Variable,
    children,
    is_open,
    spreads,
    varies,
)
from snippet2wasm.ir.types import BOOLEAN, STRING


class Order:
    """Takes the statements of one function apart into steps, one after the other."""

    def __init__(self, writer: Writer, temporaries: Temporaries) -> None:
        self.writer = writer
        self.context = writer.context
        self.exprs = writer.exprs
        self.temporaries = temporaries
        writer.flat = self.flat

    def in_order(self, statement: Stmt) -> Stmt:
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
                    item if reads_late(item, self.context.function) else self.flat(item)
                    for item in (flat.object, flat.key)
                )
                flat.value = self.flat(flat.value)
            case If(arms=[(condition, body), *others]):
                flat.arms = [(self.flat(condition), body)]
                if others:
                    flat.otherwise = Block([If(flat.span, others, flat.otherwise)])
            case NumericFor():
                flat.start, flat.stop = self.flat(flat.start), self.flat(flat.stop)
                flat.step = None if flat.step is None else self.flat(flat.step)
            case GenericFor():
                flat.values = self._flat_list(flat.values)
            case _:
                pass
        return flat

    def _flat_list(self, values: list[Expr]) -> list[Expr]:
        """A list of values, computed in front; a last call with several results stays."""
        last = spreads(values)
        if last is None:
            return list(map(self.flat, values))
        return [*map(self.flat, values[:-1]), self._flat_operands(last)]

    def _flat_args(self, call: Expr, args: list[Expr]) -> list[Expr]:
        """Arguments, computed in front; a library function's last call, too, where it gives one value."""
        alone = isinstance(call, Action) and _gives_one(args)
        return list(map(self.flat, args)) if alone else self._flat_list(args)

    def flat(self, expr: Expr) -> Expr:
        """What is left of an expression when all that can be noticed is computed in front."""
        if not events([expr]) and not any(map(needs_statements, _all(expr))):
            return expr
        if isinstance(expr, Logical):
            return self._flat_logical(expr)
        found = self._flat_operands(expr)
        return self.temporaries.temporary(found) if events([found]) or needs_statements(found) else found

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
                    found.receiver = self.flat(found.receiver)
                if isinstance(found, ApplyValue):
                    found.callee = self.flat(found.callee)
                if isinstance(found, Action) and found.method and events(args[1:]):
                    found.args = [self._text_of(found), *self._flat_args(found, args[1:])]
                else:
                    found.args = self._flat_args(found, args)
                return found
            case Unary(operand=operand):
                unary = copy.copy(expr)
                unary.operand = self.flat(operand)
                return unary
            case Binary(left=left, right=right):
                binary = copy.copy(expr)
                late = expr.operator != ".." and reads_late(left, self.context.function)
                binary.left, binary.right = left if late else self.flat(left), self.flat(right)
                return binary
            case Index(object=object_, key=key):
                indexed = copy.copy(expr)
                late = reads_late(object_, self.context.function)
                indexed.object, indexed.key = object_ if late else self.flat(object_), self.flat(key)
                return indexed
            case Record(fields=fields):
                record = copy.copy(expr)
                record.fields = {name: self.flat(value) for name, value in fields.items()}
                return record
            case Constructor(fields=entries):
                table = copy.copy(expr)
                table.fields = [
                    (
                        name if name is None or reads_late(name, self.context.function) else self.flat(name),
                        self._flat_list([value])[0]
                        if name is None and place == len(entries) - 1
                        else self.flat(value),
                    )
                    for place, (name, value) in enumerate(entries)
                ]
                return table
            case _:
                return expr

    def _text_of(self, call: Action) -> Expr:
        """The text whose method a call is; that it is one, is seen before the other operands are computed."""
        text = self.flat(call.args[0])
        if text.type.only("string"):
            return text
        checked = copy.copy(call)
        checked.args = [text, *call.args[1:]]
        return self.temporaries.named("value", STRING, text, show(self.exprs.calls.subject(checked)))

    def _flat_logical(self, expr: Logical) -> Expr:
        """`and` and `or` as statements: the right operand is computed only where it is wanted."""
        if needs_statements(expr):
            return self.temporaries.temporary(expr)
        if not expr.type.only("true", "false"):  # `x or "default"`
            found = copy.copy(expr)
            found.left = self.flat(expr.left)
            return self.temporaries.temporary(found)
        variable = Variable("holds", expr.span, BOOLEAN)
        name = self.context.declare(variable)
        left = self.flat(expr.left)
        self.writer.add(f"{name} := {show(self.exprs.condition(left))}")
        self.context.lines.add(f"if {name} {{" if expr.operator == "and" else f"if !{name} {{")
        self.context.lines.indent += 1
        right = self.flat(expr.right)
        self.writer.add(f"{name} = {show(self.exprs.condition(right))}")
        self.context.lines.indent -= 1
        self.context.lines.add("}")
        self.context.name(variable)
        result = Local(expr.span, variable)
        result.type = expr.type
        return result


def _gives_one(values: list[Expr]) -> bool:
    """Whether a last call of a list gives one value in any case."""
    last = spreads(values)
    if last is None or is_open(last) or varies(last):
        return False
    return len(native_results(last)) == 1


def _all(expr: Expr) -> Iterator[Expr]:
    """An expression and all in it."""
    yield expr
    for child in children(expr):
        yield from _all(child)
