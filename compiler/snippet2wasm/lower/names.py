"""What names mean: of modules, of functions of the library and of the program, of variables."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from snippet2wasm import catalogue
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.modules import shown_path
from snippet2wasm.frontend.names import Resolution, Symbol
from snippet2wasm.ir.nodes import (
    Constant,
    Function,
    Phase,
    Variable,
)
from snippet2wasm.lower.modules import ALWAYS_LOADED, OwnModule, required
from snippet2wasm.lower.program import Program
from snippet2wasm.lower.scope import Builtin, KnownConstant, Meaning, Module
from snippet2wasm.source import Span

LATER = "this version does not compile it yet"
HOOK_HELP = "write the part that needs it as a Go hook: globals: {NAME: {go: ./hooks}} in the bindings file"


def dict_part(name: str) -> str:
    """The name of a shared dict as the last part of a path: a name can have dots. It is its own inverse."""
    return name.translate({ord("."): "\0", 0: "."})


@dataclass
class ChunkScope:
    """A chunk being lowered: its names, and nginx's name for it in messages.

    Attributes:
        functions: the globals that are functions of this chunk alone.
        lasting: whether its outermost variables live as long as nginx's Lua VM.
        module: the module whose main chunk it is, if it is one.
        phase: the phase whose handler it is, None for code of other kinds.
    """

    program: Program
    resolution: Resolution
    chunk: str
    meanings: dict[Symbol, Meaning]
    functions: frozenset[str] = frozenset()
    lasting: bool = False
    module: OwnModule | None = None
    phase: Phase | None = None


class Names:
    """The names inside of one function; `owner` is its syntax, None for a chunk, `outer` has the names of the
    code around it.
    """

    def __init__(self, scope: ChunkScope, owner: ast.Function | None, outer: Names | None = None) -> None:
        self.scope = scope
        self.program = scope.program
        self.owner = owner
        self.outer = outer
        self.current: Function | None = None
        self.catalogue = catalogue.load()

    def refuse(self, code: str, message: str, span: Span, reason: str = "", help_: str = "") -> None:
        """Notes an error."""
        self.program.error(Diagnostic(code, message, span, reason=reason, help=help_))

    def warn(self, code: str, message: str, span: Span, reason: str = "", help_: str = "") -> None:
        """Notes a warning."""
        self.program.error(
            Diagnostic(code, message, span, reason=reason, help=help_, severity=Severity.WARNING)
        )

    def later(self, what: str, span: Span) -> None:
        """Notes a construct that Lua has and this version does not compile."""
        self.refuse("S2W220", f"{what} can't be compiled", span, LATER, HOOK_HELP)

    def read_absent(self, path: str, span: Span) -> bool:
        """Whether the value of a name is nil, as `is_absent` says; then there is a warning."""
        if not self.is_absent(path):
            return False
        close = self._close_to(path)
        self.warn(
            "S2W418",
            f"there is no {path}, so this is nil",
            span,
            "neither nginx nor the Lua library has it",
            f"did you mean {close[0]}?" if close else "nothing, if nil is meant",
        )
        return True

    def is_absent(self, path: str) -> bool:
        """Whether neither nginx nor the Lua library has a name below a table of theirs."""
        root, _, rest = path.partition(".")
        names = self.catalogue.names
        if not rest or path in names or not {root, path.rpartition(".")[0]} <= names:
            return False
        known = path in self.catalogue.entries or path in self.catalogue.values
        if known or path in self.catalogue.constants or self.catalogue.value(path) is not None:
            return False
        inside = f"{path}."
        return self.unsupported(path) is None and not any(
            each.startswith(inside) for each in self.catalogue.entries
        )

    def _close_to(self, path: str) -> list[str]:
        names = [*self.catalogue.entries, *self.catalogue.constants, *self.catalogue.unsupported]
        return difflib.get_close_matches(path, names, 1, 0.75)

    def refuse_path(self, path: str, span: Span) -> None:
        """Says what is known of a name that the catalogue does not compile."""
        known = self.unsupported(path)
        if known is not None:
            self.refuse("S2W216", f"{path} can't be compiled", span, *known)
            return
        if path in self.catalogue.names:
            self.later(path, span)
            return
        close = self._close_to(path)
        self.refuse(
            "S2W217",
            f"there is no {path}",
            span,
            "neither nginx nor the Lua library has it",
            f"did you mean {close[0]}?"
            if close
            else "correct the spelling; where nginx's nil is meant, write nil",
        )

    def unsupported(self, path: str) -> tuple[str, str] | None:
        """Why a path, or what it is a part of (`ngx.header` of `ngx.header.x`), is refused."""
        while path:
            if path in self.catalogue.unsupported:
                return self.catalogue.unsupported[path]
            path = path.rpartition(".")[0]
        return None

    def name(self, name: ast.Name) -> Meaning | None:
        """What a name means; None (and an error noted) if it means nothing that can be compiled."""
        symbol = self.scope.resolution.symbols.get(name)
        if symbol is None:
            only_tested = name.name in self.scope.resolution.tested - self.scope.resolution.used
            return self.program.global_(name, only_tested)
        meaning = self.scope.meanings.get(symbol)
        if isinstance(meaning, Variable) and not meaning.lasting and symbol.function is not self.owner:
            inner: Names | None = self
            while inner is not None and inner.owner is not symbol.function:
                if inner.current is not None:
                    inner.current.nested = True
                inner = inner.outer
        return meaning

    def meaning(self, expression: ast.Expression, quiet: bool = False) -> Meaning | None:
        """What a name or a dotted path means; None if it is no such thing (an error is noted unless
        `quiet`).
        """
        expression = self.without_test_of_loaded(expression)
        match expression:
            case ast.Name():
                if quiet and expression not in self.scope.resolution.symbols:
                    known = self.program.own_global(expression.name)
                    bound = expression.name in self.program.bindings.globals
                    return known or (None if bound else self._quiet_builtin(expression.name))
                return self.name(expression)
            case ast.Index() if (module := self.program.modules.named_as_loaded.get(expression)) is not None:
                return self.program.loaded_of(module)
            case ast.Index(object=object_, key=ast.String(value=key)):
                base = self.meaning(object_, quiet)
                part = key.decode("utf-8", "surrogateescape")
                if isinstance(base, Builtin) and base.path == "package.loaded" and part in ALWAYS_LOADED:
                    return Builtin(part)
                if isinstance(base, Builtin) and base.path == "_G":
                    return self.program.own_global(part) or Builtin(part)
                if isinstance(base, OwnModule):
                    return base.meanings.get(part) or KnownConstant(Constant(expression.span, None))
                if isinstance(base, Builtin):
                    is_value = self.catalogue.value(base.path) is not None
                    inside = dict_part(part) if base.path == "ngx.shared" else part
                    return None if is_value else Builtin(f"{base.path}.{inside}")
                return Builtin(f"{base.prefix}.{part}") if isinstance(base, Module) else None
            case ast.Call() if self.is_require(expression):
                return self.require(expression)
            case _:
                return None

    def quiet_meaning(self, expression: ast.Expression) -> Meaning | None:
        """What a name or a dotted path means; None, and no error, if it is no such thing."""
        return self.meaning(expression, quiet=True)

    def _quiet_builtin(self, name: str) -> Meaning | None:
        roots = {key.partition(".")[0] for key in (*self.catalogue.entries, *self.catalogue.unsupported)}
        roots.update(name for name in self.catalogue.values if "." not in name)
        return Builtin(name) if name in roots or name == "_G" else None

    def is_require(self, call: ast.Call) -> bool:
        """Whether a call is `require "…"`."""
        function = call.function
        return isinstance(function, ast.Name) and function.name == "require" and self._is_global(function)

    def _is_global(self, name: ast.Name) -> bool:
        return name not in self.scope.resolution.symbols and name.name not in self.program.globals

    def own_module(self, node: ast.Expression) -> OwnModule | None:
        """The module of the project that an expression requires."""
        name = required(node, self.scope.resolution)
        own = self.program.modules.by_name.get(name) if name is not None else None
        if own is not None and own.name != name:
            self.refuse(
                "S2W222",
                f"this file is required as {own.name!r}, too",
                node.span,
                "nginx would load it twice, and its variables would exist twice",
                "require it by one name",
            )
        return own

    def without_test_of_loaded(self, expression: ast.Expression) -> ast.Expression:
        """`require "x"` for `package.loaded["x"] or require "x"`, which is the same; all else as it is."""
        match expression:
            case ast.Logical(
                operator=ast.LogicalOperator.OR,
                left=ast.Index(
                    object=ast.Index(
                        object=ast.Name(name="package") as root, key=ast.String(value=b"loaded")
                    ),
                    key=ast.String(value=name),
                ),
                right=ast.Call() as call,
            ) if self.is_require(call) and self._is_global(root):
                match call.arguments:
                    case (ast.String(value=value),) if value == name:
                        return call
                    case _:
                        pass
            case _:
                pass
        return expression

    def is_library_table(self, expression: ast.Expression) -> bool:
        """Whether an expression names a table or function of the library, which is there and true."""
        if not isinstance(expression, ast.Name | ast.Index):
            return False
        meaning = self.quiet_meaning(expression)
        if isinstance(meaning, Module | OwnModule | Function):
            return True
        if not isinstance(meaning, Builtin) or self.catalogue.value(meaning.path) is not None:
            return False
        if meaning.path in self.catalogue.constants or meaning.path in self.catalogue.values:
            return False
        if meaning.path == "_G" or meaning.path in self.catalogue.entries:
            return not meaning.path.startswith("ngx.var.")
        inside = meaning.path + "."
        return any(name.startswith(inside) for name in (*self.catalogue.entries, *self.catalogue.unsupported))

    def require(self, call: ast.Call) -> Meaning | None:
        """The module that `require "name"` gives; None for one whose table is a value."""
        own = self.own_module(call)
        if own is not None:
            return own if own.static else None
        if self.program.modules.computed.get(call):
            return None
        if len(call.arguments) != 1 or not isinstance(call.arguments[0], ast.String):
            self.refuse(
                "S2W215",
                "the name of this module is computed",
                call.span,
                "modules are linked when the plugin is compiled; no module of the project has a name that"
                " begins and ends as this one does, nor one that a string of the code is",
                'write the name as a string: require "resty.redis"; or say where the modules are:'
                " --lua-path DIR",
            )
            return None
        argument = call.arguments[0]
        name = argument.value.decode("utf-8", "replace")
        prefix = self.catalogue.modules.get(name)
        if prefix is None and name in ALWAYS_LOADED:
            return Builtin(name)
        if prefix is None:
            known = self.catalogue.refused_module(name)
            if known is not None:
                self.refuse("S2W216", f"the module {name} can't be compiled", argument.span, *known)
                return None
            close = difflib.get_close_matches(name, self.catalogue.modules, 1, 0.8)
            self.refuse(
                "S2W214",
                f"unknown module {name!r}",
                argument.span,
                f"no file of the project has it ({self._searched(name)}), nor is it built in: see"
                " docs/compatibility.md",
                f"did you mean {close[0]!r}?"
                if close
                else "if it is a library of Lua files, put them into the project's folder, or say where they"
                " are: --lua-path DIR",
            )
            return None
        return Builtin(prefix) if prefix in self.catalogue.entries else Module(prefix)

    def _searched(self, name: str) -> str:
        """Where a module was looked for, for a message."""
        paths = [shown_path(path) for path in self.program.modules.search.candidates(name)]
        return f"looked for {', '.join(paths)}" if paths else "none was searched"
