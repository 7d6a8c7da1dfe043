"""The compiler: from a text to a unit, and from a unit to the files of a plugin project."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from snippet2wasm.analysis import effects, nesting, phases, typing
from snippet2wasm.backend import recordings
from snippet2wasm.backend.gofile import main_go
from snippet2wasm.backend.project import project_files
from snippet2wasm.backend.typelist import print_types
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.explain import Explanation, explain
from snippet2wasm.frontend import bindings as bindings_module
from snippet2wasm.frontend import deep, files, lua, nginx
from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.bindings import Binding, Bindings
from snippet2wasm.ir.nodes import Handler, Phase, Unit
from snippet2wasm.ir.printer import print_unit
from snippet2wasm.lower.library import lower_library
from snippet2wasm.lower.lua import lower_handler, read_body
from snippet2wasm.lower.nginx import LuaText, Parts, collect
from snippet2wasm.lower.program import Program, relative
from snippet2wasm.lower.variables import SetDirective, lower_sets
from snippet2wasm.source import Source, Span

TARGETS = ("higress", "envoy")


@dataclass(frozen=True)
class Options:
    """What to compile for.

    Attributes:
        name: the plugin's name; lower-case letters, digits and dashes.
        phase: the phase of a bare handler body.
        target: `higress` or `envoy`.
        bindings: the bindings file, if there is one.
        libraries: Lua files whose globals the snippet may use.
        with_recordings: whether to read the recordings that the bindings name; who makes them does not.
    """

    name: str
    phase: Phase = Phase.ACCESS
    target: str = "higress"
    bindings: Path | None = None
    libraries: tuple[Path, ...] = ()
    with_recordings: bool = True


@dataclass(frozen=True)
class Compilation:
    """What came out.

    Attributes:
        unit: the typed IR.
        warnings: diagnostics that did not refuse the input.
        options: what it was compiled with.
        source: the input.
        bindings: the bindings that were read.
        handlers: the digest of the handlers' text, which ties recordings to it.
        recordings: what the emitted tests replay, by file name.
    """

    unit: Unit
    warnings: list[Diagnostic]
    options: Options
    source: Source
    bindings: Bindings
    handlers: str
    recordings: dict[str, bytes] = field(repr=False)

    def files(self) -> dict[str, bytes]:
        """The files of the plugin project, by path inside it."""
        name = self.source.name
        return deep.run(
            lambda: project_files(self.unit, self.options.target, name, self.recordings, self.handlers)
        )

    def main_go(self) -> str:
        """The text of main.go."""
        return deep.run(lambda: main_go(self.unit, self.options.target, self.source.name))

    def explanation(self) -> Explanation:
        """What it does, in words."""
        return deep.run(lambda: explain(self.unit, self.source.name))

    def ir(self) -> str:
        """The IR as text."""
        return deep.run(lambda: print_unit(self.unit))

    def types(self) -> str:
        """What was inferred of every variable, and why no more, as text."""
        return deep.run(lambda: print_types(self.unit))


def compile_text(source: Source, folder: Path, options: Options) -> Compilation:
    """Compiles a handler body or an nginx text; files that it names are looked up in `folder`.

    Raises:
        Refusal: with everything that is wrong with the input.
    """
    return deep.run(lambda: _Compiler(folder, options).compile(source))


_NGINX_TEXT = re.compile(rb"(?m)^[^#\n]*?\b[a-z_]+_by_lua(_block|_file)?\b\s*[^\s=(.,)]")


def is_nginx_text(source: Source) -> bool:
    """Whether a text is nginx configuration; a .lua file never is, anything else is if it holds a Lua
    directive.
    """
    if source.name.endswith(".lua"):
        return False
    return source.name.endswith(".conf") or bool(_NGINX_TEXT.search(source.data))


class _Compiler:
    def __init__(self, folder: Path, options: Options) -> None:
        self.folder = folder
        self.options = options

    def compile(self, source: Source) -> Compilation:
        bindings = self._bindings()
        program = Program(bindings, self._load_library)
        self.program = program
        parts = self._parts(source)
        program.dicts.declare(parts.dicts, parts.complete)
        chunks: dict[Phase, tuple[LuaText, ast.Chunk]] = {}
        texts: list[bytes] = []
        for phase in Phase:
            if phase in parts.handlers:
                text = parts.handlers[phase]
                data = self._text(text)
                texts.append(data.data)
                chunks[phase] = text, lua.parse(data)
                program.resolution(chunks[phase][1])
        for init in parts.init:
            self._library(self._text(init), init.chunk)
        for path in self.options.libraries:
            self._library(files.read(path), path.name)
        sets = [SetDirective(name, each, each.span) for name, each in bindings.variables.items()]
        first = lower_sets(program, [*sets, *parts.sets], source.span(0, 0))
        handlers: list[Handler] = [] if first is None else [Handler(Phase.SET, first)]
        for phase, (text, chunk) in chunks.items():
            body = lower_handler(program, chunk, text.chunk, text.directive, phase)
            if parts.need_body and phase.reads_body:
                body.body.statements.insert(0, read_body(body.span))
            handlers.append(Handler(phase, body))
        program.check()
        unit = Unit(
            self.options.name,
            handlers,
            program.functions,
            sorted(program.config.values(), key=lambda config: config.key),
            program.hooks,
            parts.location,
            program.state,
            program.dicts.used,
        )
        nesting.settle(unit)
        warnings = program.diagnostics + phases.settle(unit) + typing.infer(unit)
        nesting.find_recursion(unit)
        nesting.find_repetition(unit)
        effects.settle(unit)
        effects.check_target(unit, self.options.target)
        handlers_digest = recordings.digest(texts)
        recorded = self._recordings(bindings, handlers_digest)
        return Compilation(
            unit,
            sorted(warnings + recorded.warnings(), key=Diagnostic.sort_key),
            self.options,
            source,
            bindings,
            handlers_digest,
            recorded.files,
        )

    def _recordings(self, bindings: Bindings, handlers: str) -> recordings.Recordings:
        if bindings.recordings is None or not self.options.with_recordings:
            return recordings.Recordings({}, ())
        return recordings.read(bindings.folder / bindings.recordings, bindings.recordings, handlers)

    def _bindings(self) -> Bindings:
        path = self.options.bindings
        if path is None:
            return Bindings(self.folder)
        return bindings_module.parse(files.read(path), path.parent)

    def _parts(self, source: Source) -> Parts:
        files.check(source)
        if is_nginx_text(source):
            parts = collect(nginx.parse(source))
            if not parts.handlers:
                raise Refusal(
                    Diagnostic(
                        "S2W231",
                        "there is no Lua handler in this nginx text",
                        source.span(0, 0),
                        reason="this version compiles rewrite_by_lua* and access_by_lua* handlers",
                    )
                )
            return parts
        phase = self.options.phase
        name = source.name.replace("\\", "/").rpartition("/")[2]
        whole = source.span(0, len(source.data))
        directive = f"{phase.value}_by_lua"
        return Parts(
            handlers={phase: LuaText(f"{directive}_block", source, "", f"{directive}({name}:1)", whole)}
        )

    def _text(self, text: LuaText) -> Source:
        """The Lua text of a block, or of the file that it names."""
        if text.source is not None:
            return text.source
        source = _named_file(self.folder, text.file, text.span, "the path is looked up beside the input")
        files.check(source)
        return source

    def _library(self, source: Source, chunk: str) -> None:
        files.check_text(source)
        lower_library(self.program, lua.parse(source), chunk)

    def _load_library(self, name: str, binding: Binding) -> None:
        folder = self.program.bindings.folder
        source = _named_file(folder, name, binding.span, "the path is relative to the bindings file")
        self._library(source, Path(name).name)


def _named_file(folder: Path, name: str, span: Span, help_: str) -> Source:
    """A file that the input or the bindings name.

    Raises:
        Refusal: S2W236, it can't be read.
    """
    try:
        return files.read(relative(folder, name))
    except files.Unreadable as error:
        raise Refusal(Diagnostic("S2W236", f"can't read {name!r}: {error}", span, help=help_)) from None
