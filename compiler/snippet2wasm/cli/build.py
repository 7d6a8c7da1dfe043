"""`snippet2wasm build`."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn, cast

import click

from snippet2wasm import build as builder
from snippet2wasm.build.errors import ImageNameError, ProjectError
from snippet2wasm.cli.report import FORMAT_OPTION, Reporter


@click.command("build")
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
@FORMAT_OPTION
def command(folder: str, builder_: str, image: str | None, format_: str) -> None:
    """Build a plugin project to DIR/plugin.wasm."""
    build_project(Reporter(format_), Path(folder), builder_, image)


def build_project(reporter: Reporter, folder: Path, how: str, image: str | None) -> None:
    """Builds a project and reports the module; ends the program when that fails."""
    reporter.done(*built(reporter, folder, how, image))


def built(reporter: Reporter, folder: Path, how: str, image: str | None) -> tuple[str, dict[str, object]]:
    """Builds a project and says so, in words and for JSON; ends the program when that fails."""
    try:
        result = builder.build(folder, cast(builder.Builder, how), image=image or builder.DEFAULT_IMAGE)
    except builder.BuildError as error:
        fail(reporter, error)
    return (
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


def fail(reporter: Reporter, error: builder.BuildError) -> NoReturn:
    """Shows an error of a build or a push and ends the program: 2 for a wrong argument, else 3."""
    reporter.fail(str(error), error.hint, 2 if isinstance(error, ProjectError | ImageNameError) else 3)
