"""Inputs and options that several commands take."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from snippet2wasm.cli.report import Reporter
from snippet2wasm.compiler import TARGETS, Compilation, Options, compile_text, is_nginx_text
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.frontend import files
from snippet2wasm.ir.nodes import Phase
from snippet2wasm.source import Source

Emitted = TypeVar("Emitted")

_GENERIC_STEMS = frozenset(
    ("snippet", "nginx", "handler", "access", "rewrite", "main", "index", "input", "conf", "default")
)
_BINDINGS = "snippet2wasm.yaml"

NAME_OPTION = click.option("--name", metavar="N", help="Name of the plugin. Default: made from INPUT's name.")
PHASE_OPTION = click.option(
    "--phase",
    type=click.Choice([phase.value for phase in Phase]),
    default=Phase.ACCESS.value,
    show_default=True,
    help="Phase of a handler body; nginx text says it itself.",
)
TARGET_OPTION = click.option(
    "--target",
    type=click.Choice(TARGETS),
    default="higress",
    show_default=True,
    help="Gateway to compile for.",
)
BINDINGS_OPTION = click.option(
    "--bindings",
    metavar="FILE",
    help=f"What the names mean that INPUT does not define. Default: {_BINDINGS} beside INPUT, if there.",
)
LIBRARIES_OPTION = click.option(
    "--with", "libraries", metavar="LIB.lua", multiple=True, help="Lua file whose globals INPUT uses."
)


def compile_input(
    reporter: Reporter,
    input_: str,
    name: str | None,
    phase: str,
    target: str,
    bindings: str | None,
    libraries: tuple[str, ...],
) -> Compilation:
    """Reads and compiles INPUT as the options say; ends the program when that is refused."""
    source, folder = read_input(reporter, input_)
    options = Options(
        name=plugin_name(name, input_),
        phase=Phase(phase),
        target=target,
        bindings=existing(bindings, "--bindings") if bindings else default_bindings(input_, folder),
        libraries=tuple(existing(library, "--with") for library in libraries),
    )
    if is_nginx_text(source) and _phase_was_given():
        raise click.UsageError("--phase is for handler bodies; nginx text says the phase itself")
    return compiled(reporter, source, folder, options)


def _phase_was_given() -> bool:
    context = click.get_current_context()
    return context.get_parameter_source("phase") is click.core.ParameterSource.COMMANDLINE


def read_input(reporter: Reporter, input_: str) -> tuple[Source, Path]:
    """The input's text, and the folder in which the files that it names are looked up."""
    try:
        if input_ == "-":
            return files.bounded(sys.stdin.buffer.read(files.MAX_BYTES + 1), "stdin"), Path()
        return files.read(Path(input_)), Path(input_).parent
    except files.Unreadable as error:
        raise click.UsageError(f"can't read {input_}: {error}") from None
    except Refusal as refusal:
        reporter.refused(refusal)


def existing(path: str, option: str) -> Path:
    """The path of a file that an option names and that can be read."""
    try:
        files.read(Path(path))
    except files.Unreadable as error:
        raise click.UsageError(f"{option}: can't read {path}: {error}") from None
    return Path(path)


def default_bindings(input_: str, folder: Path) -> Path | None:
    """The bindings file beside the input, if there is one."""
    path = folder / _BINDINGS
    return path if input_ != "-" and path.is_file() else None


def plugin_name(name: str | None, input_: str) -> str:
    """The plugin's name: as given, or made from the input's file or folder name."""
    if name is not None:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name):
            raise click.UsageError(
                "--name: lower-case letters, digits and dashes, at most 63 (it names Kubernetes objects)"
            )
        return name
    stem = Path(input_).stem if input_ != "-" else "snippet"
    if stem.lower() in _GENERIC_STEMS and input_ != "-":
        stem = Path(input_).resolve().parent.name or stem
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:63].strip("-")
    return slug or "snippet"


def compiled(reporter: Reporter, source: Source, folder: Path, options: Options) -> Compilation:
    """Compiles and shows the warnings; ends the program when the input is refused."""
    try:
        compilation = compile_text(source, folder, options)
    except Refusal as refusal:
        reporter.refused(refusal)
    reporter.diagnose(compilation.warnings)
    return compilation


def emitted(reporter: Reporter, emit: Callable[[], Emitted]) -> Emitted:
    """What the compiler emits; constructs that turn out to have no Go form are refused here."""
    try:
        return emit()
    except Refusal as refusal:
        reporter.refused(refusal)
