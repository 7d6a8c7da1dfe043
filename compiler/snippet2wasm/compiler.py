"""The compiler: from a text to a unit, and from a unit to the files of a plugin project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from snippet2wasm import catalogue, checks
from snippet2wasm.analysis import effects, jumps, nesting, phases, typing
from snippet2wasm.backend import recordings
from snippet2wasm.backend.gofile import main_go, module_files
from snippet2wasm.backend.project import project_files
from snippet2wasm.backend.typelist import print_types
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.explain import Explanation, explain
from snippet2wasm.frontend import bindings as bindings_module
from snippet2wasm.frontend import deep, files, forms, includes
from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend import modules as modules_module
from snippet2wasm.frontend.bindings import Binding, Bindings
from snippet2wasm.frontend.layers import Layers, with_answers
from snippet2wasm.frontend.matches import Place
from snippet2wasm.frontend.modules import SearchPath
from snippet2wasm.frontend.names import Resolution
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.frontend.passed import Stretch, passed_tables, stretch
from snippet2wasm.ir.nodes import (
    Apply,
    Block,
    Constant,
    Evaluate,
    Function,
    Handler,
    LoadedModule,
    Phase,
    Return,
    Unit,
)
from snippet2wasm.ir.printer import print_unit
from snippet2wasm.lower import directives
from snippet2wasm.lower.directives import Lowered, captures, listeners, secrets
from snippet2wasm.lower.levels import Level
from snippet2wasm.lower.library import Lasting
from snippet2wasm.lower.lua import lower_handler, read_body
from snippet2wasm.lower.modules import Modules
from snippet2wasm.lower.nginx import LuaText, Parts, is_handler, is_whole, lua_text, read
from snippet2wasm.lower.program import Program, relative
from snippet2wasm.lower.unused import Definition, unused
from snippet2wasm.lower.variables import SetDirective, declare_sets, lower_sets, settle_kept
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
        lua_path: where the project's modules are: folders, or patterns with `?`, searched first.
        with_recordings: whether to read the recordings that the bindings name; who makes them does not.
        level: the block that an nginx text stands in: http, server or location; "" if the text shows it.
        listen: of the servers of an nginx text, those that listen at this port; 0 for all.
        of_ingress: the servers of an nginx text are ingress-nginx's own, with its lines around what is seen.
    """

    name: str
    phase: Phase = Phase.ACCESS
    target: str = "higress"
    bindings: Path | None = None
    libraries: tuple[Path, ...] = ()
    lua_path: tuple[str, ...] = ()
    with_recordings: bool = True
    level: str = ""
    listen: int = 0
    of_ingress: bool = False


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
        places: what it is for, where Kubernetes objects say that.
        layers: the snippets that act together, where they come from such objects.
        parsed: the directives of an nginx text, with those of the files that it includes.
    """

    unit: Unit
    warnings: list[Diagnostic]
    options: Options
    source: Source
    bindings: Bindings
    handlers: str
    recordings: dict[str, bytes] = field(repr=False)
    places: tuple[Place, ...] = ()
    layers: Layers | None = None
    parsed: tuple[Directive, ...] = field(default=(), repr=False)

    def files(self) -> dict[str, bytes]:
        """The files of the plugin project, by path inside it."""
        name = self.source.name
        return deep.run(
            lambda: project_files(self.unit, self.options.target, name, self.recordings, self.handlers)
        )

    def main_go(self) -> str:
        """The text of main.go."""
        return deep.run(lambda: main_go(self.unit, self.options.target, self.source.name))

    def module_files(self) -> dict[str, str]:
        """The texts of the Go files of the project's modules, by name."""
        return deep.run(lambda: module_files(self.unit, self.options.target))

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
    return deep.run(lambda: _compile(_Compiler(folder, options), source))


def compile_layers(layers: Layers, bindings: Bindings, folder: Path, options: Options) -> Compilation:
    """Compiles snippets that act together; the bindings are these, whatever the options name.

    Raises:
        Refusal: as `compile_text`.
    """
    return deep.run(lambda: _compile(_Compiler(folder, options, layers, bindings), layers.source))


