"""What a name or a path of names means to lowering: more than variables, since modules and functions are
known at compile time.
"""

from __future__ import annotations

from dataclasses import dataclass

from snippet2wasm.ir.nodes import ConfigField, Constant, Function, Hook, Variable
from snippet2wasm.lower.modules import OwnModule


@dataclass(frozen=True)
class Builtin:
    """A name of the Lua library or of ngx.*, by its path (`ngx.log`)."""

    path: str


@dataclass(frozen=True)
class Module:
    """What `require` of a known module gives; `prefix` begins the catalogue names of its functions."""

    prefix: str


@dataclass(frozen=True)
class KnownConstant:
    """A name that always holds the same constant."""

    constant: Constant


Meaning = Builtin | Module | OwnModule | KnownConstant | ConfigField | Function | Hook | Variable
"""What a name stands for."""
