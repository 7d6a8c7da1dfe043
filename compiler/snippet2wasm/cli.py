"""The command line: parses arguments, calls, renders; no logic.

Exit codes: 0 done, 1 internal error, 2 usage, 3 refused input.
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar, cast

import click

from snippet2wasm import __version__
from snippet2wasm import build as builder
from snippet2wasm.backend import project
from snippet2wasm.build.errors import ImageNameError, ProjectError
from snippet2wasm.compiler import TARGETS, Compilation, Options, compile_text, is_nginx_text
from snippet2wasm.diagnostics import Diagnostic, Refusal, render_text, to_json
from snippet2wasm.frontend import files
from snippet2wasm.ir.nodes import Phase
from snippet2wasm.source import Source

Emitted = TypeVar("Emitted")

_GENERIC_STEMS = frozenset(
    ("snippet", "nginx", "handler", "access", "rewrite", "main", "index", "input", "conf", "default")
)
_BINDINGS = "snippet2wasm.yaml"


_FORMAT_OPTION = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Of messages.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="snippet2wasm")
def main() -> None:
    """Compile ingress-nginx Lua snippets to proxy-wasm plugins in Go."""


@main.command("compile")
@click.argument("input_", metavar="INPUT")
@click.option("-o", "--output", metavar="DIR", help="Folder of the plugin project. Default: ./NAME")
@click.option("--name", metavar="N", help="Name of the plugin. Default: made from INPUT's name.")
@click.option(
    "--phase",
    type=click.Choice([phase.value for phase in Phase]),
    default=Phase.ACCESS.value,
    show_default=True,
    help="Phase of a handler body; nginx text says it itself.",
)
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default="higress",
    show_default=True,
    help="Gateway to compile for.",
)
@click.option(
    "--bindings",
    metavar="FILE",
    help=f"What the names mean that INPUT does not define. Default: {_BINDINGS} beside INPUT, if there.",
)
@click.option(
    "--with", "libraries", metavar="LIB.lua", multiple=True, help="Lua file whose globals INPUT uses."
)
@click.option(
    "--emit",
    type=click.Choice(["project", "ir", "go"]),
    default="project",
    show_default=True,
    help="What to make: the project, or the IR or the Go code on standard output.",
)
@click.option("--build", "build_", is_flag=True, help="Also build plugin.wasm.")
@click.option("--force", is_flag=True, help="Replace a project that is in DIR already.")
@_FORMAT_OPTION
def compile_command(
    input_: str,
    output: str | None,
    name: str | None,
    phase: str,
    target: str,
    bindings: str | None,
    libraries: tuple[str, ...],
    emit: str,
    build_: bool,
    force: bool,
    format_: str,
) -> None:
    """Compile a snippet to a plugin project.

    INPUT is a .lua file with a handler's body, nginx text with *_by_lua blocks, or - for standard input.
    """
    # What is emitted to standard output leaves no place for a JSON object there.
    reporter = _Reporter(format_ if emit == "project" else "text")
    source, folder = _read_input(reporter, input_)
    options = Options(
        name=_plugin_name(name, input_),
        phase=Phase(phase),
        target=target,
        bindings=_existing(bindings, "--bindings") if bindings else _default_bindings(input_, folder),
        libraries=tuple(_existing(library, "--with") for library in libraries),
    )
    if is_nginx_text(source) and _phase_was_given():
        raise click.UsageError("--phase is for handler bodies; nginx text says the phase itself")
    compilation = _compile(reporter, source, folder, options)
    if emit == "ir":
        click.echo(compilation.ir(), nl=False)
    elif emit == "go":
        click.echo(_emitted(reporter, compilation.main_go), nl=False)
    else:
        _write(reporter, compilation, Path(output or options.name), force, build_)


def _phase_was_given() -> bool:
    context = click.get_current_context()
    return context.get_parameter_source("phase") is click.core.ParameterSource.COMMANDLINE


@main.command("build")
@click.argument("folder", metavar="DIR")
@click.option(
    "--builder",
    "builder_",
    type=click.Choice(["auto", "local", "docker"]),
    default="auto",
    show_default=True,
    help="Where Go runs: here, or in a container without network.",
)
@click.option("--image", metavar="IMAGE", help="Go image of the docker builder.")
@_FORMAT_OPTION
def build_command(folder: str, builder_: str, image: str | None, format_: str) -> None:
    """Build a plugin project to DIR/plugin.wasm."""
    _build(_Reporter(format_), Path(folder), builder_, image)


@main.command("push")
@click.argument("folder", metavar="DIR")
@click.argument("reference", metavar="REF")
@click.option(
    "--insecure",
    "plain_http",
    is_flag=True,
    help="The registry speaks HTTP (always tried for loopback addresses).",
)
@_FORMAT_OPTION
def push_command(folder: str, reference: str, plain_http: bool, format_: str) -> None:
    """Push DIR/plugin.wasm as an image and pin it in DIR/wasmplugin.yaml.

    REF is REGISTRY/REPOSITORY:TAG.
    """
    reporter = _Reporter(format_)
    try:
        pushed = builder.push(Path(folder), reference, plain_http=True if plain_http else None)
    except builder.BuildError as error:
        reporter.fail(error)
    reporter.done(
        f"pushed {pushed.url}, digest {pushed.digest}",
        {"url": pushed.url, "digest": pushed.digest},
    )


class _Reporter:
    """Prints diagnostics and results, as text on standard error or as one JSON object on standard output."""

    def __init__(self, format_: str) -> None:
        self.json = format_ == "json"
        self.diagnostics: list[Diagnostic] = []

    def diagnose(self, diagnostics: list[Diagnostic]) -> None:
        """Takes in diagnostics; text is shown at once."""
        self.diagnostics.extend(diagnostics)
        if not self.json:
            for diagnostic in diagnostics:
                click.echo(render_text(diagnostic), err=True, nl=False)

    def refused(self, refusal: Refusal) -> NoReturn:
        """Shows why the input is refused and ends the program."""
        self.diagnose(sorted(refusal.diagnostics, key=Diagnostic.sort_key))
        if self.json:
            self._object({"status": "refused"})
        sys.exit(3)

    def fail(self, error: builder.BuildError) -> NoReturn:
        """Shows an error of the build or the push and ends the program."""
        if self.json:
            self._object({"status": "failed", "error": str(error), "help": error.hint})
        else:
            click.echo(f"snippet2wasm: {error}", err=True)
            if error.hint:
                click.echo(f"  try: {error.hint}", err=True)
        sys.exit(2 if isinstance(error, ProjectError | ImageNameError) else 3)

    def done(self, text: str, result: dict[str, object]) -> None:
        """Shows a result."""
        if self.json:
            self._object({"status": "done", **result})
        else:
            click.echo(text)

    def _object(self, result: dict[str, object]) -> None:
        found = {**result, "diagnostics": [to_json(diagnostic) for diagnostic in self.diagnostics]}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))


def _read_input(reporter: _Reporter, input_: str) -> tuple[Source, Path]:
    """The input's text, and the folder in which the files that it names are looked up."""
    try:
        if input_ == "-":
            return files.bounded(sys.stdin.buffer.read(files.MAX_BYTES + 1), "stdin"), Path()
        return files.read(Path(input_)), Path(input_).parent
    except files.Unreadable as error:
        raise click.UsageError(f"can't read {input_}: {error}") from None
    except Refusal as refusal:
        reporter.refused(refusal)


