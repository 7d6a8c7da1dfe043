"""The example compiled by snippet2wasm, alone and in bundles; in Envoy's Lua; and by hand for Higress."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from gateway import Contestant
from measure import timed
from snippet2wasm.build.commands import TARGET, link
from snippet2wasm.build.toolchain import find_toolchain
from snippet2wasm.verify.gateway import Json
from stages import CLI

_SOURCE = Path(__file__).resolve().parents[1] / "examples" / "user-agent-redirect" / "nginx.conf"
_FOLDER = Path(__file__).parent / "user-agent"
_MOBILE_SITE = "https://m.example.com"
BUNDLES = (1, 200, 1000)
# Go's defaults, whatever the environment says; the wrapper comes from Go's module proxy, checked by go.sum.
_GO_SETTINGS = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "GOTOOLCHAIN": "local"}


def contestants(folder: Path) -> list[Contestant]:
    """Builds all of them in the folder; the first one is the bare gateway."""
    return [
        Contestant("bare", "Envoy alone"),
        Contestant("compiled", "compiled by snippet2wasm", _compiled(folder / "compiled")),
        Contestant("lua", "Envoy's own Lua filter", lua=(_FOLDER / "envoy.lua").read_text("utf-8")),
        Contestant("wrapper", "by hand on Higress's wasm-go", _wrapper(folder / "wrapper.wasm"), {}),
        *(_bundle(folder / f"bundle-{size}", size) for size in BUNDLES),
    ]


def _compiled(project: Path) -> Path:
    """The example as users compile it."""
    command = [*CLI, "compile", str(_SOURCE), "--target", "envoy", "-o", str(project), "--build"]
    timed(command, project.parent)
    return project / "plugin.wasm"


def _wrapper(output: Path) -> Path:
    """The plugin that is written by hand, linked with the same flags."""
    environment = {**_GO_SETTINGS, **TARGET}
    timed(link(str(find_toolchain().go), str(output)), _FOLDER / "wrapper", environment)
    return output


def _bundle(folder: Path, size: int) -> Contestant:
    """A bundle of so many units, each the example with a mobile site of its own, on a route of its own.

    All requests take the route of the last one.
    """
    folder.mkdir()
    text = _SOURCE.read_text("utf-8")
    sources: list[str] = []
    for number in range(size):
        name = f"shop-{number:04}"
        own = text.replace(f'"{_MOBILE_SITE}"', f'"{_MOBILE_SITE}/{name}"')
        if own == text:
            raise RuntimeError(f"{_SOURCE} names no mobile site that could be changed")
        (folder / f"{name}.conf").write_text(own, "utf-8")
        (folder / f"{name}.snippet2wasm.yaml").write_text(f"match: [{{route: shops/{name}}}]\n", "utf-8")
        sources.append(f"{name}.conf")
    project = folder / "project"
    timed([*CLI, "compile", *sources, "--bundle", "--target", "envoy", "-o", str(project), "--build"], folder)
    return Contestant(
        f"bundle-{size}",
        f"compiled, a bundle of {size:,}",
        project / "plugin.wasm",
        configuration(project),
        route=f"shops/{name}",
    )


def configuration(project: Path) -> Json:
    """The configuration that the project's manifest gives the plugin."""
    manifest = yaml.safe_load((project / "envoy.yaml").read_text("utf-8"))
    config = manifest["http_filters"][0]["typed_config"]["config"]
    found: Json = json.loads(config["configuration"]["value"])
    return found
