"""Writing projects, and building them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from snippet2wasm.backend import project
from snippet2wasm.cli.report import Reporter

Files = dict[str, bytes]


def write_project(reporter: Reporter, files: Files, folder: Path, force: bool, build_: bool) -> None:
    """Writes a project and builds it, if it shall be."""
    _placed(folder, partial(project.write, files, folder, force))
    if build_:
        from snippet2wasm.cli.build import build_project  # the registry client it imports takes its time

        build_project(reporter, folder, "auto", None)
    else:
        reporter.done(f"wrote {folder}", {"project": str(folder)})


def write_projects(reporter: Reporter, projects: list[tuple[Path, Files]], force: bool, build_: bool) -> None:
    """Writes several projects, or none if one of them has no place, and builds them, if they shall be."""
    for folder, _ in projects:
        _placed(folder, partial(project.check_target, folder, force))
    for folder, files in projects:
        _placed(folder, partial(project.write, files, folder, force))
    if build_:
        from snippet2wasm.cli.build import built

        done = [built(reporter, folder, "auto", None) for folder, _ in projects]
        reporter.done("\n".join(text for text, _ in done), {"projects": [result for _, result in done]})
    else:
        names = [str(folder) for folder, _ in projects]
        reporter.done(f"wrote {', '.join(names)}", {"projects": [{"project": name} for name in names]})


def _placed(folder: Path, act: Callable[[], None]) -> None:
    """Does something to a folder; what stands in the way is a usage error."""
    try:
        act()
    except project.AlreadyThere as error:
        raise click.UsageError(f"{error}; --force replaces it") from None
    except project.NotOurs as error:
        raise click.UsageError(f"{error}; -o names another folder") from None
    except OSError as error:
        raise click.UsageError(f"can't write {folder}: {error.strerror or error}") from None
