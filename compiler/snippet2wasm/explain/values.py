"""Values and conditions of the IR in words."""

from __future__ import annotations

from snippet2wasm.catalogue.phrases import Phrase, Template, choose, phrases
from snippet2wasm.explain.scope import Definition
from snippet2wasm.explain.words import Words, code, join, say
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    ApplyValue,
    Binary,
    Closure,
    ConfigValue,
    Constant,
    Constructor,
    Expr,
    Function,
    HookCall,
    Index,
    LibraryValue,
    Local,
    Logical,
    Record,
    Unary,
    Vararg,
    Variable,
)
from snippet2wasm.ir.numbers import number_text
from snippet2wasm.ir.printer import print_expression

_ORDER = {
    "<": ("is less than", "is not less than"),
    "<=": ("is at most", "is not at most"),
    ">": ("is more than", "is not more than"),
    ">=": ("is at least", "is not at least"),
}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_ARITHMETIC = frozenset("+-*/%^")
_SHORT = 40
"""Bytes of a constant text that is told instead of the name of the variable that holds it."""

_SHOWN_FIELDS = 8
_NO_PHRASE = Phrase()


def phrase(action: Action) -> Phrase:
    """What the catalogue says of an action."""
    found = phrases().get(action.entry.name)
    if found is None and action.entry.name.startswith("ngx.var."):
        name = action.entry.name.removeprefix("ngx.var.")
        return Phrase(value=(Template((f"the variable ${name}",)),), reads="variable")
    return found or _NO_PHRASE


def names_header(action: Action) -> bool:
    """Whether the first operand is a header's name in which `_` stands for `-`."""
    return action.entry.name.startswith(("ngx.var.http_", "ngx.header."))


def _is_empty(expr: Expr) -> bool:
    """Whether an expression is the empty text, which nothing is as well as."""
    return isinstance(expr, Constant) and expr.value == b""


def is_redis_command(action: Action) -> bool:
    """Whether an action is a Redis command without a phrase for its effect that stands for itself."""
    return action.entry.name.startswith("redis:") and action.entry.variadic


def command(action: Action) -> str:
    """The name of a Redis command, as Redis writes it."""
    return action.name.partition(":")[2].upper()


