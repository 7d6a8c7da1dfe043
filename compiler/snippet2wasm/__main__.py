"""`python -m snippet2wasm`."""

from snippet2wasm.cli import run

run()
