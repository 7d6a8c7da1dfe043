"""The plugin project: every file of it, as bytes by path, and writing them to a folder at once."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import yaml

from snippet2wasm import __version__, resources
from snippet2wasm.analysis.effects import (
    acts_at_end,
    changes_responses,
    reads_body,
    uses_http,
    uses_redis,
    uses_timers,
)
from snippet2wasm.analysis.origins import Origins
from snippet2wasm.backend.gofile import (
    TRANSPORTS,
    embedded_files,
    handlers_told,
    loaded,
    main_go,
    module_files,
    templates,
)
from snippet2wasm.backend.naming import shown_name
from snippet2wasm.backend.services import host_and_port, http_addresses
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.explain import explain, readme_part
from snippet2wasm.ir.nodes import Action, Phase, Unit, walk_expressions

MARKER = "snippet2wasm.json"
"""The file that says that a folder is ours."""

_MODULE = "snippet2wasm.internal/plugin/runtime"
EXPORTS = (
    "proxy_on_memory_allocate",
    "proxy_on_vm_start",
    "proxy_on_configure",
    "proxy_on_context_create",
    "proxy_on_delete",
    "proxy_on_request_headers",
)
"""What every plugin needs; each further callback costs time in every request."""

RESPONSE_EXPORTS = ("proxy_on_response_headers",)
"""What a plugin needs that can change the headers of an answer."""

FILTER_EXPORTS = ("proxy_on_response_body", "proxy_on_response_trailers")
"""What a body filter needs."""

LOG_EXPORTS = ("proxy_on_log",)
"""What a handler that logs needs, and what is undone when a request is over."""

TIMER_EXPORTS = ("proxy_on_done", "proxy_on_tick")
"""What timers need: they are told when their configuration is replaced, and how time passes."""

WAITING_EXPORTS = (*LOG_EXPORTS, *TIMER_EXPORTS)
"""What a handler that waits needs: it is told when its client leaves, too."""

BODY_EXPORTS = ("proxy_on_request_body", "proxy_on_request_trailers")
"""What a plugin needs that reads the bodies of requests."""

HTTP_EXPORTS = ("proxy_on_http_call_response",)
"""What a plugin needs that calls HTTP services."""

TRANSPORT_EXPORTS = {"higress": ("proxy_on_redis_call_response",), "envoy": ("proxy_on_http_call_response",)}
_CLUSTERS = {"higress": "outbound|{port}||{host}", "envoy": "webdis|{port}|{host}"}
"""Default cluster names; transport/hostredis and transport/webdis make the same."""
GO_IMAGE = "golang:1.26"


def project_files(
    unit: Unit, target: str, source_name: str, recordings: dict[str, bytes], handlers: str
) -> dict[str, bytes]:
    """All files of the plugin project.

    Args:
        unit: what to emit.
        target: the gateway.
        source_name: the input's name.
        recordings: files for testdata/.
        handlers: the digest of the handlers' text (`recordings.digest`).

    Raises:
        Refusal: S2W241 for hooks in more than one folder.
    """
    redis = uses_redis(unit)
    exports = exports_of([unit], target)
    context: dict[str, Any] = {
        "version": __version__,
        "name": unit.name,
        "source": shown_name(source_name),
        "unit": unit,
        "target": target,
        "config": unit.config,
        "redis": redis_addresses(unit, target),
        "uses_redis": redis,
        "http": http_addresses(unit, target),
        "uses_http": uses_http(unit),
        "reads_body": reads_body(unit),
        "differences": differences(unit, target),
        "modules": [
            {"name": each.name, "file": shown_name(each.source.name), "loaded": each in loaded(unit)}
            for each in unit.modules
        ],
        "files": unit.files,
        "handlers": handlers_told(unit, target),
        "location": location_text(unit),
        "routes": unit.routes,
        "explanation": readme_part(explain(unit, source_name)),
        "recordings": sorted(recordings),
        "exports": exports,
        "go_image": GO_IMAGE,
    }
    environment = templates()
    found: dict[str, bytes] = {"main.go": main_go(unit, target, source_name).encode()}
    found.update({name: text.encode() for name, text in module_files(unit, target).items()})
    manifest = "wasmplugin.yaml" if target == "higress" else "envoy.yaml"
    for name in ("README.md", "Dockerfile", manifest):
        found[name] = environment.get_template(f"{name}.j2").render(context).encode()
    if recordings:
        found["main_test.go"] = environment.get_template("main_test.go.j2").render(context).encode()
        found.update({f"testdata/{name}": data for name, data in recordings.items()})
    found.update(embedded_files(unit))
    found.update(hook_files(unit, "hooks"))
    found.update(runtime_files(found))
    marker = {"format": 1, "name": unit.name, "target": target, "exports": exports}
    marker["handlers_sha256"] = handlers
    marker["serve"] = {
        "config": [{"key": each.key, "type": str(each.type), "secret": each.secret} for each in unit.config],
        "redis": {f"{each['host']}:{each['port']}": each["cluster"] for each in context["redis"]},
        "uses_redis": redis,
        "http": {f"{each['host']}:{each['port']}": each["cluster"] for each in context["http"]},
        "path": unit.location.path if unit.location is not None else "/",
    }
    found[MARKER] = (json.dumps(marker, indent=2) + "\n").encode()
    return dict(sorted(found.items()))


def exports_of(units: Sequence[Unit], target: str) -> list[str]:
    """The callbacks that a plugin with these units needs."""
    phases = {handler.phase for unit in units for handler in unit.handlers}
    filters = {phase for phase in phases if phase.of_response} - {Phase.LOG}
    bodies = phases & {Phase.BODY_FILTER, Phase.BODY}
    waits = any(handler.waits for unit in units for handler in unit.handlers)
    ends = Phase.LOG in phases or any(map(acts_at_end, units))
    calls = (*(TRANSPORT_EXPORTS[target] if any(map(uses_redis, units)) else ()),)
    if any(map(uses_http, units)):
        calls += tuple(name for name in HTTP_EXPORTS if name not in calls)
    return [
        *EXPORTS,
        *(RESPONSE_EXPORTS if filters or any(map(changes_responses, units)) else ()),
        *(FILTER_EXPORTS if bodies else ()),
        *(BODY_EXPORTS if any(map(reads_body, units)) else ()),
        *(LOG_EXPORTS if waits or ends else ()),
        *(TIMER_EXPORTS if waits or any(map(uses_timers, units)) else ()),
        *calls,
    ]


def location_text(unit: Unit) -> str:
    """The unit's location as nginx has it, "" without one."""
    if unit.location is None:
        return ""
    modifier = f"{unit.location.modifier} " if unit.location.modifier else ""
    return f"location {modifier}{unit.location.path}"


