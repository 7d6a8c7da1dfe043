"""Constant folding, in IEEE arithmetic: Go would compute constant expressions exactly, Lua rounds at every
step.

`^` is left to the run time, whose pow is the C library's in all corner cases.
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
    if expr.operator in "+-*/%" and _is_number(left.value) and _is_number(right.value):
        return Constant(expr.span, _arithmetic(expr.operator, _number(left), _number(right)))
    if expr.operator == ".." and isinstance(left.value, bytes) and isinstance(right.value, bytes):
        return Constant(expr.span, left.value + right.value)
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
    floor = quotient if math.isinf(quotient) or math.isnan(quotient) else float(math.floor(quotient))
    return left - floor * right
