"""Which errors Lua may raise while an expression is evaluated, in nginx's words."""

from __future__ import annotations

import re

from snippet2wasm.explain.model import LuaError, Place
from snippet2wasm.explain.values import Speaker
from snippet2wasm.explain.words import Words, code, join, say
from snippet2wasm.ir.nodes import (
    ORDER,
    Action,
    ApplyValue,
    Binary,
    Call,
    Constant,
    Expr,
    GenericFor,
    Index,
    Invoke,
    Local,
    Logical,
    NumericFor,
    Unary,
    Variable,
)
from snippet2wasm.ir.types import Type

_LUA_TYPES = {"true": "boolean", "false": "boolean", "null": "userdata", "any": "any"}
_PLAIN = frozenset(("nil", "number", "string", "table", "function", "thread"))
_TYPED_OPERANDS = {"-": "perform arithmetic on", "..": "concatenate"} | dict.fromkeys(
    "+*/%^", "perform arithmetic on"
)
_INDEXED = frozenset(("table", "string"))


def own_errors(expr: Expr, speaker: Speaker, place: Place) -> list[LuaError]:
    """The errors that an expression itself may raise, apart from its operands'."""
    match expr:
        case Unary(operator="-", operand=operand):
            return _wrong_kind("perform arithmetic on", operand, {"number"}, speaker, place)
        case Unary(operator="#", operand=operand):
            return _wrong_kind("get length of", operand, {"string", "table"}, speaker, place)
        case Binary(operator=operator, left=left, right=right):
            if operator in ORDER:
                return _comparison(left, right, speaker, place)
            return _operands(operator, left, right, speaker, place)
        case Index(object=object_):
            return index_errors(object_, speaker, place)
        case ApplyValue(callee=callee):
            return _wrong_kind("call", callee, {"function"}, speaker, place)
        case Invoke(action=None, receiver=receiver, method=method):
            missing = f"attempt to call method '{code(method).text}' (a nil value)"
            when = say("if it has no ", code(method))
            return [*index_errors(receiver, speaker, place), LuaError((missing,), when, place)]
        case Action(receiver=receiver):
            found = _arguments(expr, speaker, place)
            if receiver is not None:
                found += _wrong_kind(
                    "index", receiver, receiver.type.drop("nil", "false").kinds, speaker, place
                )
            return found
        case _:
            return []


def loop_errors(statement: NumericFor | GenericFor, speaker: Speaker, place: Place) -> list[LuaError]:
    """The errors with which a `for` loop may refuse to begin."""
    if isinstance(statement, NumericFor):
        limits = (("initial value", statement.start), ("limit", statement.stop), ("step", statement.step))
        found = []
        for name, expr in limits:
            kinds = expr.type.kinds - {"number"} if expr is not None else frozenset()
            if expr is not None and kinds:
                when = _when(expr, kinds, {"number"}, speaker)
                found.append(LuaError((f"'for' {name} must be a number",), when, place))
        return found
    over = loop_operand(statement)
    kinds = over.type.kinds - {"table"}
    if not statement.over or not kinds:
        return []
    messages = tuple(
        f"bad argument #1 to '{statement.over}' (table expected, got {type_})" for type_ in lua_types(kinds)
    )
    return [LuaError(messages, _when(over, kinds, {"table"}, speaker), place)]


def loop_operand(statement: GenericFor) -> Expr:
    """What `pairs` or `ipairs` goes over."""
    expr = statement.values[0]
    return expr.args[0] if isinstance(expr, Action) and expr.args else expr


def index_errors(object_: Expr, speaker: Speaker, place: Place) -> list[LuaError]:
    """The error of `object[key]`, read or set."""
    return _wrong_kind("index", object_, _INDEXED, speaker, place)


def _operands(operator: str, left: Expr, right: Expr, speaker: Speaker, place: Place) -> list[LuaError]:
    what = _TYPED_OPERANDS.get(operator)
    if what is None:
        return []
    fitting = {"string", "number"} if operator == ".." else {"number"}
    found = []
    for operand in (left, right):
        found += _wrong_kind(what, operand, fitting, speaker, place)
    return found


def _wrong_kind(
    what: str, operand: Expr, fitting: set[str] | frozenset[str], speaker: Speaker, place: Place
) -> list[LuaError]:
    """`attempt to …`: the operand may be of a kind that the operation does not take."""
    kinds = operand.type.kinds - fitting
    if not kinds:
        return []
    name = _operand_name(operand, speaker)
    described = f"{name} (a %s value)" if name else "a %s value"
    types = [type_ for type_ in lua_types(kinds) if type_ not in fitting]
    messages = tuple(f"attempt to {what} {described % type_}" for type_ in types)
    unless = speaker.presence(operand, there=True) if kinds == {"nil"} else say()
    return [LuaError(messages, _when(operand, kinds, fitting, speaker), place, unless)]


def _operand_name(expr: Expr, speaker: Speaker) -> str:
    """How LuaJIT names an operand: after the instruction that made it."""
    match expr:
        case Local(variable=Variable(origin=Expr() as origin)):
            return _operand_name(origin, speaker)
        case Local(variable=variable) if variable.lasting in ("global", "field"):
            return f"{variable.lasting} '{variable.name}'"
        case Local(variable=variable) if variable.owner not in (None, speaker.function):
            return f"upvalue '{variable.name}'"
        case Local(variable=variable):
            return f"local '{variable.name}'"
        case Action(entry=entry, name=name) if entry.name.startswith("ngx.var."):
            return f"field '{name.removeprefix('ngx.var.')}'"
        case Index(key=Constant(value=bytes() as key)):
            return f"field '{key.decode('utf-8', 'backslashreplace')}'"
        case Logical(right=right):
            return _operand_name(right, speaker)
        case _:
            return ""