def _compile(compiler: _Compiler, source: Source) -> Compilation:
    """Compiles a text; functions that can't be compiled and that nothing calls are left out, with a warning.

    Raises:
        Refusal: as `compile_text`.
    """
    left_out: dict[Stretch, Definition] = {}
    passed: set[Stretch] = set()
    while True:
        try:
            compilation = compiler.compile(source)
        except Refusal as refusal:
            found = compiler.unused(refusal.diagnostics)
            tables = compiler.passed(refusal.diagnostics) - passed
            if not found and not tables:
                raise
            left_out |= {stretch(each.span): each for each in found}
            passed |= tables
            compiler = compiler.without([*left_out, *passed])
            continue
        warnings = [*compilation.warnings, *map(_left_out, left_out.values())]
        return replace(compilation, warnings=sorted(warnings, key=Diagnostic.sort_key))


def _left_out(definition: Definition) -> Diagnostic:
    return Diagnostic(
        "S2W417",
        f"nothing calls {definition.name!r}, which can't be compiled; it is left out",
        definition.at,
        reason="what can't be compiled in it does no harm where nothing calls it",
        help="to see what can't be compiled, call it",
        severity=Severity.WARNING,
    )


_NGINX_TEXT = re.compile(rb"(?m)^[^#\n]*?\b[a-z_]+_by_lua(_block|_file)?\b\s*[^\s=(.,)]")


def _is_inside(inner: Stretch, outer: Stretch) -> bool:
    """Whether a piece of text stands in another one."""
    return inner[0] == outer[0] and outer[1] <= inner[1] and inner[2] <= outer[2]


def is_nginx_text(source: Source) -> bool:
    """Whether a text is nginx configuration; a .lua file never is, anything else is if it holds a Lua
    directive, or starts with a directive.
    """
    if source.name.endswith(".lua"):
        return False
    if source.name.endswith((".conf", ".nginx")) or _NGINX_TEXT.search(source.data):
        return True
    return checks.starts_with_directive(source.data)


