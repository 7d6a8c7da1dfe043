"""Inputs and options that several commands take."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from snippet2wasm import naming
from snippet2wasm.cli.report import Reporter
from snippet2wasm.compiler import TARGETS, Compilation, Options, compile_text, is_nginx_text
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.frontend import files
from snippet2wasm.ir.nodes import LUA_PHASES, Phase
from snippet2wasm.source import Source

Emitted = TypeVar("Emitted")

NO_PHASE = "--phase is for handler bodies; nginx text says the phase itself"

NAME_OPTION = click.option("--name", metavar="N", help="Name of the plugin. Default: made from INPUT's name.")
PHASE_OPTION = click.option(
    "--phase",
    type=click.Choice([phase.value for phase in LUA_PHASES]),
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
    help="What the names mean that INPUT does not define. Default, beside INPUT: "
    f"STEM.{naming.BINDINGS} (STEM is INPUT's name without its suffix), or {naming.BINDINGS}.",
)
LIBRARIES_OPTION = click.option(
    "--with", "libraries", metavar="LIB.lua", multiple=True, help="Lua file that runs before INPUT's code."
)
LUA_PATH_OPTION = click.option(
    "--lua-path",
    "lua_path",
    metavar="DIR|PATTERN",
    multiple=True,
    help="Where INPUT's own modules are: a folder, or patterns with ? for the module's name, separated by ;."
    " Then INPUT's folder and lua/ in it are searched.",
)


def compile_input(
    reporter: Reporter,
    input_: str,
    name: str | None,
    phase: str,
    target: str,
    bindings: str | None,
    libraries: tuple[str, ...],
    lua_path: tuple[str, ...] = (),
    with_recordings: bool = True,
) -> Compilation:
    """Reads and compiles INPUT as the options say; ends the program when that is refused."""
    input_ = input_file(input_)
    source, folder = read_input(reporter, input_)
    options = Options(
        name=plugin_name(name, input_),
        phase=Phase(phase),
        target=target,
        bindings=existing(bindings, "--bindings") if bindings else default_bindings(input_),
        libraries=tuple(existing(library, "--with") for library in libraries),
        lua_path=lua_path,
        with_recordings=with_recordings,
    )
    if is_nginx_text(source) and phase_was_given():
        raise click.UsageError(NO_PHASE)
    return compiled(reporter, source, folder, options)


def phase_was_given() -> bool:
    """Whether --phase stands on the command line."""
    context = click.get_current_context()
    return context.get_parameter_source("phase") is click.core.ParameterSource.COMMANDLINE


def input_file(input_: str) -> str:
    """The file that INPUT means: of a project's folder, the one with the handlers."""
    if input_ == "-":
        return input_
    try:
        return str(naming.input_of(Path(input_)))
    except naming.NoInput as error:
        raise click.UsageError(str(error)) from None


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


def default_bindings(input_: str) -> Path | None:
    """The bindings file that belongs to an input, if there is one: its own, or that of its folder."""
    return None if input_ == "-" else naming.default_bindings(Path(input_))


def bindings_candidates(input_: str) -> tuple[Path, ...]:
    """Where the bindings file of an input is looked for; the first one counts."""
    return () if input_ == "-" else naming.bindings_candidates(Path(input_))


def plugin_name(name: str | None, input_: str) -> str:
    """The plugin's name: as given, or made from the input's file or folder name."""
    if name is None:
        return "snippet" if input_ == "-" else naming.plugin_name(Path(input_))
    if not naming.is_plugin_name(name):
        raise click.UsageError(f"--name: {naming.NAME_RULE}")
    return name


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
