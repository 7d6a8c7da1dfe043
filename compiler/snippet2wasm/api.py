"""The Python interface: what the command line does, for programs that make plugins.

    import snippet2wasm

    plugin = snippet2wasm.compile("snippet.lua", target="envoy")
    plugin.files["main.go"]       # bytes, by path inside the project
    plugin.diagnostics            # the warnings; errors are raised: snippet2wasm.Refusal
    plugin.units[0].ir            # the typed IR, as text
    plugin.write("build/snippet")

docs/api.md tells more.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from snippet2wasm import naming
from snippet2wasm.backend import project
from snippet2wasm.bundle import Input, bundle, compile_all
from snippet2wasm.cluster import compile_cluster
from snippet2wasm.compiler import TARGETS, Compilation, Options, is_nginx_text
from snippet2wasm.diagnostics import Diagnostic
from snippet2wasm.explain import JsonExplanation, to_json
from snippet2wasm.frontend import files, kubernetes
from snippet2wasm.ir.nodes import LUA_PHASES, Phase
from snippet2wasm.source import Source

PathName = str | os.PathLike[str]


class InvalidOption(ValueError):
    """An argument that can't be used; the text says why."""


@dataclass(frozen=True)
class Text:
    """An input that is not a file.

    Attributes:
        text: a handler's Lua, nginx text, or YAML or JSON of Kubernetes.
        name: what messages call it; a name that ends in .lua is a handler's body, in .conf nginx text.
        folder: where files that it names are looked up.
    """

    text: str | bytes
    name: str = "snippet.lua"
    folder: PathName = "."


@dataclass(frozen=True)
class Unit:
    """What one input became: it acts on one request in one place.

    Attributes:
        name: unique in the plugin.
        source: the input's name.
        compilation: the typed IR (`compilation.unit`) and what else the compiler knows.
    """

    name: str
    source: str
    compilation: Compilation = field(repr=False)

    @cached_property
    def ir(self) -> str:
        """The typed IR as text."""
        return self.compilation.ir()

    @cached_property
    def explanation(self) -> JsonExplanation:
        """What it reads, decides, calls and changes, and each way it can end; as `explain --format json`."""
        return to_json(self.compilation.explanation())


@dataclass(frozen=True)
class Plugin:
    """A compiled plugin.

    Attributes:
        name: of the plugin.
        target: the gateway.
        files: the project, by path inside it.
        units: one for each input.
        diagnostics: warnings; errors are raised.
    """

    name: str
    target: str
    files: Mapping[str, bytes] = field(repr=False)
    units: Sequence[Unit]
    diagnostics: Sequence[Diagnostic]

    def write(self, folder: PathName, force: bool = False) -> Path:
        """Writes the project, all of it or nothing; the folder's path.

        Args:
            folder: must not be there yet, or be empty.
            force: replace a project of ours that is there.

        Raises:
            InvalidOption: something is there that must not be replaced.
            OSError: it can't be written.
        """
        try:
            project.write(dict(self.files), Path(folder), force)
        except project.AlreadyThere as error:
            raise InvalidOption(f"{error}; force=True replaces it") from None
        except project.NotOurs as error:
            raise InvalidOption(str(error)) from None
        return Path(folder)


def compile(
    *inputs: PathName | Text,
    name: str | None = None,
    target: str = "higress",
    phase: str | None = None,
    bindings: PathName | None = None,
    libraries: Sequence[PathName] = (),
    lua_path: Sequence[PathName] = (),
    as_bundle: bool | None = None,
) -> Plugin:
    """Compiles inputs to one plugin; nothing is written.

    Args:
        inputs: files (a handler's .lua, nginx text, or YAML or JSON of Kubernetes), projects' folders, or
            `Text`s. Those of Kubernetes stand alone; several are one cluster, and give a bundle.
        name: of the plugin; made from the input's name, or "snippets" for a bundle.
        target: `higress` or `envoy`.
        phase: of handler bodies, `access` (default) or `rewrite`; nginx text says it itself.
        bindings: the bindings file of all inputs; without it, each input has what stands beside it.
        libraries: Lua files that run before the inputs' code.
        lua_path: where the inputs' own modules are: folders, or patterns with `?`. Then the folder of each
            input is searched, and `lua` in it.
        as_bundle: whether to make a bundle, which has a table that says where each unit acts. Several
            inputs make one.

    Raises:
        Refusal: with everything that is wrong with the inputs.
        InvalidOption: an argument can't be used, or a file can't be read.
    """
    several = len(inputs) > 1 if as_bundle is None else as_bundle
    _check(inputs, several, name, target, phase)
    shared = tuple(path for path in map(_existing, libraries) if path is not None)
    searched = tuple(str(path) for path in lua_path)
    options = Options("", Phase(phase or "access"), target, _existing(bindings), shared, searched)
    objects = _objects(inputs)
    if objects is not None:
        if phase is not None or as_bundle is False:
            raise InvalidOption("Kubernetes objects make a bundle, and their snippets say their phases")
        return _of_cluster(objects, _folder(inputs[0]), name or "snippets", options)
    taken: set[str] = set()
    read = [_input(each, options, None if several else name, taken) for each in inputs]
    if phase is not None and any(is_nginx_text(each.source) for each in read):
        raise InvalidOption("the phase is for handler bodies; nginx text says the phase itself")
    compilations = compile_all(read)
    units = [Unit(each.unit.name, each.source.name, each) for each in compilations]
    if not several:
        only = compilations[0]
        return Plugin(only.unit.name, target, only.files(), units, only.warnings)
    made = bundle(name or "snippets", target, compilations)
    return Plugin(made.name, target, made.files(), units, made.warnings)


