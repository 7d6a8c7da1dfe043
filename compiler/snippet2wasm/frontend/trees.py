"""Walks through syntax trees, and makes trees of others: nodes are immutable, so what is around a changed one
is new, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TypeVar

from snippet2wasm.frontend import lua_ast as ast

T = TypeVar("T", bound=ast.Node)
Change = Callable[[ast.Node], ast.Node | None]


def changed(node: T, change: Change) -> T:
    """A tree in which `change` has put other nodes in the place of some; where it gives None, a node stays,
    and those inside are looked at. A tree without changes is given back as it is.
    """
    other = change(node)
    if other is not None:
        assert isinstance(other, ast.Node)
        return other  # type: ignore[return-value]
    values: dict[str, object] = {}
    for each in dataclasses.fields(node):
        value = getattr(node, each.name)
        if isinstance(value, ast.Node):
            new: object = changed(value, change)
        elif isinstance(value, tuple):
            items = tuple(changed(item, change) if isinstance(item, ast.Node) else item for item in value)
            new = items if any(a is not b for a, b in zip(items, value, strict=True)) else value
        else:
            continue
        if new is not value:
            values[each.name] = new
    return dataclasses.replace(node, **values) if values else node  # type: ignore[arg-type]


def walk(root: object) -> Iterator[object]:
    """A node of the syntax tree and all inside it, in source order."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(children(node)))


def children(node: object) -> list[object]:
    """The nodes right inside a node of the syntax tree."""
    found: list[object] = []
    for each in dataclasses.fields(node):  # type: ignore[arg-type]
        value = getattr(node, each.name)
        if isinstance(value, ast.Node):
            found.append(value)
        elif isinstance(value, tuple):
            found += [item for item in value if isinstance(item, ast.Node)]
    return found
