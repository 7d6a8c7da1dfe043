"""Settings of ingress-nginx's ConfigMap: what becomes of each (settings.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from snippet2wasm.catalogue.data import read


@dataclass(frozen=True)
class Named:
    """A setting that is not the snippets', and that changed what requests or answers were.

    Attributes:
        default: its value where nobody sets it.
        did: what it did; ends a sentence that begins with "it".
        instead: what to do on Higress.
        guards: it kept requests out.
    """

    default: str
    did: str
    instead: str
    guards: bool


@dataclass(frozen=True)
class Settings:
    """All settings: `named` by name, and `known`, the names of all of them."""

    named: dict[str, Named]
    known: frozenset[str]


@cache
def load() -> Settings:
    """The settings of the catalogue."""
    data = read("settings")
    named = {
        name: Named(default, group["did"], group["instead"], group.get("guards", False))
        for group in data["named"]
        for name, default in group["settings"].items()
    }
    return Settings(named, frozenset((*named, *data["carried"], *data["silent"])))