def _check(
    inputs: Sequence[PathName | Text], several: bool, name: str | None, target: str, phase: str | None
) -> None:
    """Refuses arguments that can't be used, before anything is read."""
    phases = [each.value for each in LUA_PHASES]
    if not inputs:
        raise InvalidOption("there is no input")
    if len(inputs) > 1 and not several:
        raise InvalidOption("several inputs make a bundle")
    if target not in TARGETS:
        raise InvalidOption(f"unknown target {target!r}; the targets are {', '.join(TARGETS)}")
    if phase is not None and phase not in phases:
        raise InvalidOption(f"unknown phase {phase!r}; the phases are {', '.join(phases)}")
    if name is not None and not naming.is_plugin_name(name):
        raise InvalidOption(f"{name!r} can't be a plugin's name: {naming.NAME_RULE}")


def _objects(inputs: Sequence[PathName | Text]) -> kubernetes.Manifests | None:
    """What the inputs hold of Kubernetes objects, all together; None if they are no files of such."""
    sources = [_whole(each) for each in inputs if isinstance(each, Text) or Path(each).is_file()]
    found = [each for each in sources if kubernetes.is_manifest(each)]
    if found and len(found) < len(inputs):
        raise InvalidOption(f"{found[0].name} holds Kubernetes objects, and another input does not")
    return kubernetes.merge([kubernetes.read(each) for each in found]) if found else None


def _whole(given: PathName | Text) -> Source:
    """The text of an input that may hold Kubernetes objects."""
    if isinstance(given, Text):
        return files.bounded(_bytes(given), given.name, kubernetes.MAX_BYTES)
    try:
        return files.read(Path(given), limit=kubernetes.MAX_BYTES)
    except files.Unreadable as error:
        raise InvalidOption(f"can't read {os.fspath(given)}: {error}") from None


def _bytes(given: Text) -> bytes:
    # What is no UTF-8 is refused with a message, like a file's.
    return given.text.encode("utf-8", "surrogatepass") if isinstance(given.text, str) else given.text


def _folder(given: PathName | Text) -> Path:
    return Path(given.folder) if isinstance(given, Text) else Path(given).parent


def _of_cluster(objects: kubernetes.Manifests, folder: Path, name: str, options: Options) -> Plugin:
    """The plugin of all snippets of a cluster."""
    compiled = compile_cluster(objects, folder, options)
    made = bundle(name, options.target, compiled.compilations, compiled.others)
    units = [Unit(each.unit.name, each.source.name, each) for each in compiled.compilations]
    told = list(dict.fromkeys([*compiled.warnings, *made.warnings]))
    return Plugin(made.name, made.target, made.files(), units, told)


def _existing(path: PathName | None) -> Path | None:
    if path is not None and not Path(path).is_file():
        raise InvalidOption(f"there is no file {os.fspath(path)}")
    return None if path is None else Path(path)


def _input(given: PathName | Text, options: Options, name: str | None, taken: set[str]) -> Input:
    if isinstance(given, Text):
        source, path = files.bounded(_bytes(given), given.name), Path(given.folder) / given.name
        beside = None
    else:
        try:
            path = naming.input_of(Path(given))
        except naming.NoInput as error:
            raise InvalidOption(str(error)) from None
        try:
            source = files.read(path)
        except files.Unreadable as error:
            raise InvalidOption(f"can't read {path}: {error}") from None
        beside = naming.default_bindings(path)
    own = naming.unique(name or naming.plugin_name(path), taken)
    return Input(source, path.parent, replace(options, name=own, bindings=options.bindings or beside))
