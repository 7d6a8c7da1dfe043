"""What happens while an expression is evaluated: effects, and errors that Lua may raise.

Go evaluates the calls of a statement in Lua's order, left to right, but what becomes a statement of its own
in front of it comes first. That is right only while nothing happens before it.
"""

from __future__ import annotations

from snippet2wasm.analysis.matching import cannot_fail
from snippet2wasm.catalogue import Parameter
from snippet2wasm.ir.nodes import (
    ORDER,
    Action,
    Binary,
    Call,
    Constructor,
    Expr,
    Function,
    Index,
    Local,
    Unary,
    Vararg,
    children,
    has_effect,
)

_CALLING = frozenset(("ngx.re.sub", "ngx.re.gsub", "resty.jwt:verify", "resty.jwt:verify_jwt_obj"))
"""Functions that call what they are given, but for those that look at their arguments when they run."""


def may_raise(expr: Expr) -> bool:
    """Whether evaluating an expression may raise an error of Lua's."""
    return _raises_itself(expr) or any(map(may_raise, children(expr)))


def has_event(expr: Expr) -> bool:
    """Whether evaluating an expression can be noticed: then it must happen once, and in its place."""
    return has_effect(expr) or may_raise(expr)


def events(exprs: list[Expr]) -> list[Expr]:
    """The expressions with effects or errors of their own, and those that read what others may change, in the
    order in which Lua evaluates them.
    """
    found: list[Expr] = []
    for expr in exprs:
        match expr:
            case Action(method=True, args=[text, *rest]) if not text.type.only("string"):
                # Whether it is a text, is seen before the other operands are computed.
                seen = events([text])
                found += [*seen, *([] if seen[-1:] == [text] else [text]), *events(rest)]
            case _:
                found += events(children(expr))
        if _raises_itself(expr) or acts(expr) or _reads_state(expr):
            found.append(expr)
    return found


def _reads_state(expr: Expr) -> bool:
    """Whether the value of an expression depends on when it is read: a call before may have changed it."""
    match expr:
        case Index(object=object_):
            return not object_.type.family
        case Unary(operator="#", operand=operand):
            return not operand.type.only("string")
        case Local(variable=variable):
            return variable.captured and variable.assigned
        case _:
            return _reads_request(expr)


def _reads_request(expr: Expr) -> bool:
    """Whether all that an expression does is to read what belongs to the request."""
    match expr:
        case Action(entry=entry):
            return entry.request and not acts(expr) and not _raises_itself(expr)
        case _:
            return False


def have_order(first: Expr, second: Expr) -> bool:
    """Whether it may be noticed which of two events comes first: the request is changed by effects only."""
    if _reads_request(first) or _reads_request(second):
        return acts(first) or acts(second)
    return True


def reads_late(expr: Expr, function: Function) -> bool:
    """Whether an operand of arithmetic or of a comparison is a variable that is read only when all operands
    are computed: LuaJIT takes variables of the function that runs from where they are.
    """
    match expr:
        case Local(variable=variable):
            return _reads_state(expr) and variable.owner is function
        case _:
            return False


def acts(expr: Expr) -> bool:
    """Whether an expression has an effect of its own, apart from its operands'."""
    match expr:
        case Action(entry=entry, receiver=receiver):
            own = entry.suspends or entry.ends or entry.effect or expr.meta or expr.guarded
            return own or receiver is not None
        case _:
            return expr.meta or (isinstance(expr, Call) and not isinstance(expr, Vararg))


def runs_code(expr: Expr) -> bool:
    """Whether an expression itself may run code of the program, which may change variables."""
    match expr:
        case Action(entry=entry, args=args):
            calls = entry.checked or (entry.name in _CALLING and any(map(_may_hold_code, args)))
            return expr.meta or (entry.effect and calls)
        case _:
            return acts(expr)


def _may_hold_code(arg: Expr) -> bool:
    return not arg.type.kinds.isdisjoint(("function", "table"))


def is_number(expr: Expr) -> bool:
    """Whether arithmetic takes an expression as it is."""
    return expr.type.only("number")


def has_text(expr: Expr) -> bool:
    """Whether `..` takes an expression as it is."""
    return expr.type.only("string", "number")


def refuses(arg: Expr, parameter: Parameter) -> bool:
    """Whether a library function may refuse an argument."""
    return not parameter.takes_anything and not arg.type.only(*parameter.kinds)


def _raises_itself(expr: Expr) -> bool:
    match expr:
        case Unary(operator="-", operand=operand):
            return not is_number(operand)
        case Unary(operator="#", operand=operand):
            return not operand.type.only("string", "table")
        case Binary(operator=operator, left=left, right=right):
            if operator in ("==", "~="):
                return False
            if operator in ORDER:
                return not any(
                    left.type.only(kind) and right.type.only(kind) for kind in ("string", "number")
                )
            fits = has_text if operator == ".." else is_number
            return not (fits(left) and fits(right))
        case Index(object=object_):
            return not object_.type.only("table")
        case Action(entry=entry, args=args):
            # Which ciphers there are is found out when the call is written.
            return (
                (entry.raises and not cannot_fail(expr))
                or any(map(refuses, args, entry.parameters))
                or entry.name == "resty.aes.cipher"
            )
        case Constructor(fields=fields):
            return any(key is not None and not key.type.only("string", "true", "false") for key, _ in fields)
        case _:
            return False
