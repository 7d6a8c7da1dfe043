"""Prints docs/compatibility.md: `python -m snippet2wasm.catalogue > docs/compatibility.md`."""

from __future__ import annotations

from snippet2wasm.catalogue.table import markdown

print(markdown(), end="")
