"""Inputs and options that several commands take."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, cast

import click

from snippet2wasm import naming
from snippet2wasm.cli.report import Reporter
from snippet2wasm.compiler import TARGETS, Compilation, Options, compile_text, is_nginx_text
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.frontend import files, kubernetes
from snippet2wasm.frontend.kubernetes import Manifests
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
LEVEL_OPTION = click.option(
    "--level",
    type=click.Choice(["http", "server", "location"]),
    help="Block of nginx's configuration that INPUT, nginx text, stands in. Default: the innermost in which"
    " all of its directives may stand; a text with `location` blocks stands in a server.",
)
LISTEN_OPTION = click.option(
    "--listen",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help="Take only those servers of INPUT, nginx text, that listen at this port. Default: all.",
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
    level: str = "",
    listen: int | None = None,
) -> Compilation:
    """Reads and compiles INPUT as the options say; ends the program when that is refused."""
    input_ = input_file(input_)
    if manifests(reporter, [input_]) is not None:
        raise click.UsageError(
            f"{input_} holds Kubernetes objects, which `compile`, `explain` and `verify` take"
        )
    source, folder = read_input(reporter, input_)
    options = Options(
        name=plugin_name(name, input_),
        phase=Phase(phase),
        target=target,
        bindings=existing(bindings, "--bindings") if bindings else default_bindings(input_),
        libraries=tuple(existing(library, "--with") for library in libraries),
        lua_path=lua_path,
        with_recordings=with_recordings,
        level=level,
        listen=listen or 0,
    )
    if level and source.name.endswith(".lua"):
        raise click.UsageError(f"--level is for nginx text, and {source.name} is Lua")
    if (level or is_nginx_text(source)) and phase_was_given():
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


def read_input(reporter: Reporter, input_: str, limit: int = files.MAX_BYTES) -> tuple[Source, Path]:
    """The input's text, of at most `limit` bytes, and the folder in which the files that it names are looked
    up.
    """
    try:
        if input_ == "-":
            return files.bounded(_stdin(), "stdin", limit), Path()
        return files.read(Path(input_), limit=limit), Path(input_).parent
    except files.Unreadable as error:
        raise click.UsageError(f"can't read {input_}: {error}") from None
    except Refusal as refusal:
        reporter.refused(refusal)


def _stdin() -> bytes:
    """Standard input, which can be read once."""
    meta = click.get_current_context().meta
    if _STDIN not in meta:
        meta[_STDIN] = sys.stdin.buffer.read(kubernetes.MAX_BYTES + 1)
    return cast(bytes, meta[_STDIN])


_STDIN = f"{__name__}.stdin"


def manifests(reporter: Reporter, inputs: Sequence[str]) -> Manifests | None:
    """What the inputs hold of Kubernetes objects, all together; None if they are no files of such; ends the
    program when some are and some are not.
    """
    sources = [
        read_input(reporter, each, kubernetes.MAX_BYTES)[0] for each in inputs if not Path(each).is_dir()
    ]
    found = [each for each in sources if kubernetes.is_manifest(each)]
    if not found:
        return None
    if len(found) < len(inputs):
        raise click.UsageError(
            f"{found[0].name} holds Kubernetes objects, and another input does not: compile them one by one"
        )
    try:
        return kubernetes.merge([kubernetes.read(each) for each in found])
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
