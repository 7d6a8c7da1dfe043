"""Go hooks: finds the user's Go function that stands for a Lua global and reads its signature.

A hook is an exported function of a package `hooks`, named like the Lua global without underscores and
without regard to case (`aes_decrypt` → `AESDecrypt`), with parameters of type string, float64 or bool,
optionally `*ngx.Request` first, and one
result: string, float64, bool, or `(string, bool)` for a string that may be nil. The folder goes into the
    plugin project with its tests.
"""

from __future__ import annotations

import re
from pathlib import Path

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend.bindings import Binding
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import Hook
from snippet2wasm.ir.types import Type

_GO_TYPES = {"string": types.STRING, "float64": types.NUMBER, "bool": types.BOOLEAN}
_RESULTS = {**_GO_TYPES, "(string)": types.STRING, "(string, bool)": types.of("string?")}
_FUNCTION = re.compile(r"^func ([A-Z]\w*)\(([^()]*)\)\s*(\([^()]*\)|[\w.*\[\]]*)\s*\{", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FORM = "func NAME([r *ngx.Request,] a string, b float64, c bool) string | float64 | bool | (string, bool)"


def find(name: str, binding: Binding, base: Path) -> Hook:
    """The hook for a global.

    Raises:
        Refusal: S2W203 if the folder, the function or a usable signature is missing.
    """
    folder = (base / binding.value).resolve()
    if not folder.is_dir():
        raise _refusal(
            binding,
            f"there is no folder {binding.value!r} with Go hooks",
            "the path is relative to the bindings file",
        )
    wanted = name.replace("_", "").lower()
    for path in sorted(folder.glob("*.go")):
        if path.name.endswith("_test.go") or not path.is_file():
            continue
        try:
            text = _COMMENT.sub("", path.read_text("utf-8", "replace"))
        except OSError as error:
            raise _refusal(binding, f"can't read {path.name}: {error.strerror}", "") from None
        for match in _FUNCTION.finditer(text):
            if match[1].lower() == wanted:
                if not re.search(r"^package hooks\b", text, re.MULTILINE):
                    raise _refusal(
                        binding,
                        f"{path.name} must be of package hooks",
                        "write `package hooks` on its first line",
                    )
                return _hook(name, match, binding, folder)
    go_name = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    raise _refusal(
        binding, f"no exported Go function for {name!r} in {binding.value!r}", _FORM.replace("NAME", go_name)
    )


def _hook(name: str, match: re.Match[str], binding: Binding, folder: Path) -> Hook:
    parameters = _parameters(match[2])
    result = _RESULTS.get(re.sub(r"\s+", " ", match[3].strip()))
    takes_request = parameters[:1] == ["*ngx.Request"]
    found: list[Type] = []
    for go_type in parameters[1:] if takes_request else parameters:
        if go_type not in _GO_TYPES:
            raise _refusal(binding, f"the hook {match[1]} has a parameter of type {go_type!r}", _FORM)
        found.append(_GO_TYPES[go_type])
    if result is None:
        raise _refusal(binding, f"the hook {match[1]} has the result {match[3]!r}", _FORM)
    return Hook(name, match[1], str(folder), tuple(found), result, takes_request)


def _parameters(text: str) -> list[str]:
    """The types of a Go parameter list; `a, b string` gives both their type."""
    found: list[str] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        words = part.split()
        if len(words) == 1:
            found.append("")  # named, its type follows with a later name
        else:
            found = [words[1] if type_ == "" else type_ for type_ in found]
            found.append(words[1])
    return found


def _refusal(binding: Binding, message: str, help_: str) -> Refusal:
    return Refusal(Diagnostic("S2W203", message, binding.span, help=help_))
