"""Makes docs/emitted-go.md: Lua or nginx's directives on one side, the Go that comes of it on the other.

    python tools/emitted_go.py

docs/emitted-go.yaml says what it shows.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.frontend import files
from snippet2wasm.source import Source

TOP = Path(__file__).resolve().parents[1]
PAGE = TOP / "docs" / "emitted-go.md"
CHOICE = TOP / "docs" / "emitted-go.yaml"

# Their .lua files are what nginx.conf holds, or are not Lua modules of the project.
_COPIES = frozenset(("device-heartbeat", "rate-limit"))

HEAD = """# The Go that comes out

Made by `python tools/emitted_go.py`; the tests check that it is true. `// :3` gives the line of the Lua.
`snippet2wasm compile --emit types INPUT` says what types the compiler found, and why they are no narrower.

"""


def page() -> str:
    """The whole page."""
    choice = yaml.safe_load(CHOICE.read_text("utf-8"))
    parts = [HEAD, "## Constructs\n\n"]
    parts += [_construct(each) for each in choice["constructs"]]
    parts.append("## Directives\n\n")
    parts += [_directives(each) for each in choice["directives"]]
    parts.append("## Whole handlers\n\n")
    parts += [_handler(TOP / name) for name in choice["handlers"]]
    return "".join(parts)


def _construct(entry: dict[str, Any]) -> str:
    source = Source("snippet.lua", entry["lua"].encode())
    compilation = compile_text(source, TOP, Options("shown", target="envoy"))
    return f"### {entry['title']}\n\n{_beside(entry['lua'], _functions(compilation.main_go()))}"


def _directives(entry: dict[str, Any]) -> str:
    source = Source("snippet.conf", entry["nginx"].encode())
    compilation = compile_text(source, TOP, Options("shown", target="envoy"))
    beside = _beside(entry["nginx"], _functions(compilation.main_go())).replace("```lua", "```nginx")
    return f"### {entry['title']}\n\n{beside}"


def _handler(path: Path) -> str:
    name = path.parent.name
    bindings = path.parent / "snippet2wasm.yaml"
    options = Options(name, target="envoy", bindings=bindings if bindings.exists() else None)
    compilation = compile_text(files.read(path, path.name), path.parent, options)
    lua = [path.read_text("utf-8")]
    modules = sorted(path.parent.glob("*.lua")) if name not in _COPIES else []
    lua += [f"-- {each.name}\n{each.read_text('utf-8')}" for each in modules]
    left = "\n".join(f"{text.strip()}\n" for text in lua)
    return f"### {name}\n\n{_beside(left, _go(compilation))}"


def _go(compilation: Compilation) -> str:
    """The Go of a project: its functions, and what stands behind the imports of its modules' files."""
    found = [_functions(compilation.main_go())]
    for name, data in sorted(compilation.files().items()):
        if name.startswith("module_") and name.endswith(".go"):
            code = re.split(r"(?m)^\)\n", data.decode(), maxsplit=1)[-1]
            found.append(f"// {name}\n\n{code.strip()}\n")
    return "\n".join(found)


def _functions(text: str) -> str:
    """The functions of a main.go: what comes behind `func init`."""
    return text.partition("\nfunc init() {")[2].partition("\n}\n")[2]


def _beside(lua: str, go: str) -> str:
    """Two texts beside each other, as GitHub shows them."""
    cells = [
        f'<td valign="top">\n\n```{name}\n{text.strip()}\n```\n\n</td>'
        for name, text in (("lua", lua), ("go", go))
    ]
    return f"<table><tr>\n{cells[0]}\n{cells[1]}\n</tr></table>\n\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