def _when(
    operand: Expr, kinds: frozenset[str], fitting: set[str] | frozenset[str], speaker: Speaker
) -> Words:
    """For which values of an operand: "if the argument `d` is missing"."""
    if len(lua_types(kinds)) > _FEW:
        names = [_KIND_WORDS.get(type_, f"a {type_}") for type_ in lua_types(frozenset(fitting))]
        return say("unless ", speaker.value(operand), " is ", join(map(say, names), last=" or "))
    if kinds == {"nil"}:
        return say("if ", speaker.presence(operand, there=False))
    names = [_KIND_WORDS.get(type_, f"a {type_}") for type_ in lua_types(kinds)]
    text = say("if ", speaker.value(operand), " is ", join(map(say, names), last=" or "))
    return text + " that is no number" if "string" in kinds and "number" in fitting else text


_FEW = 3
_KIND_WORDS = {"nil": "missing", "userdata": "null", "string": "a text", "any": "of another kind"}


def lua_types(kinds: frozenset[str]) -> list[str]:
    """What Lua's `type` says of these kinds."""
    return sorted({_LUA_TYPES.get(kind, kind if kind in _PLAIN else "table") for kind in kinds})


def _comparison(left: Expr, right: Expr, speaker: Speaker, place: Place) -> list[LuaError]:
    pairs = [(a, b) for a in lua_types(left.type.kinds) for b in lua_types(right.type.kinds)]
    bad = [(a, b) for a, b in pairs if a != b or a not in ("number", "string")]
    messages = tuple(
        f"attempt to compare two {a} values" if a == b else f"attempt to compare {a} with {b}" for a, b in bad
    )
    if not bad:
        return []
    when = say(
        "unless both ", speaker.value(left), " and ", speaker.value(right), " are numbers or both are texts"
    )
    for operand, other in ((left, right), (right, left)):
        comparable = other.type.only("number") or other.type.only("string")
        if comparable and operand.type.kinds - other.type.kinds == {"nil"}:
            when = say("if ", speaker.presence(operand, there=False))
    return [LuaError(messages, when, place)]


def _arguments(expr: Action, speaker: Speaker, place: Place) -> list[LuaError]:
    """Errors of a library function that does not take an argument."""
    if expr.entry.name == "assert":
        return _assertion(expr, speaker, place)
    found: list[LuaError] = []
    raises = expr.entry.raises or expr.entry.name in _RAISING
    if raises and not _plain_pattern(expr) and not _counts(expr):
        found.append(LuaError((), say("if the operands of ", code(expr.name), " do not fit"), place))
    for arg, parameter in zip(expr.args, expr.entry.parameters, strict=False):
        kinds = Type(arg.type.kinds - parameter.kinds).kinds
        if parameter.raises and kinds and not parameter.takes_anything:
            found.append(LuaError((parameter.raises,), _when(arg, kinds, parameter.kinds, speaker), place))
    if expr.entry.name == "ngx.exit" and not _is_good_code(expr.args[0], speaker):
        found.append(LuaError((_BAD_EXIT,), say("if ", speaker.value(expr.args[0]), " is -2 or -4"), place))
    return found


def _is_good_code(arg: Expr, speaker: Speaker) -> bool:
    """Whether `ngx.exit` certainly takes a code; constants that it refuses are told as ends."""
    if isinstance(arg, Local) and arg.variable in speaker.constants:
        return not {-2.0, -4.0} & set(speaker.constants[arg.variable])
    return isinstance(arg, Constant)


def _counts(expr: Action) -> bool:
    """`select("#", …)`."""
    first = expr.args[0] if expr.args else None
    return expr.entry.name == "select" and isinstance(first, Constant) and first.value == b"#"


def _plain_pattern(expr: Action) -> bool:
    """Whether a function takes a pattern, and the pattern is a constant in which nothing can be wrong."""
    if expr.entry.name not in _PATTERNS or len(expr.args) < 2:
        return False
    pattern = expr.args[1]
    if not (isinstance(pattern, Constant) and isinstance(pattern.value, bytes)):
        return False
    return not set(_ESCAPED.sub(b"", pattern.value)) & _DELICATE


def _assertion(expr: Action, speaker: Speaker, place: Place) -> list[LuaError]:
    """`assert` raises its second argument, which may be the second result of a call."""
    first, message = [*expr.args[:2], None, None][:2]
    if first is not None and not first.type.falsy.kinds:
        return []
    if message is not None:
        text = code(speaker.shape(message)).text
    elif isinstance(first, Call) and not first.adjusted and (len(first.results) > 1 or not first.known):
        text = "<the second result of the call>"
    else:
        text = "assertion failed!"
    when = say("unless ", speaker.condition(first)) if first is not None else say()
    return [LuaError((text,), when, place)]


_RAISING = frozenset(("cjson.encode", "cjson.decode"))
_PATTERNS = frozenset(("string.find", "string.match", "string.gmatch", "string.gsub"))
_DELICATE = frozenset(b"%[()")
_ESCAPED = re.compile(rb"%[^bf0-9]", re.DOTALL)
_BAD_EXIT = "bad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE"
