"""Calls of Lua's library io → Go, and the Go file with the files that a plugin brings along."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from snippet2wasm.backend import goast
from snippet2wasm.backend.goast import Go, Name, call, method
from snippet2wasm.backend.naming import Names, camel
from snippet2wasm.ir.nodes import Action, ConfigValue, EmbeddedFile

if TYPE_CHECKING:
    from snippet2wasm.backend.calls import Calls

VARIABLE = "projectFiles"
"""The Go variable with all files."""


def _files(calls: Calls, expr: Action) -> Go:
    """All files: projectFiles.With("rules.json", cfg.Rules); luafile.Of() where the project has none."""
    found: Go = Name(VARIABLE) if calls.context.file.has_files else call("luafile.Of")
    for arg in expr.args:
        assert isinstance(arg, ConfigValue)
        name = goast.string(arg.config.lua_name.encode("utf-8", "surrogateescape"))
        found = method(found, "With", name, calls.exprs.text(arg))
    return found


def _open(calls: Calls, expr: Action, name: str = "luafile.Open") -> Go:
    """`io.open(path, mode)` → luafile.Open(projectFiles, path, mode, lua.Arg(1, "open", 7))."""
    mode = calls.exprs.value(expr.args[2]) if expr.args[2:] else Name("nil")
    return call(name, *_opened(calls, expr), mode, calls.argument_place(expr, 1))


def _open_values(calls: Calls, expr: Action) -> Go:
    return _open(calls, expr, "luafile.OpenValues")


def _lines(calls: Calls, expr: Action) -> Go:
    """`io.lines(path)`."""
    return call(
        "luafile.Lines",
        *_opened(calls, expr),
        calls.argument_place(expr, 1),
        *calls.variadic(expr.args[2:]),
    )


def _opened(calls: Calls, expr: Action) -> tuple[Go, Go]:
    files, path = expr.args[:2]
    return calls.exprs.value(files), calls.argument(expr, 1, path)


def _read(calls: Calls, expr: Action) -> Go:
    """`file:read("*a")` → file.ReadAll(…)."""
    assert expr.receiver is not None
    names = {"string": "ReadAll", "string?": "ReadLine"}
    name = names.get(str(expr.entry.results[0]), "Read")
    rest = calls.variadic(expr.args) if name == "Read" else []
    return method(calls.receiver(expr.receiver, expr), name, calls.argument_place(expr, 0), *rest)


def _method(name: str) -> Callable[[Calls, Action], Go]:
    """A method that takes any arguments."""

    def emit(calls: Calls, expr: Action) -> Go:
        assert expr.receiver is not None
        receiver = calls.receiver(expr.receiver, expr)
        return method(receiver, name, calls.argument_place(expr, 0), *calls.variadic(expr.args))

    return emit


SPECIALS: dict[str, Callable[[Calls, Action], Go]] = {
    "io_files": _files,
    "io_open": _open,
    "io_openValues": _open_values,
    "io_lines": _lines,
    "file_read": _read,
    "file_lines": _method("Lines"),
    "file_seek": _method("Seek"),
    "file_write": _method("Write"),
    "file_flush": _method("SetBuffer"),
}
"""Functions for the catalogue's spellings `special.…`."""


def files_go(files: list[EmbeddedFile], package: str, import_path: str) -> tuple[str, dict[str, bytes]]:
    """The text of files.go, and the files that it embeds by their paths beside it."""
    members, taken = Names(frozenset()), Names(frozenset())
    embedded: dict[str, bytes] = {}
    parts: list[str] = []
    lines: list[str] = []
    for each in files:
        if each.config is not None or each.data is None:
            continue
        shown = re.sub(r"[^\w.-]", "-", each.name, flags=re.ASCII)
        name = f"files/{taken.new(shown)}" + ("_" if shown == "go.mod" else "")
        variable = members.new(camel("file_" + re.sub(r"\W", "_", each.name, flags=re.ASCII)))
        embedded[name] = each.data
        parts.append(f"//go:embed {name}\nvar {variable} string\n")
        lines.append(f"\t{goast.quote(each.name.encode('utf-8', 'surrogateescape'))}, {variable},\n")
    known = f"luafile.Of(\n{''.join(lines)})" if lines else "luafile.Of()"
    blank = '\t_ "embed"\n\n' if lines else ""
    head = f'package {package}\n\nimport (\n{blank}\t"{import_path}"\n)\n\n'
    comment = f"// {VARIABLE} is the files that the Lua code can open: names and texts.\n"
    return head + "\n".join([*parts, f"{comment}var {VARIABLE} = {known}\n"]), embedded
