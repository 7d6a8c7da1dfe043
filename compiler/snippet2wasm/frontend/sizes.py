"""Sizes of shared dicts as nginx writes them."""

from __future__ import annotations

import re

HELP = "give it as nginx has it, from 12k to 2047m: for example 10m"
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}
_LEAST = 12 << 10
_MOST = 1 << 31


def parse(text: str) -> int | None:
    """A size (`10m`, `64k`) in bytes; None for what is none, or is too small or large.

    ngx_lua takes 8k, but a dict of that size has no room for what nginx itself keeps in it.
    """
    match = re.fullmatch(r"(\d{1,12})([kKmM]?)", text, re.ASCII)
    size = int(match[1]) * _UNITS[match[2].lower()] if match else 0
    return size if _LEAST <= size < _MOST else None


def shown(size: int) -> str:
    """A size as nginx has it."""
    for unit, factor in (("m", 1 << 20), ("k", 1 << 10)):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)
