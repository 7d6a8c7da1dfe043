"""The text of numbers against LuaJIT, which decides."""

from __future__ import annotations

import math
import random
import struct
import subprocess

from snippet2wasm.ir.numbers import number_text

CORNERS = [
    0.0,
    -0.0,
    0.5,
    1e14,
    1e15,
    2.0**53,
    99999999999999.5,
    1000000000000.25,
    0.1 + 0.2,
    1e-4,
    1e-5,
    5e-324,
    1e308,
]


def numbers() -> list[float]:
    """Corners, random bit patterns, exact ties at the 15th digit, and everyday numbers."""
    source = random.Random(5)
    found = list(CORNERS)
    for _ in range(2000):
        found.append(struct.unpack("<d", source.randbytes(8))[0])
        found.append(source.randint(-(10**15), 10**15) / 2.0 ** source.randint(0, 8))
        found.append(source.random() * 10.0 ** source.randint(-8, 20))
    return [value for value in found if math.isfinite(value)]


def test_number_text_is_luajits() -> None:
    values = numbers()
    script = "\n".join(f"print({value.hex()})" for value in values)
    done = subprocess.run(["luajit", "-"], input=script, text=True, capture_output=True, check=True)
    assert [number_text(value) for value in values] == done.stdout.split()
