"""The text of numbers, as LuaJIT writes it."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

_DIGITS = 14
_EXACT = Context(prec=800)  # enough for every digit of a double


def number_text(value: float) -> str:
    """LuaJIT's `%.14g`: like C's, but exact ties round away from zero."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    exact = Decimal(value)
    unit = Decimal(1).scaleb(exact.adjusted() - _DIGITS + 1, _EXACT)
    rounded = exact.quantize(unit, ROUND_HALF_UP, _EXACT)
    exponent = rounded.adjusted()
    if -5 < exponent < _DIGITS:
        text = f"{rounded:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits = "".join(map(str, rounded.as_tuple().digits)).rstrip("0") or "0"
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{'-' if value < 0 else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
