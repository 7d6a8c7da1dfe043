"""Damaged configurations: valid texts of snippets, changed at random."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from snippet2wasm.checks import table

_ROOT = Path(__file__).parents[2]
_CASES = _ROOT / "tests" / "directives" / "data"
_EXAMPLES = _ROOT / "examples"
_PART = re.compile(r"\w+|\s+|\$\w+|[^\w\s]")
_STATEMENT = re.compile(r"[^;{}]*(?:;|\{[^{}]*\})")
_DAMAGE = (
    "",
    " ",
    "\n",
    ";",
    "{",
    "}",
    "(",
    ")",
    '"',
    "'",
    "\\",
    "$",
    "${",
    "#",
    "=",
    "~",
    "0",
    "-1",
    "é",
    "\t",
)


def configurations() -> list[str]:
    """Whole configurations, made of the snippets of the differential cases and of the examples."""
    found = [whole(entry) for entry in _entries()]
    found += [path.read_text("utf-8") for path in sorted(_EXAMPLES.rglob("nginx.conf"))]
    return [text for text in dict.fromkeys(found) if "\0" not in text]


def _entries() -> Iterator[dict[str, str]]:
    for path in sorted(_CASES.glob("*.yaml")):
        yield from yaml.safe_load(path.read_text("utf-8")).get("cases", {}).values()


def whole(entry: dict[str, str]) -> str:
    """A configuration with the texts of its levels, and the variables of ingress-nginx that they use."""
    texts = [entry.get(level, "") for level in ("http", "server", "location")]
    used = set(re.findall(r"\$\{?(\w+)", " ".join(texts)))
    sets = "".join(f"set ${name} x;\n" for name in sorted(used & table.load().ingress_variables))
    path = entry.get("path", "/")
    return f"http {{\n{texts[0]}\nserver {{\n{sets}{texts[1]}\nlocation {path} {{\n{texts[2]}\n}}\n}}\n}}\n"


def _delete(parts: list[str], other: list[str], chance: random.Random) -> list[str]:
    at = chance.randrange(len(parts))
    return parts[:at] + parts[at + chance.choice((1, 1, 1, 2, 5)) :]


def _duplicate(parts: list[str], other: list[str], chance: random.Random) -> list[str]:
    at, length = chance.randrange(len(parts)), chance.choice((1, 2, 3, 10))
    return parts[:at] + parts[at : at + length] + parts[at:]


def _swap(parts: list[str], other: list[str], chance: random.Random) -> list[str]:
    parts = list(parts)
    one, two = chance.randrange(len(parts)), chance.randrange(len(parts))
    parts[one], parts[two] = parts[two], parts[one]
    return parts


def _damage(parts: list[str], other: list[str], chance: random.Random) -> list[str]:
    parts = list(parts)
    parts[chance.randrange(len(parts))] = chance.choice(_DAMAGE)
    return parts


def _borrow(parts: list[str], other: list[str], chance: random.Random) -> list[str]:
    parts = list(parts)
    parts[chance.randrange(len(parts))] = chance.choice(other)
    return parts


def _splice(parts: list[str], other: list[str], chance: random.Random) -> list[str]:
    at, where = chance.randrange(len(parts)), chance.randrange(len(other))
    return parts[:at] + other[where:]


def _statement(parts: list[str], other: list[str], chance: random.Random) -> list[str]:
    """A directive of one text into the other, at the end of a directive."""
    found = _STATEMENT.findall("".join(other))
    ends = [index for index, part in enumerate(parts) if part in (";", "{", "}")]
    if not found or not ends:
        return parts
    at = chance.choice(ends) + 1
    return [*parts[:at], " ", chance.choice(found).strip(), "\n", *parts[at:]]


_WAYS: tuple[Callable[[list[str], list[str], random.Random], list[str]], ...] = (
    _delete,
    _duplicate,
    _swap,
    _damage,
    _borrow,
    _splice,
    _statement,
    _statement,
    _statement,
)


def mutations(count: int, seed: int) -> Iterator[str]:
    """Damaged texts, the same ones for a seed."""
    chance = random.Random(seed)
    parts = [_PART.findall(text) for text in configurations()]
    for _ in range(count):
        found = chance.choice(parts)
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            found = chance.choice(_WAYS)(found, chance.choice(parts), chance) or found
        yield "".join(found)