@cache
def _all_differences() -> list[dict[str, str]]:
    text = package_files("snippet2wasm.catalogue").joinpath("differences.yaml").read_text("utf-8")
    found: list[dict[str, str]] = yaml.safe_load(text)
    return found


def differences(unit: Unit, target: str) -> list[str]:
    """The known differences from nginx that this plugin can show."""
    redis = uses_redis(unit)
    conditions = {"always"} | ({"redis", f"redis-{target}"} if redis else set())
    location = f" and by the check for `{location_text(unit)}` inside it" if unit.location else ""
    functions = unit.bodies
    actions = (
        expr for function in functions for expr in walk_expressions(function.body) if isinstance(expr, Action)
    )
    own = sorted({action.entry.differs for action in actions} - {""})
    select = "; a `select` of another database works" if target == "envoy" else ""
    common = [
        entry["text"].format(location=location, select=select)
        for entry in _all_differences()
        if entry["when"] in conditions
    ]
    return common + own


def redis_addresses(unit: Unit, target: str) -> list[dict[str, str]]:
    """The addresses in the snippet that it may connect to, with their default clusters."""
    found: dict[str, dict[str, str]] = {}
    origins = Origins(unit)
    for action in unit.actions("redis:connect"):
        for name, number in host_and_port(origins, action):
            cluster = _CLUSTERS[target].format(host=name, port=number)
            found[f"{name}:{number}"] = {"host": name, "port": number, "cluster": cluster}
    return [found[key] for key in sorted(found)]