class Speaker:
    """Says what expressions are.

    Attributes:
        function: the function whose code is told.

    Args:
        definitions: the variables that are set once.
        keys: names of the functions.
        stale: variables that are told by their names, whatever they were set to.
        constants: what the parameters get that only get constant numbers.
    """

    def __init__(
        self,
        definitions: dict[Variable, Definition],
        keys: dict[Function, str],
        constants: dict[Variable, tuple[float, ...]],
        stale: frozenset[Variable],
    ) -> None:
        self.definitions = definitions
        self.keys = keys
        self.constants = constants
        self.stale = stale
        self.function: Function | None = None

    # Values

    def value(self, expr: Expr) -> Words:
        """A value, as a noun."""
        match expr:
            case Constant(value=value):
                return constant(value)
            case LibraryValue(entry=entry):
                return say("null") if entry.name == "ngx.null" else say(code(entry.name))
            case Local(variable=Variable(origin=Expr() as origin)):
                return self.value(origin)
            case Local(variable=variable):
                told = self.read_by(variable)
                return self.value(told) if told is not None else say(code(variable.name))
            case ConfigValue(config=config):
                return say("the setting ", code(config.key))
            case Action():
                return self._action(expr)
            case Apply(function=function):
                return say("the result of ", code(self.keys[function]))
            case HookCall(hook=hook):
                return say("the result of the Go hook ", code(hook.lua_name))
            case Unary() | Binary() | Logical():
                return self._operation(expr)
            case Index(object=object_, key=Constant(value=bytes() as key)):
                return say("the field ", code(key), " of ", self.value(object_))
            case Index(object=object_, key=key):
                return say("the item ", self.inner(key), " of ", self.value(object_))
            case _:
                return self._made(expr)

    def _made(self, expr: Expr) -> Words:
        """A table, a function, or what there are no words for."""
        match expr:
            case Constructor(fields=fields):
                return self._table(fields)
            case Closure(function=function):
                name = say("the function ", code(function.name))
                return name if function.name else say("the ", code(self.keys[function]))
            case ApplyValue(callee=callee):
                return say("the result of ", self.value(callee))
            case Vararg():
                return say("the extra arguments")
            case Record():
                return say("a table (", self._fields(expr), ")") if expr.fields else say("an empty table")
            case _:
                return say(code(print_expression(expr)))

    def read_by(self, variable: Variable) -> Expr | None:
        """The expression that a variable stands for: something that it reads from the request, or a
        default for that. Such variables are told by what they are.
        """
        definition = self.definitions.get(variable)
        if definition is None or definition.index or variable in self.stale:
            return None
        return definition.value if self.is_read(definition.value) else None

    def is_read(self, expr: Expr) -> bool:
        """Whether an expression just reads something from the request, perhaps with a constant default, or is
        a short constant.
        """
        match expr:
            case Action(args=args):
                return bool(phrase(expr).reads) and all(isinstance(arg, Constant) for arg in args)
            case Logical(operator="or", left=left, right=Constant()):
                return self.is_read(left)
            case Constant(value=bytes() as value):
                return len(value) <= _SHORT
            case Constant(value=value):
                return value is not None
            case ConfigValue():
                return True
            case _:
                return False

    def _action(self, expr: Action) -> Words:
        words = phrase(expr)
        template = choose(words.value, len(expr.args))
        if template is not None:
            return self.fill(template, expr)
        if is_redis_command(expr):
            return say("the answer to ", command(expr))
        return say("the result of ", code(expr.name)) if words.does else say(code(print_expression(expr)))

    def fill(self, template: Template, expr: Action) -> Words:
        """A template with the operands of an action."""
        found = say(template.parts[0])
        for name, text in zip(template.parts[1::2], template.parts[2::2], strict=True):
            if name == "receiver":
                found += self.value(expr.receiver) if expr.receiver is not None else "it"
            elif name == "text":
                shape = "".join(map(self.shape, expr.args))
                found += say(code(shape)) if shape else say("nothing")
            elif name == "others":
                found += join(map(self.value, expr.args[1:]), last=" and ")
            elif name == "all":
                found += join(map(self.value, expr.args))
            else:
                found += self.operand(expr, int(name))
            found += text
        return found

    def operand(self, expr: Action, index: int) -> Words:
        """An operand of an action; names of arguments, headers and cookies as code, without quotes."""
        arg = expr.args[index]
        if isinstance(arg, Record) and arg.fields:
            return self._fields(arg)
        if isinstance(arg, Constant) and isinstance(arg.value, bytes) and names_header(expr) and index == 0:
            return say(code(arg.value.replace(b"_", b"-")))
        if isinstance(arg, Local) and expr.entry.name.startswith("redis:"):
            arg = self._composed(arg)
        found = self.value(arg)
        is_sum = isinstance(arg, Binary) and arg.operator in _ARITHMETIC
        return say("(", found, ")") if is_sum and len(expr.args) == 1 else found

    def _composed(self, local: Local) -> Expr:
        """The text that a variable holds, if it is put together: what a Redis key looks like."""
        definition = self.definitions.get(local.variable)
        if (
            definition is not None
            and isinstance(definition.value, Binary)
            and definition.value.operator == ".."
        ):
            return definition.value
        return local

    def passed(self, expr: Expr) -> Words:
        """A value; of a parameter that only gets constants, these, too."""
        found = self.value(expr)
        values = self.constants.get(expr.variable) if isinstance(expr, Local) else None
        return say(found, " (", join(map(constant, values), last=" or "), ")") if values else found

    def _operation(self, expr: Unary | Binary | Logical) -> Words:
        match expr:
            case Unary(operator="#", operand=operand):
                return say("the length of ", self.value(operand))
            case Unary(operator="-", operand=operand):
                return say("minus ", self.inner(operand))
            case Binary(operator=".."):
                return say(code(self.shape(expr)))
            case Binary(operator="+" | "-" | "*" | "/" | "%" | "^" as operator, left=left, right=right):
                return say(self.inner(left), f" {operator} ", self.inner(right))
            case Logical(operator="or"):
                if expr.type.only("true", "false"):
                    return say("whether ", self.condition(expr))
                first, *others = [
                    self.value(operand) for operand in _flatten("or", expr) if not _is_empty(operand)
                ]
                if not others:
                    return first
                return say(first, " (or else ", join(others, ", or else "), ")")
            case Logical(operator="and", left=left, right=right) if not expr.type.only("true", "false"):
                return say(self.value(right), " if ", self.condition(left))
            case _:
                return say("whether ", self.condition(expr))

    def _fields(self, record: Record) -> Words:
        return join(say(code(name), " = ", self.value(value)) for name, value in record.fields.items())

    def _table(self, fields: list[tuple[Expr | None, Expr]]) -> Words:
        if not fields:
            return say("an empty table")
        shown = []
        for key, value in fields[:_SHOWN_FIELDS]:
            named = say() if key is None else say(self.value(key), " = ")
            shown.append(named + self.value(value))
        more = say(", …") if len(fields) > _SHOWN_FIELDS else say()
        return say("a table (", join(shown), more, ")")

    def inner(self, expr: Expr) -> Words:
        """An operand of arithmetic."""
        found = self.value(expr)
        return say("(", found, ")") if isinstance(expr, Binary | Logical) else found

    def shape(self, expr: Expr) -> str:
        """A text that is put together: what is constant in it, and the rest in angle brackets."""
        match expr:
            case Binary(operator="..", left=left, right=right):
                return self.shape(left) + self.shape(right)
            case Constant(value=bytes() as value):
                return value.decode("utf-8", "backslashreplace")
            case Constant(value=float() as value):
                return number_text(value)
            case Constant(value=value):
                return "nil" if value is None else "true" if value else "false"
            case LibraryValue(entry=entry) if entry.name == "ngx.null":
                return "null"
            case _:
                return f"<{self.value(expr).bare()}>"

    # Conditions

    def condition(self, expr: Expr, holds: bool = True) -> Words:
        """A condition as a clause: that it holds, or that it does not."""
        return say(*self._clause(expr, holds))

    def _clause(self, expr: Expr, holds: bool) -> tuple[Words, Words]:
        """A condition as a subject and what is said of it; the subject is empty where it has none."""
        match expr:
            case Unary(operator="not", operand=operand):
                return self._clause(operand, not holds)
            case Logical(operator=operator):
                return say(), self._both(operator, expr, holds)
            case Binary(operator="==" | "~=" as operator, left=left, right=right):
                return self._equality(left, right, (operator == "==") is holds)
            case Binary(operator="<" | "<=" | ">" | ">=" as operator, left=left, right=right):
                return self._order(operator, left, right, holds)
            case Constant(value=value):
                return say(), say(
                    "always" if (value is not None and value is not False) is holds else "never"
                )
            case _:
                return self._truth(expr, holds)

    def _both(self, operator: str, expr: Expr, holds: bool) -> Words:
        word = operator if holds else {"and": "or", "or": "and"}[operator]
        found: list[Words] = []
        before = say()
        for operand in _flatten(operator, expr):
            subject, said = self._clause(operand, holds)
            again = bool(subject.parts) and subject == before  # "is missing or is empty": the same subject
            text = said.stripped() if again else say(subject, said)
            found.append(say("(", text, ")") if _is_compound(operand) else text)
            before = subject
        return join(found, f" {word} ")

    def _equality(self, left: Expr, right: Expr, equal: bool) -> tuple[Words, Words]:
        if isinstance(left, Constant | LibraryValue) and not isinstance(right, Constant | LibraryValue):
            left, right = right, left
        if isinstance(right, Constant) and right.value is None:
            return self._presence(left, not equal)
        subject = self.value(left)
        if isinstance(right, LibraryValue) and right.entry.name == "ngx.null":
            return subject, say(" is null (Redis has no such value)" if equal else " is not null")
        if isinstance(right, Constant) and right.value == b"":
            return subject, say(" is empty" if equal else " is not empty")
        word = " " if isinstance(right, Constant) else " the same as "
        return subject, say(" is" if equal else " is not", word, self.value(right))

    def _order(self, operator: str, left: Expr, right: Expr, holds: bool) -> tuple[Words, Words]:
        exact = any(isinstance(side, Unary) and side.operator == "#" for side in (left, right))
        if not holds and exact:  # a length is never NaN, so the opposite holds
            operator, holds = _OPPOSITE[operator], True
        return self.value(left), say(f" {_ORDER[operator][0 if holds else 1]} ", self.value(right))

    def _truth(self, expr: Expr, holds: bool) -> tuple[Words, Words]:
        """That a value is true in Lua's sense: neither nil nor false."""
        kinds = _whole_type(expr)
        call = self._call_of(expr)
        if call is not None and call.entry.name.startswith("cjson.") and "false" in kinds:
            subject, said = self._presence(expr, holds)
            return subject, say(said, " and gave no " if holds else " or gave ", code("false"))
        if "false" not in kinds or call is not None:
            return self._presence(expr, holds)
        if kinds <= {"true", "false"}:
            if isinstance(expr, Action) and (words := phrase(expr)).holds:
                template = choose(words.holds if holds else words.fails, len(expr.args))
                if template is not None:
                    return say(), self.fill(template, expr)
            return self.value(expr), say(" is true" if holds else " is not true")
        there = " is true" if kinds <= {"true", "false", "nil"} else " is there and not false"
        return self.value(expr), say(there if holds else " is missing or false")

    def presence(self, expr: Expr, there: bool) -> Words:
        """That a value is not nil, or is."""
        return say(*self._presence(expr, there))

    def _presence(self, expr: Expr, there: bool) -> tuple[Words, Words]:
        call = self._call_of(expr)
        if call is not None:
            name = expr.variable.name if isinstance(expr, Local) else ""
            return say(self.noun(call)), say(" worked" if there else " failed", *_named(name))
        source = self._source(expr)
        if not isinstance(source, Action):
            return self._there(expr, there)
        words = phrase(source)
        template = choose(words.holds if there else words.fails, len(source.args)) if words.holds else None
        if template is not None:
            return say(), self.fill(template, source)
        if words.reads:
            said = words.present or "is there" if there else words.missing or "is missing"
            return self.value(expr), say(" ", said)
        return self._there(expr, there)

    def _there(self, expr: Expr, there: bool) -> tuple[Words, Words]:
        if isinstance(expr, Local) and not there:
            return say(), say("there is no ", self.value(expr))
        return self.value(expr), say(" is there" if there else " is missing")

    def _source(self, expr: Expr) -> Expr:
        told = self.read_by(expr.variable) if isinstance(expr, Local) else None
        return told if told is not None else expr

    def _call_of(self, expr: Expr) -> Action | None:
        """The call whose success a value tells: the first of `value, err`."""
        if isinstance(expr, Local):
            definition = self.definitions.get(expr.variable)
            if definition is None or definition.index:
                return None
            expr = definition.value
        return expr if isinstance(expr, Action) and (expr.entry.exclusive or phrase(expr).noun) else None

    def noun(self, action: Action) -> Words:
        """What an action is called: "the connection", "SETEX"."""
        words = phrase(action)
        if words.noun:
            return say(words.noun)
        return say(command(action)) if is_redis_command(action) else say(code(action.name))


def constant(value: bool | float | bytes | None) -> Words:
    """A constant as it is written."""
    match value:
        case None:
            return say("nothing")
        case bool():
            return say("true" if value else "false")
        case bytes():
            return say(code(value)) if value else say("an empty text")
        case _:
            return say(number_text(value))


def _named(name: str) -> tuple[Words, ...]:
    return (say(" (", code(name), ")"),) if name else ()


def _flatten(operator: str, expr: Expr) -> list[Expr]:
    if isinstance(expr, Logical) and expr.operator == operator:
        return [*_flatten(operator, expr.left), *_flatten(operator, expr.right)]
    return [expr]


def _is_compound(expr: Expr) -> bool:
    while isinstance(expr, Unary) and expr.operator == "not":
        expr = expr.operand
    return isinstance(expr, Logical)


def _whole_type(expr: Expr) -> frozenset[str]:
    """All kinds that a value can have, wherever it stands."""
    return expr.variable.type.kinds if isinstance(expr, Local) else expr.type.kinds