def _existing(path: str, option: str) -> Path:
    try:
        files.read(Path(path))
    except files.Unreadable as error:
        raise click.UsageError(f"{option}: can't read {path}: {error}") from None
    return Path(path)


def _default_bindings(input_: str, folder: Path) -> Path | None:
    path = folder / _BINDINGS
    return path if input_ != "-" and path.is_file() else None


def _plugin_name(name: str | None, input_: str) -> str:
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


def _compile(reporter: _Reporter, source: Source, folder: Path, options: Options) -> Compilation:
    try:
        compilation = compile_text(source, folder, options)
    except Refusal as refusal:
        reporter.refused(refusal)
    reporter.diagnose(compilation.warnings)
    return compilation


def _emitted(reporter: _Reporter, emit: Callable[[], Emitted]) -> Emitted:
    """What the compiler emits; constructs that turn out to have no Go form are refused here."""
    try:
        return emit()
    except Refusal as refusal:
        reporter.refused(refusal)


def _write(reporter: _Reporter, compilation: Compilation, output: Path, force: bool, build_: bool) -> None:
    try:
        project.write(_emitted(reporter, compilation.files), output, force)
    except project.NotOurs as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"can't write {output}: {error.strerror or error}") from None
    if build_:
        _build(reporter, output, "auto", None)
    else:
        reporter.done(f"wrote {output}", {"project": str(output)})


def _build(reporter: _Reporter, folder: Path, how: str, image: str | None) -> None:
    try:
        result = builder.build(folder, cast(builder.Builder, how), image=image or builder.DEFAULT_IMAGE)
    except builder.BuildError as error:
        reporter.fail(error)
    reporter.done(
        f"built {result.path}: {result.size} bytes, sha256 {result.sha256}, "
        f"{result.go_version}, {result.builder}",
        {
            "project": str(folder),
            "module": str(result.path),
            "size": result.size,
            "sha256": result.sha256,
            "go": result.go_version,
            "builder": result.builder,
        },
    )


def run() -> None:
    """The entry point: what is not foreseen is an internal error, told apart from all else by exit code 1."""
    try:
        main(prog_name="snippet2wasm")
    except Exception:
        traceback.print_exc()
        click.echo(
            "snippet2wasm: internal error: please report it with the input and the lines above", err=True
        )
        sys.exit(1)
