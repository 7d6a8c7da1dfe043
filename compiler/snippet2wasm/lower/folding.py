"""Constant folding, in IEEE arithmetic: Go would compute constant expressions exactly, Lua rounds at every
step.

Of `^` only what is exact in every algorithm is folded: small integers.
"""

from __future__ import annotations

import math

from snippet2wasm.ir.nodes import Binary, Constant, Expr, Unary


def fold(expr: Unary | Binary) -> Expr:
    """The expression, or the constant that it is."""
    if isinstance(expr, Unary):
        operand = expr.operand
        if expr.operator == "-" and isinstance(operand, Constant) and _is_number(operand.value):
            return Constant(expr.span, -_number(operand))
        if expr.operator == "#" and isinstance(operand, Constant) and isinstance(operand.value, bytes):
            return Constant(expr.span, float(len(operand.value)))
        return expr
    left, right = expr.left, expr.right
    if not (isinstance(left, Constant) and isinstance(right, Constant)):
        return expr
    if expr.operator == "^":
        return _power(expr, left, right)
    if expr.operator in "+-*/%" and _is_number(left.value) and _is_number(right.value):
        result = _arithmetic(expr.operator, _number(left), _number(right))
        # The sign of a remainder that is no number depends on the machine's arithmetic.
        return expr if expr.operator == "%" and math.isnan(result) else Constant(expr.span, result)
    if expr.operator == ".." and isinstance(left.value, bytes) and isinstance(right.value, bytes):
        return Constant(expr.span, left.value + right.value)
    return expr


def _power(expr: Binary, left: Constant, right: Constant) -> Expr:
    base, exponent = left.value, right.value
    if not (isinstance(base, float) and isinstance(exponent, float)):
        return expr
    if base == 0 and exponent > 0:
        return Constant(expr.span, math.pow(base, exponent))  # -0 keeps its sign with an odd exponent
    if base.is_integer() and exponent.is_integer() and 0 <= exponent <= 64 and abs(base) <= 2**32:
        result = int(base) ** int(exponent)
        if abs(result) <= 2**53:
            return Constant(expr.span, float(result))
    return expr


def _is_number(value: object) -> bool:
    return isinstance(value, float) and not isinstance(value, bool)


def _number(constant: Constant) -> float:
    assert isinstance(constant.value, float)
    return constant.value


def _arithmetic(operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return _divide(left, right)
        case _:
            return _modulo(left, right)


def _divide(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _modulo(left: float, right: float) -> float:
    """Lua 5.1: a - floor(a/b)*b."""
    quotient = _divide(left, right)
    is_whole = quotient == 0 or math.isinf(quotient) or math.isnan(quotient)  # -0 stays -0
    floor = quotient if is_whole else float(math.floor(quotient))
    return left - floor * right
