"""Expressions: IR → Go.

Every method gives an expression in one representation: `text` a Go string, `number` a float64, `condition` a
bool that says whether the Lua value is true, `value` whatever stands for the value best, to be given to a
parameter of type any. Where the types leave an operation unproven, the Go code calls a helper that raises
Lua's own error.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator

from snippet2wasm import catalogue
from snippet2wasm.analysis import rows
from snippet2wasm.analysis.events import events, has_event, has_text, is_number, reads_late, runs_code
from snippet2wasm.analysis.lists import list_of
from snippet2wasm.analysis.luapatterns import literal
from snippet2wasm.analysis.matching import cannot_fail, captured_texts, is_replacement
from snippet2wasm.analysis.representation import (
    OPTIONAL,
    Repr,
    go_type,
    is_default,
    is_pair,
    is_value_default,
    library_function,
    may_end,
    native_results,
    needs_statements,
    representation,
)
from snippet2wasm.backend import goast
from snippet2wasm.backend.calls import Calls
from snippet2wasm.backend.context import FunctionContext
from snippet2wasm.backend.goast import Go, Infix, Name, Not, call, method
from snippet2wasm.catalogue import Entry
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Binary,
    Call,
    Closure,
    ConfigValue,
    Constant,
    Constructor,
    Expr,
    HookCall,
    Index,
    LibraryValue,
    Local,
    Logical,
    Record,
    Stmt,
    Unary,
    Variable,
    is_open,
    spreads,
)
from snippet2wasm.ir.numbers import number_text
from snippet2wasm.ir.types import Type

_FIRST = ("", "lua.First", "lua.First3")
_GO_COMPARISON = {"==": "==", "~=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Expressions:
    """Emits the expressions of one function."""

    def __init__(self, context: FunctionContext) -> None:
        self.context = context
        self.calls = Calls(context, self)

    def _settled(self, expr: Expr) -> Expr:
        """The expression, or the variable that holds its value where it needs statements of its own."""
        return self.context.lift(expr) if needs_statements(expr) else expr

    # Values in the representation that a variable of some type has

    def as_type(self, expr: Expr, wanted: Type) -> Go:
        """The expression as a value of the Go type that carries `wanted`."""
        expr = self._settled(expr)
        match representation(wanted):
            case Repr.STRING:
                return self.text(expr)
            case Repr.OPT_STRING:
                return self.optional(expr)
            case Repr.NUMBER:
                return self.number(expr)
            case Repr.OPT_NUMBER:
                return self.optional_number(expr)
            case Repr.BOOL:
                return self.condition(expr)
            case Repr.OBJECT:
                return self.object(expr)
            case Repr.VALUE:
                return self.value(expr)
            case (Repr.TABLE | Repr.FUNCTION) as found if self.native_repr(expr) is not found:
                return (
                    self.table_of(expr) if found is Repr.TABLE else call("lua.AsFunction", self.value(expr))
                )
            case _:
                return self.native(expr)

    def native(self, expr: Expr) -> Go:
        """The expression as the Go expression that it comes as."""
        match expr:
            case Local(variable=variable):
                name = Name(self.context.name(variable))
                return call("lua.Now", name) if self.context.is_live(variable) else name
            case Record() | Constructor():
                return self.table(expr)
            case ConfigValue(config=config):
                return Name(f"cfg.{self.context.file.config[config]}")
            case LibraryValue(entry=entry):
                return Name(entry.go)
            case Index():
                return self.index(expr)
            case Logical():
                return self._default(expr)
            case Closure():
                return call(library_function(expr))
            case Call():
                if not native_results(expr):
                    raise self.context.unordered(expr, "this call gives no value")
                return self._first(expr)
            case _:
                raise self.context.refuse(expr, "this value has no Go form here")

    def _first(self, expr: Call) -> Go:
        """The first result of a call."""
        if is_replacement(expr):
            assert isinstance(expr, Action)
            rest = map(self.value, expr.args[1:])
            return call("lua.Replace", self.calls.subject(expr), *rest)
        expr = captured_texts(expr) or expr
        if _is_byte(expr):
            assert isinstance(expr, Action)
            place = self.number(expr.args[1]) if expr.args[1:] else Name("1")
            return call("lua.ByteAt", self.calls.subject(expr), place)
        if is_open(expr):
            return method(self.calls.call(expr), "At", Name("0"))
        count = len(native_results(expr))
        if count > len(_FIRST):
            raise self.context.unordered(expr, "the first of so many results has no Go form yet")
        found = self.calls.call(expr)
        return call(_FIRST[count - 1], found) if count > 1 else found

    def table(self, expr: Record | Constructor) -> Go:
        """A table constructor: positional values first, which names can't disturb."""
        entries: list[tuple[Expr | None, Expr]] = []
        if isinstance(expr, Record):
            for name, value in expr.fields.items():
                entries.append((Constant(value.span, name.encode("utf-8", "surrogateescape")), value))
        else:
            entries = expr.fields
        named = [self.value(item) for key, value in entries if key is not None for item in (key, value)]
        values = [value for key, value in entries if key is None]
        if not entries:
            return Name("new(lua.Table)")
        if not values:
            return call("lua.TableOf", *named)
        found = call("lua.ListOf", *self.calls.variadic(values))
        return method(found, "With", *named) if named else found

    def native_repr(self, expr: Expr) -> Repr:
        """The representation in which `native` gives the expression."""
        if isinstance(expr, Call) and is_open(expr):
            if _is_byte(expr):
                return Repr.OPT_NUMBER
            return Repr.VALUE if captured_texts(expr) is None else Repr.OPT_STRING
        match expr:
            case Local(variable=variable):
                found = representation(variable.type)
                if variable in self.context.pairs:
                    return Repr.STRING if found is Repr.OPT_STRING else Repr.NUMBER
                return found
            case ConfigValue(config=config):
                return representation(config.type)
            case Action():
                results = native_results(expr)
                return representation(results[0]) if results else Repr.VALUE
            case Apply(function=function):
                return representation(function.results[0]) if function.results else Repr.VALUE
            case HookCall(hook=hook):
                return representation(hook.result)
            case Index(object=object_) if rows.of(object_) is not None:
                return Repr.VALUE
            case _:
                return representation(expr.type)

    def optional(self, expr: Expr) -> Go:
        """The expression, a string or nil, as lua.OptString."""
        expr = self._settled(expr)
        if isinstance(expr, Constant):
            return Name("lua.None") if expr.value is None else call("lua.Some", self.text(expr))
        if isinstance(expr, Call) and is_pair(expr):
            return call("lua.Opt", self.calls.call(expr))
        if isinstance(expr, Local) and expr.variable in self.context.pairs and not expr.type.only("string"):
            raise self.context.refuse(expr, "this value may be nil here")
        if expr.type.only("string"):
            return call("lua.Some", self.text(expr))
        if self.native_repr(expr) is Repr.OPT_STRING:
            return self.native(expr)
        if expr.type.only("string", "nil"):
            return call("lua.AsOptString", self.value(expr))
        if not expr.type.kinds and not has_event(expr):
            return Name("lua.None")  # control never comes here
        raise self.context.refuse(expr, "a value of this type can't be kept here")

    def object(self, expr: Expr) -> Go:
        """A library object, or nil."""
        if isinstance(expr, Constant):
            return Name("nil")
        if self.native_repr(expr) is Repr.VALUE:
            return call(f"lua.AsObject[{go_type(expr.type)}]", self.value(expr))
        return self.native(expr)

    def optional_number(self, expr: Expr) -> Go:
        """The expression, a number or nil, as lua.OptNumber."""
        expr = self._settled(expr)
        if isinstance(expr, Constant) and expr.value is None:
            return Name("lua.NoNumber")
        if isinstance(expr, Call) and is_pair(expr) and self.native_repr(expr) is Repr.OPT_NUMBER:
            return call("lua.OptNum", self.calls.call(expr))
        if isinstance(expr, Local) and expr.variable in self.context.pairs and "nil" in expr.type:
            return call("lua.OptNum", self.native(expr), Name(self.context.flag(expr.variable)))
        if expr.type.only("number"):
            return call("lua.SomeNumber", self.number(expr))
        if self.native_repr(expr) is Repr.OPT_NUMBER:
            return self.native(expr)
        return call("lua.AsOptNumber", self.value(expr))

    def text(self, expr: Expr, whole: Expr | None = None) -> Go:
        """A string; raises Lua's error for concatenation if the value turns out to be none and no number.

        `whole` is the operation that the value is an operand of.
        """
        expr = self._settled(expr)
        if isinstance(expr, Constant):
            if isinstance(expr.value, bytes):
                return goast.string(expr.value)
            if isinstance(expr.value, float):
                return goast.string(number_text(expr.value).encode())
        if isinstance(expr, Binary) and expr.operator == ".." and not expr.meta:
            return self.concatenation(expr)
        found = self.native_repr(expr)
        if isinstance(expr, Logical) and not expr.type.only("number") and found is not Repr.VALUE:
            return self._default(expr)
        if expr.type.only("number") and found is not Repr.REPLY:
            return call("lua.FormatNumber", self.number(expr))
        if found is Repr.STRING:
            return self.native(expr)
        if found in (Repr.REPLY, Repr.OPT_STRING) and expr.type.only("string", "number"):
            return method(self.native(expr), "String")
        if expr.type.only("string"):
            return call("lua.AsString", self.value(expr))
        return call("lua.ConcatText", self.value(expr), self.operand(expr, whole))

    def _default(self, expr: Logical) -> Go:
        """`x or "default"`."""
        if is_value_default(expr):
            return call("lua.Or", self.value(expr.left), self.value(expr.right))
        if not is_default(expr):
            raise self.context.refuse(expr, f"this use of `{expr.operator}` has no Go form yet")
        if expr.right.type.only("number"):
            return method(self.optional_number(expr.left), "Or", self.number(expr.right))
        if isinstance(expr.left, Call) and is_pair(expr.left) and _is_empty(expr.right):
            return call("lua.OrEmpty", self.calls.call(expr.left))
        return method(self.optional(expr.left), "Or", self.text(expr.right))

    def operand(self, expr: Expr, whole: Expr | Stmt | None = None) -> Go:
        """How an error text names the operand, with its line: `lua.Local("x", 7)`.

        LuaJIT's line is the one where the operation ends, or where the arguments of a call begin.
        """
        line_of = self.context.line_of(whole) if isinstance(whole, Call) else 0
        line = Name(str(line_of or self.context.last_line_of(whole or expr)))
        kind, name = self._named_operand(self.context.origin(expr))
        found = call(f"lua.{kind}", goast.string(name), line) if name else call("lua.Temporary", line)
        return self.in_chunk(found)

    def _named_operand(self, expr: Expr) -> tuple[str, bytes]:
        """LuaJIT names an operand after the instruction that made it."""
        match expr:
            case Local(variable=Variable(origin=Expr() as origin)):
                return self._named_operand(origin)
            case Local(variable=variable) if variable.field:
                return "Field", variable.field.encode("utf-8", "surrogateescape")
            case Local(variable=variable) if variable.lasting in ("global", "field"):
                name = variable.name.encode("utf-8", "surrogateescape")
                return variable.lasting.capitalize(), name
            case Local(variable=variable) if variable.owner not in (None, self.context.function):
                return "Upvalue", variable.name.encode("utf-8", "surrogateescape")
            case Local(variable=variable):
                return "Local", variable.name.encode("utf-8", "surrogateescape")
            case Action(entry=entry, name=name) if entry.name.startswith("ngx.var."):
                return "Field", name.removeprefix("ngx.var.").encode("utf-8", "surrogateescape")
            case Action(entry=entry) if entry.name == "ngx.var[*]":
                return "Field", b"?"
            case Index(key=Constant(value=bytes() as key)):
                return "Field", key
            case Logical(right=right):
                return self._named_operand(right)
            case _:
                return "", b""

    def in_chunk(self, operand: Go) -> Go:
        """An operand, `lua.Local("x", 7)`, as one of its chunk, unless that is the handler's that runs."""
        if self.context.handler:
            return operand
        assert isinstance(operand, goast.Call)
        assert isinstance(operand.function, Name)
        kind = operand.function.text.removeprefix("lua.")
        return method(Name(self.context.chunk()), kind, *operand.args)

    def concatenation(self, expr: Binary) -> Go:
        """`a .. b .. c` as Go's `+`."""
        operands = self._flatten(expr)
        unproven = [item for item in operands if not has_text(item)]
        if len(unproven) > 1 or (unproven and any(map(has_event, operands))):
            # All operands are evaluated before any of them is judged, and the last one first.
            parts = [
                self.value(item)
                if has_text(item)
                else call("lua.Part", self.value(item), self.operand(item, expr))
                for item in operands
            ]
            return call("lua.Concat", *parts)
        found: Go | None = None
        for item in self._merge_constants(operands):
            text = goast.string(item) if isinstance(item, bytes) else self.text(item, expr)
            found = text if found is None else Infix("+", found, text)
        assert found is not None
        repeated = self.context.loops or (self.context.function.repeated and not self.context.handler)
        may_grow = any("string" in item.type for item in operands if not isinstance(item, Constant))
        return call("lua.Bounded", found) if repeated and may_grow else found

    def _by_metamethod(self, expr: Binary) -> Go:
        """`..` or arithmetic, as a lua.Value, for operands that may be tables."""
        if expr.operator == "..":
            place = self.in_chunk(call("lua.Temporary", Name(str(self.context.last_line_of(expr)))))
            parts = [
                self.value(item)
                if has_text(item)
                else call("lua.Part", self.value(item), self.operand(item, expr))
                for item in self._flatten(expr)
            ]
            return call("lua.ConcatOf", place, *parts)
        left, right = expr.left, expr.right
        if self._is_late(left, right):
            right = self.context.lift(right)
        values = self.value(left), self.value(right)
        names = self.operand(left, expr), self.operand(right, expr)
        return call("lua.ArithmeticOf", goast.string(expr.operator.encode()), *values, *names)

    def _flatten(self, expr: Expr) -> list[Expr]:
        if isinstance(expr, Binary) and expr.operator == "..":
            return [expr.left, *self._flatten(expr.right)]  # `(a .. b) .. c` is another thing
        return [expr]

    def _merge_constants(self, operands: list[Expr]) -> list[bytes | Expr]:
        found: list[bytes | Expr] = []
        for item in operands:
            constant: bytes | Expr = item
            if isinstance(item, Constant):
                if isinstance(item.value, bytes):
                    constant = item.value
                elif isinstance(item.value, float):
                    constant = number_text(item.value).encode()
            if isinstance(constant, bytes) and found and isinstance(found[-1], bytes):
                found[-1] += constant
            else:
                found.append(constant)
        return found

    def number(self, expr: Expr, whole: Expr | None = None) -> Go:
        """A float64; raises Lua's error for arithmetic if the value turns out to be no number.

        `whole` is the operation that the value is an operand of.
        """
        expr = self._settled(expr)
        match expr:
            case Constant(value=float() as value):
                return self._named(expr) or goast.number(value)
            case Unary(operator="-", operand=operand) if not expr.meta:
                return Not(self.number(operand, expr), "-")
            case Unary(operator="#", operand=operand):
                return self.length(expr, operand)
            case Binary(operator="+" | "-" | "*" | "/" | "%" | "^" as operator) if not expr.meta:
                left, right = self._arithmetic(expr)
                if operator in "%^":
                    return call("lua.Mod" if operator == "%" else "exact.Pow", left, right)
                return Infix(operator, left, right)
        if isinstance(expr, Logical) and expr.type.only("number"):
            return self._default(expr)
        if expr.type.only("number") and self.native_repr(expr) is Repr.NUMBER:
            return self.native(expr)
        if expr.type.only("number") and self.native_repr(expr) is Repr.OPT_NUMBER:
            return method(self.native(expr), "Number")
        if expr.type.only("number") and self.native_repr(expr) is Repr.REPLY:
            return method(self.native(expr), "Float")
        if expr.type.only("number"):
            return call("lua.AsNumber", self.value(expr))
        return call("lua.ArithmeticOperand", self.value(expr), self.operand(expr, whole))

    def _arithmetic(self, expr: Binary) -> tuple[Go, Go]:
        """The operands of arithmetic: both are evaluated before the left one is judged."""
        left, right = expr.left, expr.right
        if self._is_late(left, right):
            right = self.context.lift(right)
            return self._operand_now(left, expr), self.number(right, expr)
        if not is_number(left) and has_event(right):
            left = self.context.lift(left) if has_event(left) else left
            right = self.context.lift(right)
        return self.number(left, expr), self.number(right, expr)

    def _is_late(self, left: Expr, right: Expr) -> bool:
        """Whether the left operand is read behind a call in the right one."""
        return reads_late(left, self.context.function) and any(map(runs_code, events([right])))

    def _operand_now(self, left: Expr, whole: Expr) -> Go:
        with self.context.sequence([]):
            return self.number(left, whole)

    def _named(self, constant: Constant) -> Go | None:
        """The Go constant of a named one (`ngx.HTTP_FORBIDDEN`)."""
        known = catalogue.load().constants.get(constant.name)
        return Name(known.go) if known is not None else None

    def length(self, expr: Expr, operand: Expr) -> Go:
        """`#operand` as a float64; `expr` is the whole."""
        if operand.type.only("string"):
            return call("float64", call("len", self.text(operand)))
        if list_of(operand) is not None:
            return call("float64", call("len", self.native(operand)))
        operand = self._settled(operand)
        if self.native_repr(operand) is Repr.REPLY:
            return method(self.native(operand), "Len", self.operand(operand, expr))
        if self.native_repr(operand) is Repr.TABLE:
            return call("float64", method(self.native(operand), "Len"))
        return call("lua.LengthOf", self.value(operand), self.operand(operand, expr))

    def table_of(self, expr: Expr) -> Go:
        """A value that is known to be a table, as a *lua.Table."""
        expr = self._settled(expr)
        if self.native_repr(expr) is Repr.TABLE:
            return self.native(expr)
        if isinstance(expr, Local) and expr.variable in self.context.tables:
            return Name(self.context.name(self.context.tables[expr.variable]))
        return call("lua.AsTable", self.value(expr))

    def index(self, expr: Index) -> Go:
        """`object[key]` as a lua.Value, or as a lua.OptString out of a list."""
        if needs_statements(expr.object):
            expr = copy.copy(expr)
            expr.object = self.context.lift(expr.object)
        if self._is_late(expr.object, expr.key):
            late = copy.copy(expr)
            late.key = self.context.lift(expr.key)
            with self.context.sequence([]):
                return self.index(late)
        if list_of(expr.object) is not None:
            if expr.key.type.only("number"):
                return call("lua.Item", self.native(expr.object), self.number(expr.key))
            return call("lua.ItemOf", self.native(expr.object), self.value(expr.key))
        # Once: it may need statements, which would run twice.
        value, operand = self.value(expr.key), self.operand(expr.object, expr)
        key = value
        if (
            isinstance(expr.key, Constant)
            and isinstance(expr.key.value, float)
            and expr.key.value.is_integer()
        ):
            key = Name(f"{expr.key.value:.1f}")  # a table's keys are float64s
        if self.native_repr(expr.object) is Repr.REPLY:
            return method(self.native(expr.object), "Index", key, operand)
        if self.native_repr(expr.object) is Repr.CAPTURES and not expr.meta:
            return self._capture(expr, key, operand)
        if self.native_repr(expr.object) is Repr.TABLE and not expr.meta:
            return method(self.native(expr.object), "Get", value)
        if expr.object.type.only("table") and not expr.meta:
            return method(self.table_of(expr.object), "Get", value)
        return call("lua.IndexOf", self.value(expr.object), key, operand)

    def _capture(self, expr: Index, key: Go, operand: Go) -> Go:
        """A group of a match: by number or name where the match is there."""
        found = self.native(expr.object)
        if "nil" not in expr.object.type and isinstance(expr.key, Constant):
            if isinstance(expr.key.value, bytes):
                return method(found, "Named", key)
            if isinstance(expr.key.value, float) and expr.key.value.is_integer():
                return method(found, "Group", self.integer(expr.key))
        return method(found, "Index", key, operand)

    def integer(self, expr: Expr) -> Go:
        """A number for a Go parameter of type int."""
        if isinstance(expr, Constant) and isinstance(expr.value, float) and abs(expr.value) < 1 << 31:
            return self._named(expr) or Name(str(int(expr.value)))
        if isinstance(expr, Unary) and expr.operator == "#":
            if list_of(expr.operand) is not None:
                return call("len", self.native(expr.operand))
            if expr.operand.type.only("string"):
                return call("len", self.text(expr.operand))
            if isinstance(expr.operand, Local) and self.native_repr(expr.operand) is Repr.TABLE:
                return method(self.native(expr.operand), "Len")
        return call("lua.Int", self.number(expr))

    def value(self, expr: Expr) -> Go:
        """The value for a Go parameter of type any."""
        expr = self._settled(expr)
        match expr:
            case Constant(value=None):
                return Name("nil")
            case Constant(value=bool() as value):
                return Name("true" if value else "false")
            case Constant(value=bytes() as value):
                return goast.string(value)
            case Constant(value=float() as value):
                return self._named(expr) or goast.number(value, typed=True)
            case Unary(operator="not"):
                return self.condition(expr)
            case Unary() if expr.meta:
                return call("lua.Negate", self.value(expr.operand), self.operand(expr.operand, expr))
            case Unary():
                return self.number(expr)
            case Binary(operator=operator) if expr.meta and operator not in _GO_COMPARISON:
                return self._by_metamethod(expr)
            case Binary(operator=operator):
                if operator in _GO_COMPARISON:
                    return self.condition(expr)
                return self.concatenation(expr) if operator == ".." else self.number(expr)
            case Logical():
                return self.condition(expr) if expr.type.only("true", "false") else self._default(expr)
            case Local(variable=variable) if variable in self.context.pairs and "nil" in expr.type:
                if representation(variable.type) is Repr.OPT_NUMBER:
                    return self.optional_number(expr)
                return call("lua.Opt", self.native(expr), Name(self.context.flag(variable)))
            case Call() if is_pair(expr):
                is_number = self.native_repr(expr) is Repr.OPT_NUMBER
                return self.optional_number(expr) if is_number else self.optional(expr)
            case _ if self.native_repr(expr) is Repr.OBJECT and "nil" in expr.type:
                return call("lua.ObjectOrNil", self.native(expr))
            case _:
                return self.native(expr)

    # Conditions

    def condition(self, expr: Expr) -> Go:
        """A Go bool: whether the Lua value counts as true."""
        match expr:
            case Constant(value=value):
                return Name("false" if value is None or value is False else "true")
            case Unary(operator="not", operand=operand):
                return self._negate(self.condition(operand))
            case Logical(operator=operator, left=left, right=right) if not may_end(expr):
                first = self.condition(left)
                if first == Name("false" if operator == "and" else "true"):
                    return first  # the right operand is never looked at
                before, self.context.hoistable = self.context.hoistable, False
                second = self.condition(right)
                self.context.hoistable = before
                return _join("&&" if operator == "and" else "||", first, second)
            case Binary(operator="==" | "~=" as operator, left=left, right=right) if expr.meta:
                equal = call("lua.Equal", self.value(left), self.value(right))
                return equal if operator == "==" else self._negate(equal)
            case Binary(operator="==" | "~=" as operator, left=left, right=right):
                found = self._lengths(expr)
                if found is not None:
                    return found
                found = self.equality(left, right)
                return found if operator == "==" else self._negate(found)
            case Binary(operator="<" | "<=" | ">" | ">="):
                return self.order(expr)
            case Local(variable=variable) if variable in self.context.pairs:
                return Name(self.context.flag(variable))
        if not has_event(expr) and not expr.type.falsy.kinds:
            return Name("true")
        if not has_event(expr) and not expr.type.truthy.kinds:
            return Name("false")
        return self._truth(expr)

    def _contains(self, expr: Expr) -> Go | None:
        """A test of `text:find("part")`."""
        match expr:
            case Action(entry=Entry(name="string.find"), args=[_, Constant(value=bytes() as part), *more]):
                plain = len(more) == 2 and isinstance(more[1], Constant) and more[1].value is True
                start = isinstance(more[0], Constant) and more[0].value in (None, 1.0) if more else True
                if not start or (more[1:] and not plain) or not cannot_fail(expr):
                    return None
                found = (part, False, False) if plain else literal(part)
                if found is None:
                    return call("lua.Found", self.calls.subject(expr), goast.string(part))
                return self._literal_test(self.calls.subject(expr), *found)
            case Action(
                entry=Entry(name="string.find"),
                args=[_, part, Constant(value=None | 1.0), Constant(value=True)],
            ) if part.type.only("string"):
                return call("strings.Contains", self.calls.subject(expr), self.text(part))
        return None

    def _literal_test(self, subject: Go, part: bytes, at_start: bool, at_end: bool) -> Go:
        if at_start and at_end:
            return Infix("==", subject, goast.string(part))
        name = "HasPrefix" if at_start else "HasSuffix" if at_end else "Contains"
        return call(f"strings.{name}", subject, goast.string(part))

    def _matches(self, expr: Expr) -> Go | None:
        """A test of `ngx.re.find(text, "pattern")` or `ngx.re.match(…)`."""
        match expr:
            case Action(entry=Entry(name="ngx.re.find" | "ngx.re.match"), args=args) if 2 <= len(
                args
            ) <= 3 and not spreads(args):
                return call("re.Test", *map(self.value, args))
        return None

    def _truth(self, expr: Expr) -> Go:
        contains = self._contains(expr) or self._matches(expr)
        if contains is not None:
            return contains
        found = self.native_repr(expr)
        if isinstance(expr, Call) and is_pair(expr):
            return call("lua.Given" if found is Repr.OPT_STRING else "lua.IsNumber", self.calls.call(expr))
        if found is Repr.BOOL:
            return self.native(expr)
        if found in OPTIONAL:
            return self._negate(method(self.native(expr), "IsNil"))
        if found is Repr.REPLY:
            return self._negate(method(self.native(expr), "Falsy"))
        if found is Repr.CAPTURES:
            return self._negate(method(self.native(expr), "IsNil"))
        if found is Repr.OBJECT:
            return Infix("!=", self.native(expr), Name("nil"))
        return call("lua.Truthy", self.value(expr))

    def _negate(self, expr: Go) -> Go:
        match expr:
            case Name(text="true"):
                return Name("false")
            case Name(text="false"):
                return Name("true")
            case Not(value=value, operator="!"):
                return value
            case Infix(operator="==", left=left, right=right):
                return Infix("!=", left, right)
            case Infix(operator="!=", left=left, right=right):
                return Infix("==", left, right)
            case _:
                return Not(expr)

    def equality(self, left: Expr, right: Expr) -> Go:
        """`left == right`: Lua compares without coercion, values of different kinds are unequal."""
        if self._is_late(left, right):
            right = self.context.lift(right)
            with self.context.sequence([]):
                return self.equality(left, right)
        left, right = self._settled(left), self._settled(right)
        if isinstance(left, Constant) and not isinstance(right, Constant):
            left, right = right, left
        if isinstance(right, Constant) and right.value is None:
            return self._is_nil(left)
        if right.type.only("null") and self.native_repr(left) is Repr.REPLY:
            return method(self.native(left), "IsNull")
        if self.native_repr(left) is Repr.REPLY and not isinstance(left, Call):
            if right.type.only("string"):
                return method(self.native(left), "EqualString", self.text(right))
            if right.type.only("number"):
                return method(self.native(left), "EqualNumber", self.number(right))
        if not left.type.meets(right.type) and not (has_event(left) or has_event(right)):
            return Name("false")
        for kinds, emit in (
            (("string",), self.text),
            (("number",), self.number),
            (("true", "false"), self.condition),
        ):
            if left.type.only(*kinds) and right.type.only(*kinds):
                return Infix("==", emit(left), emit(right))
        if left.type.only("string", "nil") and right.type.only("string", "nil"):
            return self._equal_texts(left, right)
        if left.type.only("number", "nil") and right.type.only("number", "nil"):
            return Infix("==", self.optional_number(left), self.optional_number(right))
        first, second = self._plain(left), self._plain(right)
        both = self._is_concrete(left) and self._is_concrete(right)
        if both and not _is_interface(first):  # Go does not compare these
            first = call("lua.Plain", first)
        return Infix("==", first, second)

    def _is_concrete(self, expr: Expr) -> bool:
        """Whether an expression has a Go type of its own, and is no interface."""
        concrete = (Repr.STRING, Repr.BOOL, Repr.NUMBER)
        return isinstance(expr, LibraryValue) or self.native_repr(expr) in concrete

    def _equal_texts(self, left: Expr, right: Expr) -> Go:
        """Whether two strings, or nils, are equal."""
        if isinstance(left, Call) and is_pair(left) and isinstance(right, Constant) and right.value:
            return Infix("==", call("lua.OrEmpty", self.calls.call(left)), self.text(right))
        if isinstance(left, Local) and right.type.only("string") and not has_event(right):
            return method(self.optional(left), "Is", self.text(right))
        return Infix("==", self.optional(left), self.optional(right))

    def _plain(self, expr: Expr) -> Go:
        """The value, with none of Go's wrapping."""
        if isinstance(expr, Constant) and isinstance(expr.value, float) and 0 <= expr.value < 1e14:
            if self._named(expr) is not None:
                return call("float64", self.value(expr))
            if expr.value.is_integer():
                return Name(f"{expr.value:.1f}")
        found = self.value(expr)
        return found if self._is_plain(expr) else call("lua.Plain", found)

    def _is_plain(self, expr: Expr) -> bool:
        """Whether an expression has one of Go's types that Lua's values have in Go."""
        found = self.native_repr(expr)
        if found in (Repr.STRING, Repr.BOOL) or isinstance(expr, LibraryValue):
            return True
        return (found is Repr.NUMBER and not isinstance(expr, Constant)) or self.is_plain_value(expr)

    def is_plain_value(self, expr: Expr) -> bool:
        """Whether an expression is a lua.Value that is none of the runtime's own types."""
        match expr:
            case Local(variable=variable):
                return variable in self.context.plain
            case Index(object=object_):
                return list_of(object_) is None
            case Call():
                return is_open(expr) and self.native_repr(expr) is Repr.VALUE
            case Logical():
                return is_value_default(expr)
            case _:
                return False

    def is_value(self, expr: Expr) -> bool:
        """Whether an expression has the Go type lua.Value."""
        match expr:
            case Local(variable=variable):
                return representation(variable.type) is Repr.VALUE
            case Apply(function=function, adjusted=adjusted):
                one = adjusted or len(function.results) == 1
                return one and bool(function.results) and representation(function.results[0]) is Repr.VALUE
            case Action(entry=Entry(name="ngx.header[*]" | "ngx.header.*")):
                return True
            case _:
                return self.is_plain_value(expr)

    def _is_nil(self, expr: Expr) -> Go:
        contains = self._contains(expr)
        if contains is not None:
            return self._negate(contains)
        if isinstance(expr, Local) and expr.variable in self.context.pairs:
            return Not(Name(self.context.flag(expr.variable)))
        if isinstance(expr, Call) and is_pair(expr):
            is_number = self.native_repr(expr) is Repr.OPT_NUMBER
            return method(self.optional_number(expr) if is_number else self.optional(expr), "IsNil")
        if not has_event(expr) and "nil" not in expr.type:
            return Name("false")
        found = self.native_repr(expr)
        if found in (*OPTIONAL, Repr.REPLY, Repr.CAPTURES):
            return method(self.native(expr), "IsNil")
        if found is Repr.OBJECT:
            return Infix("==", self.native(expr), Name("nil"))
        shown = self.value(expr)
        return Infix("==", shown if self.is_plain_value(expr) else call("lua.Plain", shown), Name("nil"))

    def order(self, expr: Binary) -> Go:
        """`<`, `<=`, `>`, `>=`: numbers with numbers, strings with strings (by bytes); all else raises."""
        operator = _GO_COMPARISON[expr.operator]
        if self._is_late(expr.left, expr.right):
            late = copy.copy(expr)
            late.right = self.context.lift(expr.right)
            with self.context.sequence([]):
                return self.order(late)
        left, right = self._settled(expr.left), self._settled(expr.right)
        for kind, emit in (("string", self.text), ("number", self.number)):
            if left.type.only(kind) and right.type.only(kind):
                return self._lengths(expr) or Infix(operator, emit(left), emit(right))
        function = {"<": "Less", "<=": "LessOrEqual", ">": "Greater", ">=": "GreaterOrEqual"}[operator]
        at = self.in_chunk(call("lua.Temporary", Name(str(self.context.last_line_of(expr)))))
        return call(f"lua.{function}", self.value(left), self.value(right), at)

    def _lengths(self, expr: Binary) -> Go | None:
        """`#s < 32` compares integers in Go."""
        sides = (expr.left, expr.right)
        if any(map(self._has_length, sides)) and all(map(self._is_integer, sides)):
            return Infix(_GO_COMPARISON[expr.operator], *map(self.integer, sides))
        return None

    def _is_integer(self, expr: Expr) -> bool:
        """Whether an expression has an integer for its value, in Go."""
        if isinstance(expr, Constant):
            return isinstance(expr.value, float) and expr.value.is_integer() and abs(expr.value) < 1 << 31
        return self._has_length(expr)

    def _has_length(self, expr: Expr) -> bool:
        """Whether an expression is the length of something that has one for sure."""
        if not isinstance(expr, Unary) or expr.operator != "#":
            return False
        operand = expr.operand
        is_table = isinstance(operand, Local) and self.native_repr(operand) is Repr.TABLE
        return operand.type.only("string") or list_of(operand) is not None or is_table