class _Compiler:
    def __init__(
        self,
        folder: Path,
        options: Options,
        layers: Layers | None = None,
        bindings: Bindings | None = None,
        by_level: bool = False,
        without: Iterable[Stretch] = (),
    ) -> None:
        self.folder = folder
        self.options = options
        self.layers = layers
        self.bindings = bindings
        # The levels of a text are wanted, although its directives do not ask for them.
        self.by_level = by_level
        self.parsed: tuple[Directive, ...] = ()
        self._starting: list[Lasting] = []
        self._bound: dict[str, Lasting] = {}  # by file
        self._mains: list[Lasting] = []
        self._sets: dict[SetDirective, ast.Chunk] = {}  # the code of set_by_lua
        self._without = frozenset(without)  # definitions of functions, and what they are passed
        self._chunks: list[tuple[ast.Chunk, Resolution]] = []  # all that are linked
        self._syntax: dict[tuple[str, bytes], ast.Chunk] = {}

    def compile(self, source: Source) -> Compilation:
        bindings = self._bindings()
        parts = self._parts(source, bindings)
        modules = Modules(self._search(parts), catalogue.load().modules, self._syntax_of)
        program = Program(bindings, modules, self._load_library, self.folder)
        self.program = program
        program.dicts.declare(parts.dicts, parts.complete)
        handlers = [
            (phase, text, self._syntax_of(self._text(text)))
            for phase in Phase
            if (text := parts.handlers.get(phase)) is not None
        ]
        codes = {code: each for server in parts.servers for code, each in self._codes(server).items()}
        lasting = [(files.read(path), path.name) for path in self.options.libraries]
        lasting += [(self._text(text), text.chunk) for text in parts.init]
        chunks = [Lasting(program, self._parsed(data), chunk) for data, chunk in lasting]
        self._sets = {
            each: self._syntax_of(self._text(each.lua))
            for each in parts.sets
            if each.lua is not None and each.runs
        }
        texts = [*self._sets.values(), *(chunk for _, _, chunk in handlers), *codes.values()]
        bound = [SetDirective(name, each, each.span) for name, each in bindings.variables.items()]
        declare_sets(program, [*bound, *parts.sets])
        lowering = self._directives(parts, codes)
        self._link(program, texts, chunks, parts.complete)
        self._starting = chunks
        first = lower_sets(program, [*bound, *parts.sets], source.span(0, 0), self._set_by_lua)
        bodies = [] if first is None else [Handler(Phase.SET, first)]
        for phase, text, chunk in handlers:
            body = lower_handler(program, chunk, text.chunk, text.directive, phase)
            if parts.need_body and phase.reads_body:
                body.body.statements.insert(0, read_body(body.span))
            bodies.append(Handler(phase, body))
        lowered = Lowered(bodies, [])
        if parts.server is not None:
            whole = source.span(0, len(source.data))
            lowered = self._by_level(lowering, parts, codes, first, whole)
        settle_kept(program)
        embedded = program.files.finish()
        program.check()
        unit = Unit(
            self.options.name,
            lowered.handlers,
            program.functions,
            sorted(program.config.values(), key=lambda config: config.key),
            program.hooks,
            parts.location,
            program.state,
            program.dicts.used,
            [
                LoadedModule(each.name, each.chunk, each.source, each.main, each.static, each.kept)
                for each in modules.all()
            ],
            self._start(modules),
            embedded,
            lowered.levels,
            [each.shown for each in parts.routes],
        )
        nesting.settle(unit)
        warnings = program.diagnostics + phases.settle(unit) + typing.infer(unit)
        nesting.find_recursion(unit)
        nesting.find_repetition(unit)
        effects.settle(unit)
        if parts.of_nginx and parts.server is None and effects.looks_for_locations(unit):
            return self._anew(True, self._without).compile(source)
        unit.handlers = captures.needed(unit, parts.servers)
        captures.check(unit, parts.server, parts.whole)
        warnings += jumps.warnings(unit)
        effects.check_target(unit, self.options.target)
        data = [chunk.source.data for chunk in texts]
        data += self._texts(source) if parts.server is not None else []
        handlers_digest = recordings.digest([*data, *(module.source.data for module in modules.all())])
        recorded = self._recordings(bindings, handlers_digest)
        return Compilation(
            unit,
            sorted(parts.warnings + warnings + recorded.warnings(), key=Diagnostic.sort_key),
            self.options,
            source,
            bindings,
            handlers_digest,
            recorded.files,
            layers=self.layers,
            parsed=self.parsed,
        )

    def without(self, left_out: Iterable[Stretch]) -> _Compiler:
        """Another compiler for the same, which leaves out some definitions of functions."""
        return self._anew(self.by_level, left_out)

    def _anew(self, by_level: bool, without: Iterable[Stretch]) -> _Compiler:
        return _Compiler(self.folder, self.options, self.layers, self.bindings, by_level, without)

    def unused(self, faults: Sequence[Diagnostic]) -> list[Definition]:
        """The functions with errors in them that nothing calls, of a text that was refused."""
        errors = [
            stretch(each.span) for each in faults if each.severity is Severity.ERROR and each.span is not None
        ]
        if not self._chunks:
            return []
        return [
            each
            for each in unused(self._chunks, self.program.modules.all())
            if not (isinstance(each.key, str) and self.program.is_library(each.key))
            and any(_is_inside(error, stretch(each.span)) for error in errors)
        ]

    def passed(self, faults: Sequence[Diagnostic]) -> set[Stretch]:
        """The tables of the library that functions are passed under their own names, if one of them is a
        reason why the text was refused.
        """
        errors = {stretch(each.span) for each in faults if each.span is not None}
        found = passed_tables(self._chunks)
        return found if found & errors else set()

    def _syntax_of(self, source: Source) -> ast.Chunk:
        return forms.parse(source, self._without)

    def _texts(self, source: Source) -> list[bytes]:
        """The input, and the files that it includes."""
        return [source.data, *(each.data for each in includes.included(self.parsed) if each is not source)]

    def _codes(self, server: Level) -> dict[Directive, ast.Chunk]:
        """The syntax of the Lua in the levels of a server, by directive."""
        levels = [*server.chain()[:-1], *server.walk()]
        directives = [each for level in levels for each in level.own if is_handler(each)]
        return {each: self._syntax_of(self._text(lua_text(each)[0])) for each in directives}

    def _directives(self, parts: Parts, codes: dict[Directive, ast.Chunk]) -> directives.Lowering:
        """What lowers the directives of a configuration; all code knows the variables that they declare."""

        def code_of(directive: Directive) -> Function:
            name = f"set_{directive.args[0].value[1:].lower()}"
            body = lower_handler(
                self.program, codes[directive], lua_text(directive)[0].chunk, name, Phase.SET
            )
            return self._as_value(body)

        lowering = directives.Lowering(self.program, code_of, whole=parts.whole)
        if parts.servers:
            directives.declare(lowering, parts.servers)
        else:
            directives.declare_flat(lowering, parts.text)
        return lowering

    def _by_level(
        self,
        lowering: directives.Lowering,
        parts: Parts,
        codes: dict[Directive, ast.Chunk],
        first: Function | None,
        whole: Span,
    ) -> Lowered:
        """Lowers the levels of a configuration."""

        def function(phase: Phase, directive: Directive, reads_body: bool) -> Function:
            chunk = lua_text(directive)[0].chunk
            body = lower_handler(self.program, codes[directive], chunk, directive.name, phase)
            if reads_body:
                body.body.statements.insert(0, read_body(body.span))
            return body

        lowering.captures = captures.in_lua(self._lua_texts(codes.values()))
        return directives.lower(lowering, parts.servers, function, whole, first)

    def _lua_texts(self, chunks: Iterable[ast.Chunk]) -> list[bytes]:
        """All Lua that may run: some chunks, the modules, and what runs at the start."""
        modules = [each.source.data for each in self.program.modules.all()]
        return [
            *(each.source.data for each in (*chunks, *(each.syntax for each in self._starting))),
            *modules,
        ]

    def _search(self, parts: Parts) -> SearchPath:
        """Where modules are looked for: what the options say, what nginx is told, beside the input."""
        given = [each for path in self.options.lua_path for each in modules_module.given(path)]
        told = [each for text in parts.package_path for each in modules_module.of_nginx(text, self.folder)]
        return SearchPath([*given, *told, *modules_module.defaults(self.folder)], self.folder)

    def _link(
        self, program: Program, handlers: list[ast.Chunk], chunks: list[Lasting], complete: bool
    ) -> None:
        """Finds the modules, and takes in what they and the init code define; `complete` if no other code
        can set globals.
        """
        modules = program.modules
        for syntax in handlers:
            program.written.add(program.resolution(syntax))
        bound = [
            self._parsed(self._named_library(binding.value, binding))
            for binding in program.bindings.globals.values()
            if binding.form == "lua"
        ]
        everything = [(each, program.resolution(each), False) for each in (*handlers, *bound)]
        everything += [(each.syntax, each.scope.resolution, True) for each in chunks]
        for syntax, resolution, _ in everything:
            modules.collect(syntax, resolution)
        modules.collect_rest()
        for syntax in (*(each for each, _, _ in everything), *(each.syntax for each in modules.ordered)):
            program.files.collect(syntax)
        for name, (path, span) in modules.hidden.items():
            program.error(_hidden(name, path, span))
        modules.analyse(everything)
        self._chunks = [(each, resolution) for each, resolution, _ in everything]
        self._chunks += [(each.syntax, each.resolution) for each in modules.ordered]
        self._mains = [Lasting(program, each.syntax, each.chunk, each) for each in modules.ordered]
        for syntax, resolution in self._chunks if complete else ():
            program.declare_absent(syntax, resolution)
        for chunk in (*self._mains, *chunks):
            chunk.declare()
        for chunk in (*self._mains, *chunks):
            chunk.finish()

    def _start(self, modules: Modules) -> Function | None:
        """The function that runs when the configuration is read; None if there is nothing to do."""
        quiet = [each for each in modules.ordered if each.static and each.quiet]
        bound = [self._bound[name] for name in sorted(self._bound)]
        mains = [each.main for each in quiet] + [chunk.main for chunk in (*bound, *self._starting)]
        calls = [Evaluate(main.span, Apply(main.span, main, [])) for main in mains if main is not None]
        if not calls:
            return None
        start = Function("start", calls[0].span, "", [], Block(list(calls)))
        self.program.functions.append(start)
        return start

    def _parsed(self, source: Source) -> ast.Chunk:
        """The syntax of a library or module; a file is parsed once."""
        files.check_text(source)
        key = (source.name, source.data)
        if key not in self._syntax:
            self._syntax[key] = self._syntax_of(source)
        return self._syntax[key]

    def _set_by_lua(self, directive: SetDirective) -> Function:
        """The function that a set_by_lua directive's code is."""
        assert directive.lua is not None
        chunk = self._sets[directive]
        name = f"set_{directive.name}"
        return self._as_value(lower_handler(self.program, chunk, directive.lua.chunk, name, Phase.SET))

    def _as_value(self, body: Function) -> Function:
        """A function of the program that gives one value."""
        body.vararg = False
        if not (body.body.statements and isinstance(body.body.statements[-1], Return)):
            body.body.statements.append(Return(body.span, [Constant(body.span, None)]))
        self.program.functions.append(body)
        return body

    def _recordings(self, bindings: Bindings, handlers: str) -> recordings.Recordings:
        if bindings.recordings is None or not self.options.with_recordings:
            return recordings.Recordings({}, ())
        return recordings.read(bindings.folder / bindings.recordings, bindings.recordings, handlers)

    def _bindings(self) -> Bindings:
        if self.bindings is not None:
            return self.bindings
        path = self.options.bindings
        if path is None:
            return Bindings(self.folder)
        return bindings_module.parse(files.read(path), path.parent)

    def _parts(self, source: Source, bindings: Bindings) -> Parts:
        if self.layers is not None:
            self._refuse(checks.check_layers(self.layers, bindings.variables))
            return read(self.layers.tree(), by_level=self.by_level)
        files.check(source)
        if self.options.level:
            return self._parts_of_level(source, bindings)
        if is_nginx_text(source):
            parsed = includes.parse(source, self.folder)
            if self.options.listen:
                parsed = listeners.at_port(parsed, self.options.listen)
            self.parsed = tuple(parsed)
            secrets.hide(parsed)
            self._refuse(checks.check(parsed, surroundings=checks.around(parsed, bindings.variables)))
            stands_alone = is_whole(parsed) and not self.options.of_ingress
            parts = read(with_answers(parsed), stands_alone, self.by_level)
            if not parts.handlers and parts.server is None:
                nothing = Diagnostic(
                    "S2W231",
                    "there is nothing in this nginx text that a plugin does",
                    source.span(0, 0),
                    reason="it has no directive that acts on requests, and no Lua handler",
                    help="what the gateway's own configuration does is said above" if parts.warnings else "",
                )
                raise Refusal([*parts.warnings, nothing])
            return parts
        phase = self.options.phase
        name = source.name.replace("\\", "/").rpartition("/")[2]
        whole = source.span(0, len(source.data))
        directive = f"{phase.value}_by_lua"
        return Parts(
            of_nginx=False,
            handlers={phase: LuaText(f"{directive}_block", source, "", f"{directive}({name}:1)", whole)},
        )

    def _parts_of_level(self, source: Source, bindings: Bindings) -> Parts:
        """The parts of a text that stands in a block that the options name."""
        parsed = tuple(includes.parse(source, self.folder))
        self.parsed = parsed
        secrets.hide(parsed)
        level = self.options.level
        surroundings = checks.around(parsed, bindings.variables)
        self._refuse(checks.check(parsed, level, surroundings))
        layers = {
            "http": Layers(source, http=parsed),
            "server": Layers(source, server=parsed),
            "location": Layers(source, location=parsed),
        }
        return read(layers[level].tree(), by_level=self.by_level)

    @staticmethod
    def _refuse(faults: list[Diagnostic]) -> None:
        if faults:
            raise Refusal(faults)

    def _text(self, text: LuaText) -> Source:
        """The Lua text of a block, or of the file that it names."""
        if text.source is not None:
            return text.source
        path = files.beside(self.folder, text.file)
        source = _named_file(path, text.file, text.span, "the path is looked up below the input's folder")
        files.check(source)
        return source

    def _load_library(self, name: str, binding: Binding) -> None:
        """Takes in a Lua file of the bindings, when the first of its globals is used."""
        chunk = Lasting(self.program, self._parsed(self._named_library(name, binding)), Path(name).name)
        chunk.declare()
        chunk.finish()
        self._bound[name] = chunk

    def _named_library(self, name: str, binding: Binding) -> Source:
        folder = self.program.bindings.folder
        path = relative(folder, name)
        return _named_file(path, name, binding.span, "the path is relative to the bindings file")


def _hidden(name: str, path: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "S2W409",
        f"{path} is not used: {name!r} is the module of the library",
        span,
        reason="the plugin has it built in",
        help="give your file another name if it does something else",
        severity=Severity.WARNING,
    )


def _named_file(path: Path, name: str, span: Span, help_: str) -> Source:
    """A file that the input or the bindings name.

    Raises:
        Refusal: S2W236, it can't be read.
    """
    try:
        return files.read(path)
    except files.Unreadable as error:
        raise Refusal(Diagnostic("S2W236", f"can't read {name!r}: {error}", span, help=help_)) from None
