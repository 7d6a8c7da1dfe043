"""What is served: a snippet that is compiled here, or a project that was compiled before."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snippet2wasm.backend import project
from snippet2wasm.build.errors import ProjectError
from snippet2wasm.build.project import MODULE, load_project
from snippet2wasm.compiler import Compilation
from snippet2wasm.frontend.includes import included
from snippet2wasm.lower.program import relative

TARGET = "envoy"
_NOT_WATCHED = ("vendor", "runtime")


@dataclass(frozen=True)
class Field:
    """A value that the plugin wants from its configuration; type is string, number or boolean."""

    key: str
    type: str
    secret: bool


@dataclass(frozen=True)
class UnitFacts:
    """What running a unit takes.

    Attributes:
        name: the unit's.
        fields: of its configuration.
        redis: the cluster for each "host:port" that the snippet connects to.
        uses_redis: whether it uses Redis at all; the addresses may be made at run time.
        http: the cluster for each "host:port" of an HTTP service that the snippet calls.
        match: what it is for: entries with `route`, or `host` and `location`.
    """

    name: str
    fields: tuple[Field, ...]
    redis: Mapping[str, str]
    uses_redis: bool
    http: Mapping[str, str]
    match: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Facts:
    """What running a plugin takes.

    Attributes:
        units: its units; a plugin that is no bundle has one.
        is_bundle: whether its configuration says where each unit acts.
    """

    units: tuple[UnitFacts, ...]
    is_bundle: bool

    @property
    def uses_redis(self) -> bool:
        """Whether any unit uses Redis."""
        return any(unit.uses_redis for unit in self.units)


def read_facts(folder: Path) -> Facts:
    """The facts of a compiled project.

    Raises:
        ProjectError: it is no project for Envoy, or another version's.
    """
    found = load_project(folder)
    if found.target != TARGET:
        raise ProjectError(
            f"{folder} is compiled for {found.target}; a local Envoy can't run that",
            "compile the snippet with --target envoy, or serve the snippet itself: it is compiled anew",
        )
    try:
        data: Any = json.loads((folder / project.MARKER).read_bytes())
        if "units" in data:
            units = tuple(_unit(each["name"], each, each["match"]) for each in data["units"])
            return Facts(units, is_bundle=True)
        own = data["serve"]
        return Facts((_unit(found.name, own, [{"location": own["path"]}]),), is_bundle=False)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ProjectError(
            f"{folder} does not say what its plugin needs: another version of snippet2wasm compiled it",
            "compile the snippet again",
        ) from None


def _unit(name: str, data: Any, match: Any) -> UnitFacts:
    """The facts in a description of a unit in the project's marker."""
    fields = tuple(Field(each["key"], each["type"], each["secret"]) for each in data["config"])
    redis, http = dict(data["redis"]), dict(data["http"])
    return UnitFacts(name, fields, redis, bool(data["uses_redis"]), http, tuple(dict(each) for each in match))


class Plugin(ABC):
    """Something to serve."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the user calls it."""

    @abstractmethod
    def prepare(self) -> Path:
        """The folder of the plugin project, compiled anew.

        Raises:
            NotMade: the input is refused.
            ProjectError: the folder is not a project that can be served.
        """

    @abstractmethod
    def is_built(self) -> bool:
        """Whether the project that was prepared has a module of the same age."""

    @abstractmethod
    def files(self) -> list[Path]:
        """The files that the plugin is made of, those included that may come to be."""

    @abstractmethod
    def sources(self) -> Mapping[str, str]:
        """Paths to show, by the names that Lua chunks give their files."""


class Project(Plugin):
    """A project in a folder of the user's; it is built there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """The folder, as it was given."""
        return str(self._folder)

    def prepare(self) -> Path:
        """The folder itself."""
        load_project(self._folder)
        return self._folder

    def is_built(self) -> bool:
        """Whether plugin.wasm is there and younger than everything else."""
        try:
            built = (self._folder / MODULE).stat().st_mtime_ns
            return all(path.stat().st_mtime_ns <= built for path in self._all_files())
        except OSError:
            return False

    def files(self) -> list[Path]:
        """What people edit: not what is vendored."""
        return [
            path for path in self._all_files() if path.relative_to(self._folder).parts[0] not in _NOT_WATCHED
        ]

    def _all_files(self) -> Iterable[Path]:
        found = (path for path in sorted(self._folder.rglob("*")) if path.is_file())
        return [path for path in found if path.name != MODULE and not path.name.startswith(".")]

    def sources(self) -> Mapping[str, str]:
        """Nothing: a project does not know where its snippet is."""
        return {}


class Snippet(Plugin):
    """A snippet, compiled into a folder of ours.

    Args:
        input_: its path, as the user gave it.
        named: files that options name, and bindings that are looked for.
        compile_: compiles it for Envoy and gives the project's files, too; tells the user why not, and raises
            NotMade.
        folder: where the project goes.
    """

    def __init__(
        self,
        input_: str,
        named: Iterable[Path],
        compile_: Callable[[], tuple[Compilation, dict[str, bytes]]],
        folder: Path,
    ) -> None:
        self._input = input_
        self._named = tuple(named)
        self._compile = compile_
        self._folder = folder
        self._files: list[Path] = self._own_files()

    @property
    def name(self) -> str:
        """The input, as it was given."""
        return self._input

    def prepare(self) -> Path:
        """Compiles the snippet."""
        compilation, files = self._compile()
        self._files = [*self._own_files(), *_bound_files(compilation)]
        project.write(files, self._folder, force=True)
        return self._folder

    def is_built(self) -> bool:
        """Never: it was just compiled."""
        return False

    def _own_files(self) -> list[Path]:
        """The input and what was named with it."""
        return [*([] if self._input == "-" else [Path(self._input)]), *self._named]

    def files(self) -> list[Path]:
        """What the last compilation read."""
        return [
            file for path in self._files for file in (sorted(path.glob("*.go")) if path.is_dir() else [path])
        ]

    def sources(self) -> Mapping[str, str]:
        """The files by their own names."""
        return {path.name: str(path) for path in reversed(self.files())}


def _bound_files(compilation: Compilation) -> list[Path]:
    """Files and folders that the bindings and the snippet itself name."""
    bindings = compilation.bindings
    found = [
        relative(bindings.folder, binding.value)
        for binding in bindings.globals.values()
        if binding.form in ("lua", "go")
    ]
    bodies = [handler.body for handler in compilation.unit.handlers]
    named = {function.span.outermost().source.name for function in (*bodies, *compilation.unit.functions)}
    named |= {source.name for source in included(compilation.parsed)}
    found += [Path(name) for name in sorted(named) if Path(name).is_file()]
    return list(dict.fromkeys(found))
