"""Shared dicts: which ones there are, and how large; nginx's `lua_shared_dict` says so, or the bindings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from snippet2wasm.source import Span

ASSUMED_SIZE = 10 << 20
"""Bytes of a dict that is declared outside of the input: 10m."""


@dataclass(frozen=True)
class DeclaredDict:
    """A `lua_shared_dict` directive: its size in bytes, and where it stands."""

    size: int
    span: Span


class Dicts:
    """The shared dicts of a program.

    Attributes:
        used: the sizes in bytes of those that it names, and of all that are declared, by name.
    """

    def __init__(self, bound: Mapping[str, int]) -> None:
        self.used = dict(bound)
        self._all_are_declared = False

    def declare(self, declared: Mapping[str, DeclaredDict], complete: bool) -> None:
        """Takes in an nginx text's declarations; `complete` if its http level is there to be seen."""
        self._all_are_declared = complete
        self.used.update({name: each.size for name, each in declared.items()})

    def size(self, name: str) -> int | None:
        """The size of a dict; None if there is none of that name, in an input that declares all of them."""
        if name not in self.used and not self._all_are_declared:
            self.used[name] = ASSUMED_SIZE
        return self.used.get(name)