def hook_files(unit: Unit, below: str) -> dict[str, bytes]:
    """The user's Go package, with its tests, in the folder `below`."""
    folders = sorted({hook.folder for hook in unit.hooks})
    if len(folders) > 1:
        raise Refusal(
            Diagnostic(
                "S2W241", "the Go hooks are in several folders", help="put them into one package `hooks`"
            )
        )
    found: dict[str, bytes] = {}
    for folder in folders:
        files = [*Path(folder).glob("*.go"), *(Path(folder) / "testdata").rglob("*")]
        for path in sorted(files):
            if path.is_file() and not path.is_symlink():
                found[f"{below}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return found


def runtime_files(emitted: dict[str, bytes]) -> dict[str, bytes]:
    """The runtime packages that the emitted Go needs, the vendored SDK, go.mod and go.sum."""
    root = resources.go_runtime()
    texts = [data.decode("utf-8", "replace") for name, data in emitted.items() if name.endswith(".go")]
    pending = {package for text in texts for package in _imported(text)} | {"cmd/stripexports"}
    packages: set[str] = set()
    found: dict[str, bytes] = {}
    while pending:
        package = pending.pop()
        packages.add(package)
        for path in sorted((root / package).iterdir()):
            if path.is_file() and path.suffix == ".go" and not path.name.endswith("_test.go"):
                data = path.read_bytes()
                if data.startswith(b"//go:build ignore"):
                    continue  # a program that made one of the other files
                found[f"runtime/{package}/{path.name}"] = data
                pending |= _imported(data.decode("utf-8")) - packages
    cryptography = any(b'"golang.org/x/crypto/' in data for data in found.values())
    for path in sorted((root / "vendor").rglob("*")):
        if path.is_file() and (cryptography or not path.is_relative_to(root / "vendor/golang.org")):
            found[f"vendor/{path.relative_to(root / 'vendor').as_posix()}"] = path.read_bytes()
    module = (root / "go.mod").read_text("utf-8")
    found["go.mod"] = module.replace(f"module {_MODULE}", f"module {_MODULE.rpartition('/')[0]}", 1).encode()
    found["go.sum"] = (root / "go.sum").read_bytes()
    return found


def _imported(text: str) -> set[str]:
    """The runtime packages that a Go file imports."""
    return set(re.findall(rf'"{re.escape(_MODULE)}/([\w/]+)"', text))


class NotOurs(Exception):
    """The output folder holds something that this program did not make."""


class AlreadyThere(NotOurs):
    """The output folder holds a project of ours, which only `force` replaces."""


def write(files: dict[str, bytes], folder: Path, force: bool) -> None:
    """Writes a project: into a temporary folder beside the target, which then takes the target's place.

    A project of ours that is there already is replaced if `force`; the built plugin.wasm in it goes with it,
    since it is another's.

    Raises:
        NotOurs: the folder is there and is not empty, and is no project of ours (or `force` is not given).
        OSError: writing failed; nothing is left behind.
    """
    folder = Path(os.path.abspath(folder))
    check_target(folder, force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        temporary.chmod(0o755)
        for name, data in files.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if folder.exists():
            _replace(folder, temporary)
        else:
            os.rename(temporary, folder)
    finally:
        _remove(temporary)


def _replace(folder: Path, temporary: Path) -> None:
    """Puts a folder in the place of another one, which is gone then, or still there if that fails."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    try:
        os.rename(folder, aside / "project")
        os.rename(temporary, folder)
    except BaseException:  # also Ctrl-C
        if not folder.exists():
            os.rename(aside / "project", folder)
        raise
    finally:
        _remove(aside)


def _remove(folder: Path) -> None:
    """Removes a folder, also when a signal comes meanwhile."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def check_target(folder: Path, force: bool) -> None:
    """Checks that a project can be written to a folder.

    Raises:
        NotOurs: see `write`.
    """
    if Path.cwd().is_relative_to(folder):
        raise NotOurs(f"{folder} is the current folder, or one above it")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotOurs(f"{folder} is there and is not a folder")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not is_project(folder):
        raise NotOurs(f"{folder} is not empty and was not made by snippet2wasm; it is left alone")
    if not force:
        raise AlreadyThere(f"{folder} holds a project already")


def is_project(folder: Path) -> bool:
    """Whether a folder is a plugin project of ours."""
    try:
        marker = json.loads((folder / MARKER).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(marker, dict) and marker.get("format") == 1


__all__ = ["MARKER", "TRANSPORTS", "AlreadyThere", "NotOurs", "is_project", "project_files", "write"]
