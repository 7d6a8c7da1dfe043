"""What nginx's own tables say of directives: `catalogue/commands.json`, and modules that are not in there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from snippet2wasm import catalogue
from snippet2wasm.catalogue.data import read


@dataclass(frozen=True)
class Form:
    """A way to write a directive; some have two (`server` of http and of upstream).

    Attributes:
        module: nginx's name of the module.
        contexts: the blocks that it may stand in: main, http, server, location, upstream, server_if,
            location_if, limit_except.
        least, most: how many arguments it takes; `most` is None for any number.
        block: it has a `{…}`.
        value: how nginx reads its value: flag, number, size, … (values.py); "" if it does so itself.
        words: what `one` and `some` choose from.
        bounds: of a number.
    """

    module: str
    contexts: frozenset[str]
    least: int
    most: int | None
    block: bool = False
    value: str = ""
    words: tuple[str, ...] = ()
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True)
class Table:
    """All of it.

    Attributes:
        directives: the forms by name.
        foreign: names of directives that exist, but neither in nginx nor in ingress-nginx → where they do.
        fixed: nginx's variables that can't be declared again.
        settable: nginx's variables that can.
        prefixes: what names of families of variables start with.
        ingress_variables: the variables of ingress-nginx's template.
        ingress_prefixes: families of them.
        ingress_formats: its log formats.
        ingress_location: the directives that its locations have themselves, of which nginx takes only one.
    """

    directives: dict[str, tuple[Form, ...]]
    foreign: dict[str, str]
    fixed: frozenset[str]
    settable: frozenset[str]
    prefixes: tuple[str, ...]
    ingress_variables: frozenset[str]
    ingress_prefixes: tuple[str, ...]
    ingress_formats: frozenset[str]
    ingress_location: frozenset[str]


def _form(raw: dict[str, Any]) -> Form:
    least, most = raw["takes"]
    return Form(
        raw["module"],
        frozenset(raw["in"]),
        least,
        None if most < 0 else most,
        raw.get("block", False),
        raw.get("value", ""),
        tuple(raw.get("words", ())),
        (raw["bounds"][0], raw["bounds"][1]) if "bounds" in raw else None,
    )


@cache
def load() -> Table:
    """The table, read once."""
    folder = files(catalogue)
    own = json.loads(folder.joinpath("commands.json").read_text("utf-8"))
    more = read("modules")
    directives = {name: tuple(map(_form, forms)) for name, forms in own["directives"].items()}
    for module, group in more["modules"].items():
        for name, raw in group.items():
            directives.setdefault(name, ())
            directives[name] += (_form({"module": module, **raw}),)
    foreign = {name: group["where"] for group in more["foreign"] for name in group["names"]}
    ingress = more["ingress"]
    return Table(
        directives,
        foreign,
        frozenset(own["fixed"]) | frozenset(more["fixed"]),
        frozenset(own["settable"]),
        (*own["prefixes"], *more["prefixes"]),
        frozenset(ingress["variables"]),
        tuple(ingress["prefixes"]),
        frozenset(ingress["formats"]),
        frozenset(ingress["location"]),
    )
