"""Annotations of ingress-nginx: what becomes of each in Higress, and what it has to do with snippets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from snippet2wasm.catalogue.data import read


@dataclass(frozen=True)
class Annotation:
    """An entry of annotations.yaml, which says what the fields are.

    Attributes:
        name: without the prefix.
        higress: `yes`, `partial` or `no`.
        note, instead, beside, removed: texts, "" for nothing.
        open: without it requests pass that ingress-nginx stopped.
        becomes: the annotation of Higress that stands for it, "" if there is none.
        conversion: how that one's value is made: `same` or `seconds`.
    """

    name: str
    higress: str
    note: str = ""
    instead: str = ""
    beside: str = ""
    removed: str = ""
    open: bool = False
    becomes: str = ""
    conversion: str = ""


@cache
def known_annotations() -> dict[str, Annotation]:
    """All that are known, by name; read once."""
    raw = read("annotations")["annotations"]
    found = {}
    for name, entry in raw.items():
        becomes = entry.pop("becomes", {})
        conversion = becomes.get("as", "")
        found[name] = Annotation(name, becomes=becomes.get("name", ""), conversion=conversion, **entry)
    return found
