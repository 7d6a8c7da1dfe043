"""Files that Lua code reads: which files of the project a plugin brings along.

Lua names files by paths of nginx's server, often put together when it runs. So the plugin gets each file
below the project's folder that a string constant of the code can name, also by its ending
(`folder .. name .. ".json"`, `"conf/%s.json"`), and finds them when it runs, by the path that is asked for or
by ever less of its beginning.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from snippet2wasm import catalogue
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend import files
from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.bindings import FileBinding
from snippet2wasm.frontend.trees import walk
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import Action, ConfigValue, EmbeddedFile
from snippet2wasm.lower.secrets import config_key, is_secret, is_secret_name
from snippet2wasm.source import Span

if TYPE_CHECKING:
    from snippet2wasm.lower.program import Program

PREFIX = b"/usr/local/nginx/"
"""What `ngx.config.prefix()` gives in a plugin: nginx's own default."""

_OPENING = frozenset((b"open", b"lines"))
_ENDING = re.compile(r"\.\w{1,10}")
_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_SETTING = re.compile(rb"""["']?([\w.-]{3,40})["']?\s*[:=]\s*["']?([^"'\s,;}]+)""")


class Files:
    """The files of a program.

    Attributes:
        found: those that it brings along, by their paths without a `/` in front.
    """

    def __init__(self, program: Program, folder: Path, bound: dict[str, FileBinding]) -> None:
        self.program = program
        self.folder = folder
        self.found: dict[str, EmbeddedFile] = {}
        self._bound = {_parts(path): binding for path, binding in bound.items()}
        self._strings: dict[str, Span] = {}
        self._sets: list[Action] = []
        self._opens = False

    def collect(self, syntax: ast.Chunk) -> None:
        """Takes in the string constants of a chunk."""
        for node in walk(syntax):
            match node:
                case ast.String(value=value) if 0 < len(value) < 256 and b"\n" not in value:
                    self._strings.setdefault(value.decode("utf-8", "surrogateescape"), node.span)
                case _:
                    pass

    def set(self, span: Span) -> Action:
        """The operand that stands for all files."""
        entry = catalogue.load().entries["io.files"]
        found = Action(span, entry, entry.name, None, [])
        self._sets.append(found)
        return found

    def open(self, path: bytes | None, span: Span) -> None:
        """Notes that the code opens a file; None for a path that is not known before it runs."""
        if not self._opens:
            self._opens = True
            self._find_all()
        if path is None:
            return
        name = path.decode("utf-8", "surrogateescape")
        if self._is_known(name):
            return
        if not self._add(name, span):
            shown = _parts(name) or name
            key = config_key(Path(shown).name)
            self.program.error(
                Diagnostic(
                    "S2W238",
                    f"the project has no file {name!r}",
                    span,
                    reason="a plugin brings along the files that its code reads; this one was looked for"
                    " below the input's folder, by its whole path and by ever less of its beginning",
                    help="put it there, or say in a bindings file (--bindings FILE) what it is; one of",
                    paste=(
                        "files:\n"
                        f"  {shown}: {{file: path/to/file}}   # this file\n"
                        f"  # {shown}: {{config: {key}}}   # text in the configuration\n"
                        f"  # {shown}: {{missing: true}}   # nginx does not have it either"
                    ),
                )
            )

    def finish(self) -> list[EmbeddedFile]:
        """The files in order, when all code is known."""
        found = [self.found[name] for name in sorted(self.found)]
        for action in self._sets:
            action.args = [ConfigValue(action.span, each.config) for each in found if each.config is not None]
        return found if self._opens else []

    def _is_known(self, name: str) -> bool:
        return any(tail in self.found or tail in self._bound for tail in _tails(name))

    def _find_all(self) -> None:
        for name, binding in self._bound.items():
            self._bind(name, binding)
        folders = [
            text
            for text in self._strings
            if text.endswith("/") and any(self._candidates(text, is_file=False))
        ]
        for text, span in self._strings.items():
            if not text.endswith("/") and not self._is_known(text):
                for folder in ("", *folders):
                    self._add(folder + text, span)
        for text, span in self._strings.items():
            for folder in folders if _ENDING.fullmatch(text) else ():
                self._add_all(folder, "*" + text, span)
            above, slash, name = text.rpartition("/")
            if "%s" in name and "%" not in above:
                self._add_all(above + slash, glob.escape(name).replace("%s", "*"), span)

    def _candidates(self, name: str, *, is_file: bool = True) -> Iterator[tuple[str, Path]]:
        """The files, or folders, below the project's that a path can mean."""
        for tail in _tails(name):
            path = self.folder / tail
            try:
                if (path.is_file() if is_file else path.is_dir()) and ".." not in path.parts:
                    yield tail, path
            except (OSError, ValueError):
                return

    def _add_all(self, folder: str, pattern: str, span: Span) -> None:
        """Brings along the files of a folder whose names are made of a pattern with `*`."""
        for _, path in list(self._candidates(folder, is_file=False)):
            for each in sorted(path.iterdir()):
                if fnmatchcase(each.name, pattern):
                    self._add(f"{folder}/{each.name}", span)

    def _add(self, name: str, span: Span) -> bool:
        """Brings a file of the project along, if there is one with this path."""
        for tail, path in self._candidates(name):
            if tail not in self.found:
                try:
                    data = files.read(path, tail).data
                except files.Unreadable:
                    continue
                self._embed(tail, data, span)
            return True
        return False

    def _bind(self, name: str, binding: FileBinding) -> None:
        match binding.form:
            case "config":
                field = self.program.configure(
                    binding.value, name, binding.span, binding.secret, types.STRING
                )
                data = next((files.read(path).data for _, path in self._candidates(name)), None)
                self.found[name] = EmbeddedFile(name, data, field)
            case "file":
                path = self.program.bindings.folder / binding.value
                try:
                    self.found[name] = EmbeddedFile(name, files.read(path).data, None)
                except files.Unreadable as error:
                    message = f"can't read {binding.value!r}: {error}"
                    self.program.error(Diagnostic("S2W236", message, binding.span))
            case _:
                pass

    def _embed(self, name: str, data: bytes, span: Span) -> None:
        if _holds_secrets(name, data):
            key = config_key(Path(name).name)
            field = self.program.configure(key, name, span, True, types.STRING)
            self.found[name] = EmbeddedFile(name, data, field)
            self.program.error(
                Diagnostic(
                    "S2W411",
                    f"{name} looks as if it held secrets; the plugin reads it from its configuration, key"
                    f" {key!r}",
                    span,
                    reason="generated code, images and logs must not hold secrets",
                    help=f"put its text into the plugin's configuration, key {key!r}; or, if nothing in it is"
                    f" secret, bind it: files: {{{name}: {{file: {name}}}}}",
                    severity=Severity.WARNING,
                )
            )
            return
        self.found[name] = EmbeddedFile(name, data, None)
        self.program.error(
            Diagnostic(
                "S2W410",
                f"the file {name} becomes part of the plugin",
                span,
                reason="a plugin has no file system; whoever gets the image gets the file, and a change of it"
                " needs a new image",
                help="to give its text with the configuration instead, bind it:"
                f" files: {{{name}: {{config: {config_key(Path(name).name)}}}}}",
                severity=Severity.WARNING,
            )
        )


def _parts(path: str) -> str:
    """A path without `/` in front and without what means nothing."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _tails(path: str) -> list[str]:
    """A path and what is left of it without ever more of its beginning."""
    parts = _parts(path).split("/")
    return ["/".join(parts[skipped:]) for skipped in range(len(parts)) if parts != [""]]


def _holds_secrets(name: str, data: bytes) -> bool:
    """Whether a file looks as if it held keys, passwords or tokens."""
    if _PRIVATE_KEY.search(data) or is_secret_name(Path(name).stem):
        return True
    return any(is_secret(key.decode(), value) for key, value in _SETTING.findall(data))