def _is_interface(expr: Go) -> bool:
    """Whether a Go expression is a call of `lua.Plain`; a comparison that begins with one is a bool."""
    return isinstance(expr, goast.Call) and expr.function == Name("lua.Plain")


def _is_byte(expr: Expr) -> bool:
    """Whether an expression is `text:byte(i)`, which gives one number at most."""
    match expr:
        case Action(entry=Entry(name="string.byte"), args=[_]):
            return True
        case Action(entry=Entry(name="string.byte"), args=[_, place]):
            return place.type.only("number") and spreads([place]) is None
        case _:
            return False


def _is_empty(expr: Expr) -> bool:
    """Whether an expression is the empty string."""
    return isinstance(expr, Constant) and expr.value == b""


_NEAR = 16  # operands that are looked at: all of a long chain would be too much work


def _join(operator: str, first: Go, second: Go) -> Go:
    """`first && second` or `first || second`, without operands that the types have decided."""
    neutral, deciding = (Name("true"), Name("false")) if operator == "&&" else (Name("false"), Name("true"))
    if neutral in (first, second):
        return second if first == neutral else first
    if first == deciding:
        return deciding
    # go vet takes exception to `ok || ok`, where nothing in between can change ok.
    known = itertools.takewhile(_is_still, itertools.islice(_operands(operator, first), _NEAR))
    return first if second in known else Infix(operator, first, second)


def _operands(operator: str, go: Go) -> Iterator[Go]:
    """The operands of a chain of one operator, the last one first."""
    while isinstance(go, Infix) and go.operator == operator:
        yield go.right
        go = go.left
    yield go


def _is_still(go: Go) -> bool:
    """Whether an expression calls nothing."""
    match go:
        case Not(value=value):
            return _is_still(value)
        case Infix(left=left, right=right):
            return _is_still(left) and _is_still(right)
        case _:
            return isinstance(go, Name)
