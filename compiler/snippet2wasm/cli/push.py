"""`snippet2wasm push`."""

from __future__ import annotations

from pathlib import Path

import click

from snippet2wasm import build as builder
from snippet2wasm.cli.build import fail
from snippet2wasm.cli.report import FORMAT_OPTION, Reporter


@click.command("push")
@click.argument("folder", metavar="DIR")
@click.argument("reference", metavar="REF")
@click.option(
    "--insecure",
    "plain_http",
    is_flag=True,
    help="The registry speaks HTTP (always tried for loopback addresses).",
)
@FORMAT_OPTION
def command(folder: str, reference: str, plain_http: bool, format_: str) -> None:
    """Push DIR/plugin.wasm as an image and pin it in DIR/wasmplugin.yaml.

    REF is REGISTRY/REPOSITORY:TAG.
    """
    reporter = Reporter(format_)
    try:
        pushed = builder.push(Path(folder), reference, plain_http=True if plain_http else None)
    except builder.BuildError as error:
        fail(reporter, error)
    reporter.done(
        f"pushed {pushed.url}, digest {pushed.digest}",
        {"url": pushed.url, "digest": pushed.digest},
    )
