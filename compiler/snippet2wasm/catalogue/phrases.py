"""How `explain` says in words what the catalogue's entries do: the data of phrases.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from snippet2wasm.catalogue.data import read

_COUNTED = frozenset(("others", *map(str, range(10))))


@dataclass(frozen=True)
class Template:
    """A phrase with places for operands: `{0}`, `{1}`, …, `{all}` for a list of them,
    `{others}` for all but the first, `{text}` for the text that they make up, `{receiver}`.

    Attributes:
        parts: texts and placeholders by turns, beginning with a text.
        needs: how many operands it speaks of.
    """

    parts: tuple[str, ...]

    @property
    def needs(self) -> int:
        """The number of operands that there must be."""
        numbers = [1 if part == "others" else int(part) for part in self.parts[1::2] if part in _COUNTED]
        return max(numbers, default=-1) + 1

    @property
    def takes_all(self) -> bool:
        """Whether it speaks of all operands, however many there are."""
        return not {"all", "text"}.isdisjoint(self.parts[1::2])


@dataclass(frozen=True)
class Phrase:
    """What is said of an entry.

    Attributes:
        value: its result, as a noun (`the argument {0}`); the template for the most operands that are there
            is taken.
        does: its effect, as a clause without a subject (`sends …`); () if it only computes.
        reads: the kind of thing that it reads from the request (`argument`), if it does.
        changes: the kind of thing that it changes (`response header`), if it does.
        missing, present: said of a result that is nil, or is not.
        holds, fails: as a condition, that the result is true, or is not (`{0} matches {1}`).
        noun: what the call is, for "… failed" and "… worked".
        reply: `begins` if it writes the answer, `status` if its last operand becomes the status.
    """

    value: tuple[Template, ...] = ()
    does: tuple[Template, ...] = ()
    reads: str = ""
    changes: str = ""
    holds: tuple[Template, ...] = ()
    fails: tuple[Template, ...] = ()
    missing: str = ""
    present: str = ""
    noun: str = ""
    reply: str = ""


def _templates(raw: str | list[str] | None) -> tuple[Template, ...]:
    texts = [] if raw is None else [raw] if isinstance(raw, str) else raw
    return tuple(Template(tuple(re.split(r"\{(\w+)\}", text))) for text in texts)


def _phrase(raw: dict[str, Any]) -> Phrase:
    words = {
        name: raw[name] for name in ("reads", "changes", "missing", "present", "noun", "reply") if name in raw
    }
    value, does, holds, fails = (_templates(raw.get(name)) for name in ("value", "does", "holds", "fails"))
    return Phrase(value, does, holds=holds, fails=fails, **words)


@cache
def phrases() -> dict[str, Phrase]:
    """The phrases by the name of their entry."""
    raw = read("phrases")
    return {name: _phrase(value) for name, value in raw.items()}


def choose(templates: tuple[Template, ...], count: int, exact: bool = False) -> Template | None:
    """The template for a number of operands: of several, the one at that index, or the nearest before it.

    If `exact`, it is for just so many.
    """
    if exact and len(templates) > 1:
        templates = templates[count : count + 1]
    for template in reversed(templates[: count + 1] if len(templates) > 1 else templates):
        fits = template.needs == count or template.takes_all if exact else template.needs <= count
        if fits and template.parts != ("",):
            return template
    return None
