"""How Lua values are carried in Go: the narrowest Go type that holds all that a variable may be."""

from __future__ import annotations

from enum import Enum

from snippet2wasm.analysis.events import events, has_event, have_order, may_raise
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Block,
    Call,
    Closure,
    Constant,
    Constructor,
    Expr,
    Function,
    HookCall,
    Index,
    Local,
    Logical,
    Record,
    Return,
    children,
    has_call,
    is_open,
)
from snippet2wasm.ir.types import ANY, OPT_STRING, Type

OBJECTS = {
    "file": "*luafile.File",
    "redis": "*redis.Client",
    "aes": "*aes.AES",
    "aes_cipher": "*aes.Spec",
    "aes_hash": "aes.Hash",
    "hash": "*hash.Hash",
    "hmac": "*hmac.HMAC",
    "hmac_algorithm": "*hash.Algorithm",
    "cookie": "*cookie.Cookie",
    "shdict": "*shared.Dict",
    "lrucache": "*lrucache.Cache",
    "lock": "*locking.Lock",
    "limit_req": "*ratelimit.Req",
    "limit_count": "*ratelimit.Count",
    "limit_conn": "*ratelimit.Conn",
    "http": "*http.Client",
    "light": "*lua.LightUserdata",
}
"""Go types of the library objects, by kind; pointers are nil where Lua has nil."""


class Repr(Enum):
    """A Go type that carries Lua values; the value is its text."""

    STRING = "string"
    OPT_STRING = "lua.OptString"
    NUMBER = "float64"
    OPT_NUMBER = "lua.OptNumber"
    BOOL = "bool"
    REPLY = "redis.Reply"
    CAPTURES = "re.Captures"
    TABLE = "*lua.Table"
    FUNCTION = "*lua.Function"
    OBJECT = "object"
    VALUE = "lua.Value"


OPTIONAL = (Repr.OPT_STRING, Repr.OPT_NUMBER)
"""What is a pair `v, ok` as the one result of a Go function."""


def representation(type_: Type) -> Repr:
    """The representation of a type."""
    if type_.family:
        return Repr.REPLY if type_.family == "reply" else Repr.CAPTURES
    if type_.objects:
        is_known = len(type_.kinds - {"nil"}) == 1 and "object" not in type_
        return Repr.OBJECT if is_known else Repr.VALUE
    if type_.only("string"):
        return Repr.STRING
    if "string" in type_ and type_.only("string", "nil"):
        return Repr.OPT_STRING
    if type_.only("number"):
        return Repr.NUMBER
    if "number" in type_ and type_.only("number", "nil"):
        return Repr.OPT_NUMBER
    if type_.only("true", "false"):
        return Repr.BOOL
    if type_.only("table"):
        return Repr.TABLE
    if type_.only("function"):
        return Repr.FUNCTION
    return Repr.VALUE


def go_type(type_: Type) -> str:
    """The Go type that carries a type."""
    found = representation(type_)
    if found is Repr.OBJECT:
        (kind,) = type_.kinds - {"nil"}
        return OBJECTS[kind]
    return str(found.value)


def is_default(expr: Logical) -> bool:
    """Whether an expression is `x or "default"`, with x a string or nil, or a number or nil, and a default
    that costs nothing.
    """
    left, right = expr.left, expr.right
    if isinstance(left, Logical) and left.operator == "and":
        return False  # `a and b or c` is a choice
    if expr.operator != "or" or not left.type.falsy.only("nil") or has_call(right) or may_raise(right):
        return False
    return any(left.type.only(kind, "nil") and right.type.only(kind) for kind in ("string", "number"))


def is_value_default(expr: Logical) -> bool:
    """Whether an expression is `x or y` of values of which little is known, where it can't be noticed that
    y is computed even if x is true.
    """
    left, right = expr.left, expr.right
    if expr.operator != "or" or representation(expr.type) is not Repr.VALUE or needs_statements(left):
        return False
    if isinstance(right, Constant) and right.value is None:
        return False
    is_empty = isinstance(right, Record) and not right.fields
    if has_call(right) or has_event(right) or not (is_empty or isinstance(right, Constant | Local | Index)):
        return False
    return not any(have_order(first, second) for first in events([left]) for second in events([right]))


def is_plain(table: Constructor) -> bool:
    """Whether the order in which the fields of a table are set can't be seen, nor raise an error."""
    keys = [key for key, _ in table.fields if key is not None]
    values = [value for key, value in table.fields if key is None]
    known = {key.value for key in keys if isinstance(key, Constant) and key.value == key.value is not None}
    if len(known) < len(keys):
        return False
    if not values:
        return True
    mixed = any(has_event(value) for key, value in table.fields if key is not None)
    only_names = all(isinstance(key, bytes) for key in known)
    return only_names and not (mixed and any(map(has_event, values)))


def may_end(expr: Expr) -> bool:
    """Whether one of the operands of `and` or `or` is a call that never comes back: `x or ngx.exit(400)`."""
    if not isinstance(expr, Logical):
        return False
    return any(may_end(item) or (isinstance(item, Action) and item.entry.ends) for item in children(expr))


def library_function(expr: Expr) -> str:
    """The Go call that gives a function of the library as a value; "" if it has to be written out."""
    match expr:
        case Closure(
            function=Function(library=True, body=Block(statements=[Return(values=[Action() as call])]))
        ):
            return _FUNCTIONS.get(call.entry.go, "")
        case _:
            return ""


_FUNCTIONS = {"special.cjson_decode": "cjson.DecodeFunction"}


def needs_statements(expr: Expr) -> bool:
    """Whether an expression can't be one Go expression: `and` and `or` that give one of their operands,
    functions, and tables that have to be made step by step.
    """
    if isinstance(expr, Closure):
        return not library_function(expr)
    if (isinstance(expr, Constructor) and not is_plain(expr)) or may_end(expr):
        return True
    if not isinstance(expr, Logical) or expr.type.only("true", "false"):
        return False
    return not is_default(expr) and not is_value_default(expr)


def native_results(call: Call) -> list[Type]:
    """The types of the results that the Go call has; of a list of values, the first one's."""
    if is_open(call):
        return [ANY]
    match call:
        case Action(entry=entry) if len(entry.results) > 1:
            # Most of the runtime's functions give a number or nil beside other results as a lua.Value.
            return [
                ANY if representation(each) is Repr.OPT_NUMBER and not (entry.counts and index == 0) else each
                for index, each in enumerate(entry.results)
            ]
        case Action(entry=entry):
            return [OPT_STRING] if call.single else list(entry.results)
        case Apply(function=function):
            return function.results
        case HookCall(hook=hook):
            return [hook.result]
        case _:
            return call.results


def is_pair(call: Call) -> bool:
    """Whether the Go call gives its one Lua result as `(string, bool)` or `(float64, bool)`: a string or a
    number that may be nil.
    """
    results = native_results(call)
    return not is_open(call) and len(results) == 1 and representation(results[0]) in OPTIONAL
